// SPDX-License-Identifier: MIT
// semlocker KEY: takes the lock of semlock as the manual shows it, prints "locked", frees it at the
// end of stdin, prints "unlocked".
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>

int main(int argc, char **argv)
{
    key_t key = (key_t)strtoul(argc > 1 ? argv[1] : "0", NULL, 0);
    struct sembuf lock[] = {{0, 0, 0}, {0, 1, SEM_UNDO}}, unlock = {0, -1, SEM_UNDO};
    int id = semget(key, 2, IPC_CREAT | 0600);

    if (id < 0 || semop(id, lock, 2) != 0) {
        perror("semlocker");
        return 1;
    }
    puts("locked");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    if (semop(id, &unlock, 1) != 0)
        return 1;
    puts("unlocked");
    return 0;
}
