// SPDX-License-Identifier: MIT
// Bytes from anywhere to text that a terminal and a JSON parser can be given.
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

// The most bytes that escape_text writes for LENGTH bytes.
#define ESCAPE_MOST(length) (4 * (length))

struct escaped {
    size_t taken;   // bytes of the text
    size_t written; // bytes put out
};

// Copies LENGTH bytes of TEXT to OUT (room for ESCAPE_MOST) as valid UTF-8 that moves no cursor:
// control characters (C0, DEL, C1, those of bidirectional text, line and paragraph separators),
// backslashes and bytes that are not UTF-8 become \xHH, except the characters in KEEP. Where MORE
// is to follow, a UTF-8 sequence cut at the end is not taken.
struct escaped escape_text(char *out, const char *text, size_t length, const char *keep, bool more);

#endif
