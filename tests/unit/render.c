// SPDX-License-Identifier: MIT
// render.c: every kind in every layout, with values at the edges.
#include "render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

struct row {
    uint64_t count, bytes, key, mode, user, time, words;
    const char *text;
};

static const struct word words[] = {{1, "one"}, {4, "four"}, {0}};

#define FIELD(name) .offset = offsetof(struct row, name)

static const struct column columns[] = {
    {"count", KIND_COUNT, FIELD(count), .nullable = true, .starred = true},
    {"bytes", KIND_BYTES, FIELD(bytes), .starred = true},
    {"key", KIND_KEY, FIELD(key)},
    {"mode", KIND_MODE, FIELD(mode)},
    {"user", KIND_USER, FIELD(user)},
    {"group", KIND_GROUP, FIELD(user)},
    {"time", KIND_TIME, FIELD(time)},
    {"words", KIND_WORDS, FIELD(words), .words = words},
    {"text", KIND_TEXT, FIELD(text)},
};

static const struct table table = {"rows", columns, sizeof columns / sizeof *columns,
                                   sizeof(struct row)};

#define NOBODY 4294967294U // no account has it

static const struct row sample[] = {
    {7, 2048, 13, 0666, 0, 86400, 5, "plain"},
    {UINT64_MAX, UINT64_MAX, 0xffffffff, 07600, NOBODY, 0, 0, NULL},
    {1000000000000001, 0, 0, 0, NOBODY, 1, 4, "q\"uo\\x5cte"},
};

static int terminal = -1, printed = -1;

// What is printed from now on goes to a file of memory.
static void begin_capture(void)
{
    fflush(stdout);
    terminal = dup(STDOUT_FILENO);
    printed = memfd_create("printed", 0);
    assert_int_equal(dup2(printed, STDOUT_FILENO), STDOUT_FILENO);
}

// Ends that and returns what was printed.
static const char *end_capture(void)
{
    static char text[4096];
    ssize_t length;

    fflush(stdout);
    assert_int_equal(dup2(terminal, STDOUT_FILENO), STDOUT_FILENO);
    length = pread(printed, text, sizeof text - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    close(terminal);
    close(printed);
    return text;
}

static void check(enum layout layout, bool headings, bool exact, const char *spec,
                  const char *expected)
{
    struct view view = render_usual(&table, layout, false);
    struct row rows[3];
    const char *bad;
    size_t length;

    view.headings = headings;
    view.exact = exact;
    memcpy(rows, sample, sizeof rows);
    assert_null(render_choose(&view, spec, &bad, &length));
    begin_capture();
    render(&view, rows, 3);
    assert_string_equal(end_capture(), expected);
}

static void tables(void **state)
{
    (void)state;
    check(LAYOUT_TABLE, true, false, "count,bytes,text",
          "           COUNT  BYTES  TEXT\n"
          "               7     2K  plain\n"
          "               -  16.0E  -\n"
          "1000000000000001      0  q\"uo\\x5cte\n");
    check(LAYOUT_TABLE, false, true, "text,bytes",
          "plain                       2048\n"
          "-           18446744073709551615\n"
          "q\"uo\\x5cte                     0\n");
    check(LAYOUT_TABLE, false, false, "key,mode,words,user",
          "0x0000000d  0666  one,four  root\n"
          "0xffffffff  0600  -         4294967294\n"
          "0x00000000  0000  four      4294967294\n");
}

static void sizes(void **state)
{
    static const struct {
        uint64_t bytes;
        const char *spelled;
    } examples[] = {
        {0, "0\n"},
        {1, "1\n"},
        {1023, "1023\n"},
        {1024, "1K\n"},
        {2500, "2500\n"},
        {9999, "9999\n"},
        {10000, "9.8K\n"},
        {10240, "10K\n"},
        {9999ULL << 10, "9999K\n"},
        {10000ULL << 10, "9.8M\n"},
        {1500ULL << 20, "1500M\n"},
        {155200000, "148.0M\n"},
        {5000000000, "4.7G\n"},
        {5368709121, "5.0G\n"},
        {(1ULL << 20) - 1, "1.0M\n"},
        {(1ULL << 20) - 53, "1023.9K\n"},
        {(1ULL << 30) - 1, "1.0G\n"},
        {1ULL << 60, "1E\n"},
        {15ULL << 60, "15E\n"},
        {INT64_MAX, "8.0E\n"},
        {UINT64_MAX, "16.0E\n"},
    };
    struct view view = render_usual(&table, LAYOUT_TABLE, true);
    const char *bad;
    size_t length;

    (void)state;
    view.headings = false;
    assert_null(render_choose(&view, "bytes", &bad, &length));
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct row row = {.bytes = examples[i].bytes};

        begin_capture();
        render(&view, &row, 1);
        assert_string_equal(end_capture(), examples[i].spelled);
    }
}

