// SPDX-License-Identifier: MIT
// holder ID [COUNT [NAME [BYTES]]]: attaches segment ID COUNT times as a process called NAME
// (unless that is empty), makes the first BYTES of each attachment read-only, prints "attached",
// and sleeps until killed.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int count = argc > 2 ? atoi(argv[2]) : 1;

    if (argc < 2)
        return 2;
    if (argc > 3 && *argv[3])
        prctl(PR_SET_NAME, argv[3]);
    for (int i = 0; i < count; i++) {
        void *address = shmat(atoi(argv[1]), NULL, 0);

        if (address == (void *)-1 ||
            (argc > 4 && mprotect(address, strtoul(argv[4], NULL, 10), PROT_READ) != 0)) {
            perror("holder");
            return 1;
        }
    }
    puts("attached");
    fflush(stdout);
    pause();
    return 0;
}
