// SPDX-License-Identifier: MIT
// The classic pair of programs: tutorial write TEXT | read | remove, on key 13, 2048 bytes.
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>

int main(int argc, char **argv)
{
    int id = shmget(13, 2048, IPC_CREAT | 0666);
    char *memory;

    if (id < 0 || argc < 2) {
        perror("shmget");
        return 1;
    }
    if (!strcmp(argv[1], "remove"))
        return shmctl(id, IPC_RMID, NULL) != 0;
    memory = shmat(id, NULL, 0);
    if (memory == (void *)-1) {
        perror("shmat");
        return 1;
    }
    if (!strcmp(argv[1], "write"))
        strcpy(memory, argv[2]);
    else
        puts(memory);
    return shmdt(memory) != 0;
}