static void spans(void **state)
{
    static const struct column column = {"idle", KIND_SPAN, .starred = true};
    static const struct table spans = {"spans", &column, 1, sizeof(uint64_t)};
    uint64_t values[] = {0, 59, 60, 61, 3600, 3661, 86399, 86400, 273600, 8640000000};
    struct view view = render_usual(&spans, LAYOUT_TABLE, true);

    (void)state;
    view.headings = false;
    begin_capture();
    render(&view, values, sizeof values / sizeof *values);
    assert_string_equal(end_capture(), "     0s\n    59s\n     1m\n   1m1s\n     1h\n   1h1m\n"
                                       " 23h59m\n     1d\n   3d4h\n100000d\n");
    view.layout = LAYOUT_RAW;
    begin_capture();
    render(&view, values, 2);
    assert_string_equal(end_capture(), "0\n59\n");
}

static void raw_text(void **state)
{
    (void)state;
    check(LAYOUT_RAW, true, false, "count,bytes,time,words,group",
          "COUNT\tBYTES\tTIME\tWORDS\tGROUP\n"
          "7\t2048\t86400\tone,four\troot\n"
          "-\t18446744073709551615\t-\t-\t4294967294\n"
          "1000000000000001\t0\t1\tfour\t4294967294\n");
}

static void records(void **state)
{
    (void)state;
    check(LAYOUT_RECORDS, true, false, "bytes,time",
          "bytes: 2048\ntime: 1970-01-02T03:00:00+03:00\n\n"
          "bytes: 18446744073709551615\ntime: -\n\n"
          "bytes: 0\ntime: 1970-01-01T03:00:01+03:00\n");
    check(LAYOUT_RECORDS, false, true, "bytes", "2048\n\n18446744073709551615\n\n0\n");
}

static void json(void **state)
{
    (void)state;
    check(LAYOUT_JSON, true, false, "count,bytes,key,mode,user,group,time,words,text",
          "{\"schema_version\":1,\"rows\":[\n"
          "{\"count\":7,\"bytes\":2048,\"key\":\"0x0000000d\",\"mode\":\"0666\",\"user\":\"root\","
          "\"group\":\"root\","
          "\"time\":\"1970-01-02T00:00:00Z\",\"words\":[\"one\",\"four\"],\"text\":\"plain\"},\n"
          "{\"count\":null,\"bytes\":18446744073709551615,\"key\":\"0xffffffff\",\"mode\":\"0600\","
          "\"user\":null,"
          "\"group\":null,\"time\":null,\"words\":[],\"text\":null},\n"
          "{\"count\":1000000000000001,\"bytes\":0,\"key\":\"0x00000000\",\"mode\":\"0000\","
          "\"user\":null,"
          "\"group\":null,\"time\":\"1970-01-01T00:00:01Z\",\"words\":[\"four\"],\"text\":"
          "\"q\\\"uo\\\\x5cte\"}\n"
          "]}\n");
}

static void no_rows(void **state)
{
    struct view view = render_usual(&table, LAYOUT_JSON, true);

    (void)state;
    begin_capture();
    render(&view, NULL, 0);
    view.layout = LAYOUT_TABLE;
    render(&view, NULL, 0);
    assert_string_equal(end_capture(), "{\"schema_version\":1,\"rows\":[]}\nCOUNT  BYTES\n");
}

static void check_order(const char *sort, bool descending, const uint64_t order[3])
{
    struct view view = render_usual(&table, LAYOUT_RAW, true);
    struct row rows[3];

    memcpy(rows, sample, sizeof rows);
    view.descending = descending;
    view.sort = render_column(&table, sort, strlen(sort));
    assert_non_null(view.sort);
    begin_capture();
    render(&view, rows, 3);
    end_capture();
    for (int i = 0; i < 3; i++)
        assert_int_equal(rows[i].key, order[i]);
}

static void sorting(void **state)
{
    (void)state;
    check_order("bytes", false, (const uint64_t[]){0, 13, 0xffffffff});
    check_order("bytes", true, (const uint64_t[]){0xffffffff, 13, 0});
    check_order("user", false, (const uint64_t[]){0, 0xffffffff, 13}); // ties by the first columns
    check_order("TEXT", true, (const uint64_t[]){0, 13, 0xffffffff});
}

static void choosing(void **state)
{
    struct view view = render_usual(&table, LAYOUT_TABLE, true);
    const char *bad;
    size_t length;

    (void)state;
    assert_int_equal(view.column_count, 2);
    assert_null(render_choose(&view, "+text,Key", &bad, &length));
    assert_int_equal(view.column_count, 4);
    assert_string_equal(view.columns[3]->name, "key");
    assert_null(render_choose(&view, "mode", &bad, &length));
    assert_int_equal(view.column_count, 1);
    assert_non_null(render_choose(&view, "mode,mod", &bad, &length));
    assert_string_equal(bad, "mod");
    assert_int_equal(length, 3);
    assert_non_null(render_choose(&view, "mode,key,mode", &bad, &length));
    assert_non_null(render_choose(&view, "+key,", &bad, &length));
    assert_non_null(render_choose(&view, "", &bad, &length));
    assert_non_null(render_choose(&view, ",key", &bad, &length));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables),   cmocka_unit_test(sizes),   cmocka_unit_test(spans),
        cmocka_unit_test(raw_text), cmocka_unit_test(records), cmocka_unit_test(json),
        cmocka_unit_test(no_rows),  cmocka_unit_test(sorting), cmocka_unit_test(choosing),
    };

    setenv("TZ", "XYZ-3", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
