// SPDX-License-Identifier: MIT
// parse.c: what is taken, what is refused, and that a refusal changes nothing.
#include "parse.h"

// cmocka.h wants these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef const char *parser(const char *, uint64_t *);

struct example {
    const char *text;
    uint64_t value;
};

static void check_taken(parser *parse, const struct example *example)
{
    for (; example->text; example++) {
        uint64_t value = 77;
        const char *why = parse(example->text, &value);

        if (why || value != example->value)
            fail_msg("'%s': %s, %ju", example->text, why ? why : "taken", (uintmax_t)value);
    }
}

static void check_refused(parser *parse, const char *const *text)
{
    for (; *text; text++) {
        uint64_t value = 77;
        const char *why = parse(*text, &value);

        if (!why || value != 77)
            fail_msg("'%s' was taken as %ju", *text, (uintmax_t)value);
    }
}

static void sizes(void **state)
{
    (void)state;
    check_taken(parse_size, (const struct example[]){
                                {"0", 0},
                                {"1", 1},
                                {"010", 10},
                                {"18446744073709551615", UINT64_MAX},
                                {"0xffffffffffffffff", UINT64_MAX},
                                {"0x1F", 31},
                                {"2K", 2048},
                                {"2k", 2048},
                                {"2KiB", 2048},
                                {"2kib", 2048},
                                {"2KB", 2000},
                                {"2kb", 2000},
                                {"3M", (uint64_t)3 << 20},
                                {"3MB", 3000000},
                                {"4G", (uint64_t)4 << 30},
                                {"5TiB", (uint64_t)5 << 40},
                                {"6P", (uint64_t)6 << 50},
                                {"15E", (uint64_t)15 << 60},
                                {"18EB", 18000000000000000000U},
                                {0},
                            });
    check_refused(parse_size, (const char *const[]){
                                  "",
                                  "0x",
                                  "-1",
                                  "+1",
                                  " 1",
                                  "1 ",
                                  "1 K",
                                  "1KK",
                                  "16E",
                                  "19EB",
                                  "1.5",
                                  "K",
                                  "1B",
                                  "1iB",
                                  "1i",
                                  "1KiBx",
                                  "0x1K",
                                  "0xg",
                                  "1e3",
                                  "1\t",
                                  "1Q",
                                  "1@",
                                  "0x10000000000000000",
                                  "18446744073709551616",
                                  "99999999999999999999999",
                                  NULL,
                              });
}

static void keys(void **state)
{
    (void)state;
    check_taken(parse_key, (const struct example[]){
                               {"0", 0},
                               {"0x0", 0},
                               {"13", 13},
                               {"0xd", 13},
                               {"0x0000000D", 13},
                               {"4294967295", UINT32_MAX},
                               {"0xffffffff", UINT32_MAX},
                               {"-1", UINT32_MAX},
                               {"-2", 0xfffffffe},
                               {"-2147483648", 0x80000000},
                               {"key:0xd", 13},
                               {"key:-1", UINT32_MAX},
                               {0},
                           });
    check_refused(parse_key, (const char *const[]){
                                 "",
                                 "013",
                                 "00",
                                 "4294967296",
                                 "0x100000001",
                                 "0x000000001",
                                 "-2147483649",
                                 "-0",
                                 "-013",
                                 "--1",
                                 "+1",
                                 " 1",
                                 "1K",
                                 "0x",
                                 "-0x1",
                                 "key:key:1",
                                 "id:1",
                                 NULL,
                             });
}

static void modes_bytes_pids(void **state)
{
    (void)state;
    check_taken(parse_mode, (const struct example[]){
                                {"0", 0}, {"600", 0600}, {"0777", 0777}, {"00666", 0666}, {0}});
    check_refused(parse_mode, (const char *const[]){"", "888", "01000", "3644", "04644", "u+r",
                                                    "-1", "0x1", NULL});
    check_taken(parse_byte,
                (const struct example[]){{"0", 0}, {"255", 255}, {"0xff", 255}, {"010", 10}, {0}});
    check_refused(parse_byte, (const char *const[]){"", "256", "0x100", "-1", "a", "1K", NULL});
    check_taken(parse_pid, (const struct example[]){{"1", 1}, {"2147483647", INT32_MAX}, {0}});
    check_refused(parse_pid, (const char *const[]){"", "0", "-1", "2147483648", "1x", "01", NULL});
}

static void seconds_projs(void **state)
{
    (void)state;
    check_taken(parse_seconds, (const struct example[]){
                                   {"0", 0},
                                   {"5", 5000000000},
                                   {"0.5", 500000000},
                                   {".5", 500000000},
                                   {"1.", 1000000000},
                                   {"1.25", 1250000000},
                                   {"0.0000000019", 1},
                                   {"2147483647.999999999", INT32_MAX * 1000000000ULL + 999999999},
                                   {0}});
    check_refused(parse_seconds,
                  (const char *const[]){"", ".", "-1", "-.5", "+1", "1.5.5", "1.5s", "1s", "1,5",
                                        " 1", "1. ", "1e3", "2147483648", NULL});
    check_taken(parse_proj, (const struct example[]){{"1", 1},
                                                     {"9", 9},
                                                     {"255", 255},
                                                     {"a", 'a'},
                                                     {"-", '-'},
                                                     {" ", ' '},
                                                     {"\xff", 255},
                                                     {0}});
    check_refused(parse_proj, (const char *const[]){"", "0", "256", "01", "00", "0x1", "ab", "1a",
                                                    "-1", "\xc3\xa9", "4294967297", NULL});
}

static void segments_taken(void **state)
{
    static const struct {
        const char *text;
        struct segment_name name;
    } examples[] = {
        {"0", {.bare = true, .value = 0}},
        {"42", {.bare = true, .value = 42}},
        {"2147483647", {.bare = true, .value = INT32_MAX}},
        {"id:42", {.value = 42}},
        {"0x2a", {.by_key = true, .value = 42}},
        {"key:42", {.by_key = true, .value = 42}},
        {"key:0x2a", {.by_key = true, .value = 42}},
        {"key:-1", {.by_key = true, .value = UINT32_MAX}},
        {"0xffffffff", {.by_key = true, .value = UINT32_MAX}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct segment_name name;

        assert_null(parse_segment(examples[i].text, &name));
        assert_string_equal(name.text, examples[i].text);
        assert_int_equal(name.by_key, examples[i].name.by_key);
        assert_int_equal(name.bare, examples[i].name.bare);
        assert_int_equal(name.value, examples[i].name.value);
    }
}

static void segments_refused(void **state)
{
    static const char *const texts[] = {
        "",        "-1",          "2147483648",     "1x",  "013",  "0x0",     "key:0",
        "key:0x0", "0x100000001", "key:4294967296", "id:", "key:", "id:0x2a", "id:-1",
        " 1",      "KEY:1",       "id:key:1",       "0x",  NULL,
    };

    (void)state;
    for (size_t i = 0; texts[i]; i++) {
        struct segment_name name = {.value = 77};

        if (!parse_segment(texts[i], &name) || name.value != 77)
            fail_msg("'%s' was taken", texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),
        cmocka_unit_test(keys),
        cmocka_unit_test(modes_bytes_pids),
        cmocka_unit_test(seconds_projs),
        cmocka_unit_test(segments_taken),
        cmocka_unit_test(segments_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
