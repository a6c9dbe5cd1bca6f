// SPDX-License-Identifier: MIT
// process.c: whether a process is still the one that it was.
#include "process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static uint64_t now(void)
{
    return (uint64_t)time(NULL);
}

static void alive(void **state)
{
    (void)state;
    assert_int_equal(process_gone(getpid(), now()), 0);
    assert_int_equal(process_gone(getpid(), now() + 1000), 0);
}

static void started_later(void **state)
{
    (void)state;
    assert_int_equal(process_gone(getpid(), now() - 1000), 1);
    assert_int_equal(process_gone(getpid(), 0), 1);
}

static void name_that_looks_like_stat(void **state)
{
    (void)state;
    prctl(PR_SET_NAME, "a) S 1 ) 2 3\n4");
    alive(state);
    started_later(state);
}

static void ended(void **state)
{
    pid_t child = fork();

    (void)state;
    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(process_gone(child, now()), 1);
}

static void foreign(void **state)
{
    (void)state;
    assert_int_equal(process_gone(0, now()), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alive),
        cmocka_unit_test(started_later),
        cmocka_unit_test(name_that_looks_like_stat),
        cmocka_unit_test(ended),
        cmocka_unit_test(foreign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
