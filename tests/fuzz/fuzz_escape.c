// SPDX-License-Identifier: MIT
// Escaped text is clean UTF-8 that means the bytes it was made of, in one piece or in two.
#include "escape.h"
#include "fuzz.h"

#include <iconv.h>

enum { SPLIT_MOST = 64 };

static void check_clean(const char *text, size_t length, const char *keep)
{
    static iconv_t decoder;
    uint32_t *points = malloc(4 * length + 4);
    char *from = (char *)text, *to = (char *)points;
    size_t room = 4 * length;

    if (!decoder)
        decoder = iconv_open("UTF-32LE", "UTF-8");
    assert(points && decoder != (iconv_t)-1);
    assert(iconv(decoder, &from, &length, &to, &room) == 0 && length == 0);
    for (const uint32_t *point = points; point < (uint32_t *)(void *)to; point++) {
        assert(*point >= ' ' || (*point && strchr(keep, (int)*point)));
        assert(*point < 0x7f || *point >= 0xa0);
        assert(*point < 0x2028 || *point > 0x202e);
        assert(*point < 0x2066 || *point > 0x2069);
    }
    free(points);
}

// Without backslashes among the kept characters each of them begins \xHH.
static void check_reversible(const char *text, size_t length, const uint8_t *data, size_t size)
{
    const char *end = text + length;

    for (size_t i = 0; i < size; i++, text++) {
        char digits[3] = "";

        assert(text < end);
        if (*text != '\\') {
            assert((uint8_t)*text == data[i]);
            continue;
        }
        assert(end - text >= 4 && text[1] == 'x');
        memcpy(digits, text + 2, 2);
        assert(strtoul(digits, NULL, 16) == data[i]);
        text += 3;
    }
    assert(text == end);
}

static void check_split(const char *whole, size_t length, const char *data, size_t size,
                        const char *keep)
{
    char out[ESCAPE_MOST(SPLIT_MOST)];

    for (size_t split = 0; split <= size; split++) {
        struct escaped first = escape_text(out, data, split, keep, true), second;

        assert(first.taken <= split && split - first.taken < 4);
        assert(first.written <= ESCAPE_MOST(first.taken));
        second =
            escape_text(out + first.written, data + first.taken, size - first.taken, keep, false);
        assert(second.taken == size - first.taken);
        assert(first.written + second.written == length && !memcmp(out, whole, length));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const keeps[] = {"", "\\", "\n\t\\"};
    char *out = malloc(ESCAPE_MOST(size) + !size),
         *again = malloc(ESCAPE_MOST(ESCAPE_MOST(size)) + !size);

    assert(out && again);
    for (int i = 0; i < 3; i++) {
        const struct escaped escaped = escape_text(out, (const char *)data, size, keeps[i], false);
        struct escaped twice;

        assert(escaped.taken == size && escaped.written <= ESCAPE_MOST(size));
        check_clean(out, escaped.written, keeps[i]);
        if (i == 0)
            check_reversible(out, escaped.written, data, size);
        if (size <= SPLIT_MOST)
            check_split(out, escaped.written, (const char *)data, size, keeps[i]);
        twice = escape_text(again, out, escaped.written, "\n\t\\", false); // clean text stays
        assert(twice.written == escaped.written && !memcmp(again, out, twice.written));
    }
    free(out);
    free(again);
    return 0;
}
