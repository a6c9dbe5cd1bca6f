// SPDX-License-Identifier: MIT
// Prints bytes like hexdump -C.
#ifndef HEXDUMP_H
#define HEXDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct hexdump {
    uint64_t offset; // of the next byte
    unsigned char last[16];
    bool has_last, squeezing;
};

// Writes LENGTH bytes to OUT; only in the last call may LENGTH not be a multiple of 16.
void hexdump_put(struct hexdump *dump, const unsigned char *bytes, size_t length, FILE *out);

// Writes the last line, the offset at which the bytes end; nothing if there were no bytes.
void hexdump_end(const struct hexdump *dump, FILE *out);

#endif
