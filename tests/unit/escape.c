// SPDX-License-Identifier: MIT
// escape.c: the output is valid UTF-8 without control characters, whatever comes in.
#include "escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *text, size_t length, const char *expected)
{
    char out[256];
    struct escaped escaped = escape_text(out, text, length, "", false);

    assert_int_equal(escaped.taken, length);
    assert_int_equal(escaped.written, strlen(expected));
    assert_memory_equal(out, expected, escaped.written);
}

#define CHECK(text, expected) check(text, sizeof(text) - 1, expected)

static void examples(void **state)
{
    (void)state;
    CHECK("", "");
    CHECK("plain ~", "plain ~");
    CHECK("tab\tnl\nesc\x1b[31m", "tab\\x09nl\\x0aesc\\x1b[31m");
    CHECK("a\0b", "a\\x00b");
    CHECK("del\x7f", "del\\x7f");
    CHECK("back\\slash", "back\\x5cslash");
    CHECK("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
    CHECK("\xe2\x82\xac \xf0\x9f\x98\x80", "\xe2\x82\xac \xf0\x9f\x98\x80");
    CHECK("c1\xc2\x9b", "c1\\xc2\\x9b");
    CHECK("\xc2\xa0", "\xc2\xa0");
    CHECK("over\xc0\x80", "over\\xc0\\x80");
    CHECK("over\xe0\x80\x80", "over\\xe0\\x80\\x80");
    CHECK("over\xf0\x80\x80\x80", "over\\xf0\\x80\\x80\\x80");
    CHECK("surrogate\xed\xa0\x80", "surrogate\\xed\\xa0\\x80");
    CHECK("past\xf4\x90\x80\x80", "past\\xf4\\x90\\x80\\x80");
    CHECK("lone\x80", "lone\\x80");
    CHECK("\xe2\x80\xa7 \xe2\x80\xaf", "\xe2\x80\xa7 \xe2\x80\xaf");
    CHECK("\xe2\x80\xa8\xe2\x80\xa9", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9");
    CHECK("\xe2\x80\xaa\xe2\x80\xae", "\\xe2\\x80\\xaa\\xe2\\x80\\xae");
    CHECK("\xe2\x81\xa5 \xe2\x81\xaa", "\xe2\x81\xa5 \xe2\x81\xaa");
    CHECK("\xe2\x81\xa6\xe2\x81\xa9", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9");
    CHECK("cut\xe2\x82", "cut\\xe2\\x82");
    CHECK("cut\xe2\x82z", "cut\\xe2\\x82z");
    CHECK("\xff\xfe", "\\xff\\xfe");
}

static void kept_characters(void **state)
{
    char out[64];
    struct escaped escaped = escape_text(out, "a\n\t\\\x01", 5, "\n\t\\", false);

    (void)state;
    assert_int_equal(escaped.written, 8);
    assert_memory_equal(out, "a\n\t\\\\x01", 8);
}

static void sequences_cut_by_a_block(void **state)
{
    char out[64];
    struct escaped escaped = escape_text(out, "ab\xe2\x82", 4, "", true);

    (void)state;
    assert_int_equal(escaped.taken, 2);
    assert_int_equal(escaped.written, 2);
}

// An independent decoder, by code point.
static bool is_clean_utf8(const unsigned char *at, size_t length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    for (size_t i = 0; i < length;) {
        unsigned size = at[i] < 0x80       ? 1
                        : at[i] >> 5 == 6  ? 2
                        : at[i] >> 4 == 14 ? 3
                        : at[i] >> 3 == 30 ? 4
                                           : 0;
        uint32_t point;

        if (!size || i + size > length)
            return false;
        point = size == 1 ? at[i] : at[i] & (0x7fU >> size);
        for (unsigned j = 1; j < size; j++) {
            if (at[i + j] >> 6 != 2)
                return false;
            point = point << 6 | (at[i + j] & 0x3f);
        }
        if (point < least[size] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ||
            point < ' ' || (point >= 0x7f && point < 0xa0) ||
            (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069))
            return false;
        i += size;
    }
    return true;
}

static void random_bytes(void **state)
{
    (void)state;
    srandom(1);
    for (int i = 0; i < 200000; i++) {
        char text[24], out[ESCAPE_MOST(sizeof text)];
        size_t length = (size_t)random() % sizeof text;
        struct escaped escaped;

        for (size_t j = 0; j < length; j++)
            text[j] = (char)(random() % 4 ? 0x80 + random() % 0x80 : random() % 256);
        escaped = escape_text(out, text, length, "", false);
        assert_int_equal(escaped.taken, length);
        if (!is_clean_utf8((const unsigned char *)out, escaped.written))
            fail_msg("round %d", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),
        cmocka_unit_test(kept_characters),
        cmocka_unit_test(sequences_cut_by_a_block),
        cmocka_unit_test(random_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
