// SPDX-License-Identifier: MIT
// Sixteen bytes per line; repeated lines become one asterisk.
#include "hexdump.h"

#include <inttypes.h>
#include <string.h>

static void put_line(const unsigned char *bytes, size_t length, uint64_t offset, FILE *out)
{
    static const char digits[] = "0123456789abcdef";
    char line[128], *to = line + snprintf(line, sizeof line, "%08" PRIx64 "  ", offset);

    for (size_t i = 0; i < 16; i++) {
        if (i < length) {
            *to++ = digits[bytes[i] >> 4];
            *to++ = digits[bytes[i] & 15];
        } else {
            to = stpcpy(to, "  ");
        }
        to = stpcpy(to, i == 7 || i == 15 ? "  " : " ");
    }
    *to++ = '|';
    for (size_t i = 0; i < length; i++)
        *to++ = (char)(bytes[i] >= ' ' && bytes[i] < 0x7f ? bytes[i] : '.');
    *to++ = '|';
    *to++ = '\n';
    fwrite_unlocked(line, 1, (size_t)(to - line), out);
}

void hexdump_put(struct hexdump *dump, const unsigned char *bytes, size_t length, FILE *out)
{
    for (size_t at = 0; at < length; at += 16) {
        size_t part = length - at < 16 ? length - at : 16;

        if (part == 16 && dump->has_last && !memcmp(dump->last, bytes + at, 16)) {
            if (!dump->squeezing)
                fputs_unlocked("*\n", out);
            dump->squeezing = true;
        } else {
            put_line(bytes + at, part, dump->offset, out);
            dump->squeezing = false;
            dump->has_last = true;
            memcpy(dump->last, bytes + at, part);
        }
        dump->offset += part;
    }
}

void hexdump_end(const struct hexdump *dump, FILE *out)
{
    if (dump->has_last)
        fprintf(out, "%08" PRIx64 "\n", dump->offset);
}
