// SPDX-License-Identifier: MIT
// Turns arbitrary bytes into text that is safe for a terminal and for JSON.
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

// The most bytes that escape_text writes for LENGTH bytes.
#define ESCAPE_MOST(length) (4 * (length))

struct escaped {
    size_t taken;   // bytes read from the text
    size_t written; // bytes written to OUT
};

// Copies LENGTH bytes of TEXT to OUT (room for ESCAPE_MOST(LENGTH)) as valid UTF-8 without control
// characters: those (C0, DEL, C1, bidirectional controls, line and paragraph separators),
// backslashes and bytes that are not UTF-8 become \xHH, except the characters in KEEP. If MORE text
// follows later, a UTF-8 sequence that is cut off at the end is not taken.
struct escaped escape_text(char *out, const char *text, size_t length, const char *keep, bool more);

#endif
