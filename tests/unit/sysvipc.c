// SPDX-License-Identifier: MIT
// sysvipc.c: lines of /proc/sysvipc/shm, and lines that are none.
#include "sysvipc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool parse(const char *text, struct segment *row)
{
    return sysvipc_parse_line(text, text + strlen(text), row);
}

#define COMMON                                                                                     \
    "        13     131079  1666         2048  101  202     3  1000  1001  1002  1003 11 12 13"

static void check_common(const struct segment *row)
{
    assert_int_equal(row->key, 13);
    assert_int_equal(row->id, 131079);
    assert_int_equal(row->mode, 01666);
    assert_int_equal(row->size, 2048);
    assert_int_equal(row->cpid, 101);
    assert_int_equal(row->lpid, 202);
    assert_int_equal(row->nattch, 3);
    assert_int_equal(row->uid, 1000);
    assert_int_equal(row->gid, 1001);
    assert_int_equal(row->cuid, 1002);
    assert_int_equal(row->cgid, 1003);
    assert_int_equal(row->atime, 11);
    assert_int_equal(row->dtime, 12);
    assert_int_equal(row->ctime, 13);
}

static void every_column(void **state)
{
    struct segment row;

    (void)state;
    assert_true(parse(COMMON " 4096 8192", &row));
    check_common(&row);
    assert_int_equal(row.rss, 4096);
    assert_int_equal(row.swap, 8192);
}

static void extreme_values(void **state)
{
    struct segment row;

    (void)state;
    assert_true(parse("-1 2147483647 3777 9223372036854775807 0 0 0 4294967295 0 0 0 0 0 0 "
                      "18446744073709551615 0",
                      &row));
    assert_int_equal(row.key, UINT32_MAX);
    assert_int_equal(row.id, INT32_MAX);
    assert_int_equal(row.mode, 03777);
    assert_true(row.size == INT64_MAX);
    assert_int_equal(row.uid, UINT32_MAX);
    assert_true(row.rss == UINT64_MAX);
    assert_true(parse("-2147483648 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0", &row));
    assert_int_equal(row.key, 0x80000000);
}

static void no_lines(void **state)
{
    static const char *const texts[] = {
        "",
        "   ",
        COMMON,
        COMMON " 1",
        COMMON " 1 2 3",
        "1 2 3 -4 5 6 7 8 9 10 11 12 13 14 15 16",
        COMMON " 4096 x",
        COMMON " 4096 -",
        COMMON " 4096 8192\t",
        "1 2 8 4 5 6 7 8 9 10 11 12 13 14 15 16",
        "a 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
        "1 2 3 18446744073709551616 5 6 7 8 9 10 11 12 13 14 15 16",
        "0x1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
        NULL,
    };
    struct segment row;

    (void)state;
    for (size_t i = 0; texts[i]; i++)
        if (parse(texts[i], &row))
            fail_msg("'%s' was taken", texts[i]);
}

static void finding(void **state)
{
    struct segment rows[] = {{.key = 0, .id = 1}, {.key = 7, .id = 2}, {.key = 0, .id = 7}};
    const struct segments all = {rows, 3, 3};

    (void)state;
    assert_ptr_equal(sysvipc_find(&all, true, 7), &rows[1]);
    assert_ptr_equal(sysvipc_find(&all, false, 7), &rows[2]);
    assert_null(sysvipc_find(&all, false, 3));
    assert_null(sysvipc_find(&all, true, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column),
        cmocka_unit_test(extreme_values),
        cmocka_unit_test(no_lines),
        cmocka_unit_test(finding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
