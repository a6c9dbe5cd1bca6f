// SPDX-License-Identifier: MIT
// Bytes as hexdump -C shows them.
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

// Writes LENGTH bytes to OUT; only the last call may have a length that is no multiple of 16.
void hexdump_put(struct hexdump *dump, const unsigned char *bytes, size_t length, FILE *out);

// Writes the closing line, which tells where the bytes end. Writes none where there were none.
void hexdump_end(const struct hexdump *dump, FILE *out);

#endif
