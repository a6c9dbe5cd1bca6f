// SPDX-License-Identifier: MIT
// make_processes COUNT: so many processes, each with three of the segments that make_segments has
// made attached, until standard input ends.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const int count = argc > 1 ? atoi(argv[1]) : 0;
    struct shm_info info;
    const int segments = shmctl(0, SHM_INFO, (void *)&info) < 0 ? 0 : info.used_ids;

    for (int i = 0; i < count; i++) {
        const pid_t child = fork();

        if (child < 0)
            return 1;
        if (child > 0)
            continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int s = 0; s < 3; s++)
            if (shmat(shmget((i + s) % segments + 1, 0, 0), NULL, SHM_RDONLY) == (void *)-1)
                _exit(1);
        for (;;)
            pause();
    }
    puts("ready");
    fclose(stdout);
    while (getchar() != EOF)
        continue;
    return 0;
}
