// SPDX-License-Identifier: MIT
// Turns text from the command line into numbers; prints nothing.
#ifndef PARSE_H
#define PARSE_H

#include <stdbool.h>
#include <stdint.h>

// How a command line names one segment.
struct segment_name {
    const char *text; // as typed
    bool by_key;      // value is a key, else an id
    bool bare;        // a plain decimal number, which the user may have meant as a key
    uint32_t value;
};

// Each function stores what TEXT means in *VALUE and returns NULL; or returns a static string that
// says why TEXT is refused, and leaves *VALUE alone.

// Bytes: decimal digits with an optional unit, K M G T P E, Ki… and KiB… (powers of 1024) or KB MB…
// (powers of 1000) in either case, or 0x and hex digits.
const char *parse_size(const char *text, uint64_t *value);

// A key_t as its 32 bits: 0x and 1 to 8 hex digits, or decimal from -2147483648 to 4294967295
// without leading zeros, perhaps behind "key:".
const char *parse_key(const char *text, uint64_t *value);

// Permission bits: octal, at most 0777. A bit above those would be a flag of shmget(2).
const char *parse_mode(const char *text, uint64_t *value);

// 0 to 255, decimal or 0x and hex digits.
const char *parse_byte(const char *text, uint64_t *value);

// Seconds: decimal digits with s, m, h or d.
const char *parse_age(const char *text, uint64_t *value);

// A process id: decimal from 1 to 2147483647.
const char *parse_pid(const char *text, uint64_t *value);

// Seconds, perhaps with a decimal point, from 0 to less than 2147483648; *VALUE is in nanoseconds.
const char *parse_seconds(const char *text, uint64_t *value);

// The project of ftok(3): decimal from 1 to 255, or one byte that is not a digit.
const char *parse_proj(const char *text, uint64_t *value);

// A segment: 42 or id:42 is an id, 0x2a or key:42 a key. Key 0, IPC_PRIVATE, is refused.
const char *parse_segment(const char *text, struct segment_name *name);

#endif
