// SPDX-License-Identifier: MIT
// Escapes what is not printable UTF-8.
#include "escape.h"

#include <string.h>

enum { CUT = 0, INVALID = -1 };

// The length of the UTF-8 sequence at AT (RFC 3629, section 4), CUT if it continues after ROOM
// bytes, or INVALID.
static int sequence_length(const unsigned char *at, size_t room)
{
    unsigned char first = at[0], low = 0x80, high = 0xbf;
    int length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

    if ((first >= 0x80 && first < 0xc2) || first > 0xf4)
        return INVALID;
    if (first == 0xe0)
        low = 0xa0;
    else if (first == 0xed)
        high = 0x9f;
    else if (first == 0xf0)
        low = 0x90;
    else if (first == 0xf4)
        high = 0x8f;
    for (int i = 1; i < length; i++) {
        if ((size_t)i == room)
            return CUT;
        if (at[i] < low || at[i] > high)
            return INVALID;
        low = 0x80;
        high = 0xbf;
    }
    return length;
}

// Whether the three bytes are a bidirectional control or a line or paragraph separator: U+2028 to
// U+202E, U+2066 to U+2069.
static bool is_layout(const unsigned char *at)
{
    return at[0] == 0xe2 && ((at[1] == 0x80 && at[2] >= 0xa8 && at[2] <= 0xae) ||
                             (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9));
}

static bool is_printable(const unsigned char *at, int length, const char *keep)
{
    if (length == 1)
        return (at[0] >= ' ' && at[0] != 0x7f && at[0] != '\\') || (at[0] && strchr(keep, at[0]));
    return !(at[0] == 0xc2 && at[1] < 0xa0) && !(length == 3 && is_layout(at)); // C1
}

struct escaped escape_text(char *out, const char *text, size_t length, const char *keep, bool more)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    char *to = out;

    while (at < end) {
        int size = sequence_length(at, (size_t)(end - at));

        if (size == CUT && more)
            break;
        if (size > 0 && is_printable(at, size, keep)) {
            memcpy(to, at, (size_t)size);
            to += size;
            at += size;
            continue;
        }
        for (int i = 0; i < (size > 0 ? size : 1); i++, at++) {
            *to++ = '\\';
            *to++ = 'x';
            *to++ = digits[*at >> 4];
            *to++ = digits[*at & 15];
        }
    }
    return (struct escaped){(size_t)(at - (const unsigned char *)text), (size_t)(to - out)};
}
