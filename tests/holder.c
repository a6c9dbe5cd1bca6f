// SPDX-License-Identifier: MIT
// holder ID [COUNT]: attaches segment ID COUNT times, prints "attached", sleeps until killed.
#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int count = argc > 2 ? atoi(argv[2]) : 1;

    if (argc < 2)
        return 2;
    for (int i = 0; i < count; i++) {
        if (shmat(atoi(argv[1]), NULL, 0) == (void *)-1) {
            perror("shmat");
            return 1;
        }
    }
    puts("attached");
    fflush(stdout);
    pause();
    return 0;
}
