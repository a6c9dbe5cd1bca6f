// SPDX-License-Identifier: MIT
// Sizes, keys, modes and segment names as users write them.
#include "parse.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char NO_NUMBER[] = "not a number";
static const char TOO_LARGE[] = "too large";
static const char NO_UNIT[] = "unknown unit; use one such as K, KiB or KB";
static const char NO_FRACTION[] = "no fractions: use a smaller unit";
static const char LEADING_ZERO[] = "a leading zero is ambiguous (octal or decimal?)";

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

// Unlike strtoull, this accepts neither signs nor leading space. Sets *END to the first character
// that is not a digit.
static const char *parse_digits(const char *text, unsigned base, uint64_t most, uint64_t *value,
                                const char **end)
{
    uint64_t sum = 0;
    const char *at = text;

    for (; (unsigned)digit_value(*at) < base; at++) {
        if (__builtin_mul_overflow(sum, base, &sum) ||
            __builtin_add_overflow(sum, (unsigned)digit_value(*at), &sum) || sum > most)
            return TOO_LARGE;
    }
    if (at == text)
        return NO_NUMBER;
    *end = at;
    *value = sum;
    return NULL;
}

static const char *parse_whole(const char *text, unsigned base, uint64_t most, uint64_t *value)
{
    const char *end, *why;
    uint64_t number;

    why = parse_digits(text, base, most, &number, &end);
    if (why)
        return why;
    if (*end)
        return NO_NUMBER;
    *value = number;
    return NULL;
}

static bool is_hex(const char *text)
{
    return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

static bool has_leading_zero(const char *text)
{
    return text[0] == '0' && digit_value(text[1]) < 10;
}

static const char *parse_unit(const char *unit, uint64_t *factor)
{
    static const char units[] = "kmgtpe";
    const char *found = *unit ? strchr(units, *unit | ' ') : NULL;
    uint64_t base;

    *factor = 1;
    if (!*unit)
        return NULL;
    if (*unit == '.')
        return NO_FRACTION;
    if (!found)
        return NO_UNIT;
    if (!unit[1] || !strcasecmp(unit + 1, "i") || !strcasecmp(unit + 1, "ib"))
        base = 1024;
    else if (!strcasecmp(unit + 1, "b"))
        base = 1000;
    else
        return NO_UNIT;
    for (ptrdiff_t power = found - units; power >= 0; power--)
        *factor *= base;
    return NULL;
}

const char *parse_size(const char *text, uint64_t *value)
{
    const char *unit, *why;
    uint64_t number, factor;

    if (is_hex(text))
        return parse_whole(text + 2, 16, UINT64_MAX, value);
    why = parse_digits(text, 10, UINT64_MAX, &number, &unit);
    if (!why)
        why = parse_unit(unit, &factor);
    if (why)
        return why;
    if (__builtin_mul_overflow(number, factor, &number))
        return TOO_LARGE;
    *value = number;
    return NULL;
}

const char *parse_key(const char *text, uint64_t *value)
{
    const char *why;
    uint64_t magnitude;

    if (!strncmp(text, "key:", 4))
        text += 4;
    if (is_hex(text))
        return strlen(text) > 10 ? "more than 8 hex digits"
                                 : parse_whole(text + 2, 16, UINT32_MAX, value);
    if (text[0] != '-')
        return has_leading_zero(text) ? LEADING_ZERO : parse_whole(text, 10, UINT32_MAX, value);
    if (text[1] == '0')
        return LEADING_ZERO;
    why = parse_whole(text + 1, 10, (uint64_t)INT32_MAX + 1, &magnitude);
    if (!why)
        *value = (uint32_t)-magnitude;
    return why;
}

const char *parse_mode(const char *text, uint64_t *value)
{
    const char *why = parse_whole(text, 8, 0777, value);

    return why == NO_NUMBER ? "not an octal number" : why;
}

const char *parse_byte(const char *text, uint64_t *value)
{
    return is_hex(text) ? parse_whole(text + 2, 16, 255, value) : parse_whole(text, 10, 255, value);
}

const char *parse_age(const char *text, uint64_t *value)
{
    static const char units[] = "smhd";
    static const uint64_t seconds[] = {1, 60, 3600, 86400};
    const char *unit, *found, *why;
    uint64_t number;

    why = parse_digits(text, 10, UINT64_MAX, &number, &unit);
    if (why)
        return why;
    found = *unit && !unit[1] ? strchr(units, *unit) : NULL;
    if (!found)
        return "the digits must be followed by a unit: s, m, h or d";
    if (__builtin_mul_overflow(number, seconds[found - units], &number))
        return TOO_LARGE;
    *value = number;
    return NULL;
}

const char *parse_pid(const char *text, uint64_t *value)
{
    return text[0] == '0' ? "not a process id" : parse_whole(text, 10, INT32_MAX, value);
}

const char *parse_seconds(const char *text, uint64_t *value)
{
    const char *end = text, *why = NULL;
    uint64_t number = 0, part = 1000000000;

    if (*text != '.' || digit_value(text[1]) >= 10)
        why = parse_digits(text, 10, INT32_MAX, &number, &end);
    if (why)
        return why;
    number *= part;
    if (*end == '.')
        while (digit_value(*++end) < 10) {
            part /= 10;
            number += part * (unsigned)digit_value(*end);
        }
    if (*end)
        return NO_NUMBER;
    *value = number;
    return NULL;
}

const char *parse_proj(const char *text, uint64_t *value)
{
    uint64_t number = (unsigned char)text[0];

    if (!number || text[1] || digit_value(text[0]) < 10) {
        if (has_leading_zero(text))
            return LEADING_ZERO;
        if (parse_whole(text, 10, UINT8_MAX, &number) || !number)
            return "neither a number from 1 to 255 nor a single byte";
    }
    *value = number;
    return NULL;
}

const char *parse_segment(const char *text, struct segment_name *name)
{
    const char *why, *number = text;
    bool by_key = is_hex(text), bare = false;
    uint64_t value;

    if (!strncmp(text, "key:", 4)) {
        by_key = true;
    } else if (!strncmp(text, "id:", 3)) {
        by_key = false;
        number += 3;
    } else {
        bare = !by_key;
    }
    if (by_key)
        why = parse_key(text, &value);
    else
        why = has_leading_zero(number) ? LEADING_ZERO : parse_whole(number, 10, INT32_MAX, &value);
    if (why)
        return why;
    if (by_key && value == 0)
        return "key 0 is IPC_PRIVATE and names no segment";
    *name = (struct segment_name){text, by_key, bare, (uint32_t)value};
    return NULL;
}
