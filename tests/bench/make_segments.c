// SPDX-License-Identifier: MIT
// make_segments COUNT: creates segments with keys 1 to COUNT.
#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 0;

    for (int i = 1; i <= count; i++) {
        if (shmget(i, 4096 * (size_t)(1 + i % 7), IPC_CREAT | 0600) < 0) {
            perror("shmget");
            return 1;
        }
    }
    return 0;
}
