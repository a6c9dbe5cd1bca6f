// SPDX-License-Identifier: MIT
// process.c: whether a process is there.
#include "process.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void alive(void **state)
{
    (void)state;
    assert_false(process_gone(getpid()));
    assert_false(process_gone(1));
}

static void name_that_looks_like_stat(void **state)
{
    (void)state;
    prctl(PR_SET_NAME, "a) Z 1 ) Z 3\n4");
    alive(state);
    prctl(PR_SET_NAME, "usual");
}

static void ended(void **state)
{
    pid_t child = fork();

    (void)state;
    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(process_gone(child));
}

// Returns when /proc says that the process is a zombie.
static void wait_for_zombie(pid_t pid)
{
    char path[64], text[256] = "";

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    while (!strstr(text, ") Z ")) {
        FILE *file = fopen(path, "r");

        assert_non_null(file);
        assert_non_null(fgets(text, sizeof text, file));
        fclose(file);
    }
}

static void zombie(void **state)
{
    pid_t child = fork();

    (void)state;
    if (child == 0)
        _exit(0);
    wait_for_zombie(child);
    assert_true(process_gone(child));
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void *run_on(void *data)
{
    for (;;)
        pause();
    return data;
}

static void zombie_that_runs_on(void **state)
{
    pid_t child = fork();
    pthread_t thread;

    (void)state;
    if (child == 0) {
        pthread_create(&thread, NULL, run_on, NULL);
        pthread_exit(NULL);
    }
    wait_for_zombie(child);
    assert_false(process_gone(child));
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alive),
        cmocka_unit_test(name_that_looks_like_stat),
        cmocka_unit_test(ended),
        cmocka_unit_test(zombie),
        cmocka_unit_test(zombie_that_runs_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
