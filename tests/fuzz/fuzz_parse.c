// SPDX-License-Identifier: MIT
// Every parser of parse.h is given the input, and must say what plain arithmetic says; what
// render.h prints of the value must mean the same.
#include "fuzz.h"
#include "parse.h"
#include "render.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <strings.h>

typedef unsigned __int128 wide;

// A number beyond 64 bits stays there, and has room for a unit.
static bool plain_digits(const char *text, size_t length, unsigned base, wide *value)
{
    static const char digits[] = "0123456789abcdef";

    *value = 0;
    for (size_t i = 0; i < length; i++) {
        const char *digit = memchr(digits, tolower((unsigned char)text[i]), base);

        if (!digit)
            return false;
        if (*value <= UINT64_MAX)
            *value = *value * base + (unsigned)(digit - digits);
    }
    return length > 0;
}

static bool plain_decimal(const char *text, wide *value)
{
    return plain_digits(text, strlen(text), 10, value);
}

static bool plain_unpadded(const char *text, wide *value)
{
    return (*text != '0' || !text[1]) && plain_decimal(text, value);
}

static bool plain_octal(const char *text, wide *value)
{
    return plain_digits(text, strlen(text), 8, value);
}

static bool plain_hex(const char *text, wide *value)
{
    return !strncasecmp(text, "0x", 2) && plain_digits(text + 2, strlen(text + 2), 16, value);
}

static bool plain_byte(const char *text, wide *value)
{
    return plain_hex(text, value) || plain_decimal(text, value);
}

static bool plain_key(const char *text, wide *value)
{
    if (!strncmp(text, "key:", 4))
        text += 4;
    if (*text != '-')
        return plain_hex(text, value) ? strlen(text) <= 10 : plain_unpadded(text, value);
    if (text[1] == '0' || !plain_decimal(text + 1, value) || *value > (wide)1 << 31)
        return false;
    *value = ((wide)1 << 32) - *value;
    return true;
}

static bool plain_size(const char *text, wide *value)
{
    const char *unit = text + strspn(text, "0123456789");
    wide binary = 1, decimal = 1;

    if (plain_hex(text, value))
        return true;
    if (!plain_digits(text, (size_t)(unit - text), 10, value))
        return false;
    for (const char *letter = "KMGTPE"; *unit && *letter; letter++) {
        const char forms[][4] = {{*letter}, {*letter, 'i', 'B'}, {*letter, 'B'}, {*letter, 'i'}};
        const bool is_decimal = !strcasecmp(unit, forms[2]);

        binary *= 1024;
        decimal *= 1000;
        if (is_decimal || !strcasecmp(unit, forms[0]) || !strcasecmp(unit, forms[1]) ||
            !strcasecmp(unit, forms[3])) {
            *value *= is_decimal ? decimal : binary;
            return true;
        }
    }
    return !*unit;
}

static bool plain_age(const char *text, wide *value)
{
    const char unit = *text ? text[strlen(text) - 1] : '?';

    if (!strchr("smhd", unit) || !plain_digits(text, strlen(text) - 1, 10, value))
        return false;
    *value *= unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 60 * 60 : 24 * 60 * 60;
    return true;
}

static bool plain_seconds(const char *text, wide *value)
{
    const size_t length = strcspn(text, ".");
    char fraction[] = "000000000";

    *value = 0;
    if (length ? !plain_digits(text, length, 10, value) : strlen(text) < 2)
        return false;
    *value *= 1000000000;
    if (!text[length])
        return true;
    text += length + 1;
    for (size_t i = 0; text[i]; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
        if (fraction[i < 9 ? i : 9])
            fraction[i] = text[i];
    }
    *value += (unsigned)atoi(fraction);
    return true;
}

static bool plain_pid(const char *text, wide *value)
{
    return *text != '0' && plain_decimal(text, value);
}

static bool plain_proj(const char *text, wide *value)
{
    if (!*text || text[1] || isdigit((unsigned char)*text))
        return plain_unpadded(text, value);
    *value = (unsigned char)*text;
    return true;
}

static const struct {
    const char *(*parse)(const char *text, uint64_t *value);
    bool (*plain)(const char *text, wide *value);
    uint64_t least, most;
    enum kind kind; // that spells it, or KIND_TEXT
} forms[] = {
    {parse_size, plain_size, 0, UINT64_MAX, KIND_BYTES},
    {parse_key, plain_key, 0, UINT32_MAX, KIND_KEY},
    {parse_mode, plain_octal, 0, 0777, KIND_MODE},
    {parse_byte, plain_byte, 0, 255, KIND_COUNT},
    {parse_age, plain_age, 0, UINT64_MAX, KIND_TEXT},
    {parse_pid, plain_pid, 1, INT32_MAX, KIND_COUNT},
    {parse_seconds, plain_seconds, 0, INT32_MAX * 1000000000ULL + 999999999, KIND_TEXT},
    {parse_proj, plain_proj, 1, 255, KIND_TEXT},
};

static const uint64_t untouched = 0x5a5a5a5a5a5a5a5a;

static void check_spelling(size_t form, uint64_t value)
{
    const struct column column = {"value", forms[form].kind, .starred = true};
    const struct table table = {"values", &column, 1, sizeof value};
    struct view view = render_usual(&table, LAYOUT_TABLE, true);
    uint64_t again = untouched;
    char *text;

    view.headings = false;
    render(&view, &value, 1);
    text = fuzz_take_printed();
    text[strcspn(text, "\n")] = '\0';
    // Rounded to a tenth of its unit.
    if (forms[form].kind == KIND_BYTES && strchr(text, '.')) {
        char *unit;
        const double tenths = strtod(text, &unit) * 10;
        const double tenth = (double)(1ULL << 10 * (strcspn("KMGTPE", unit) + 1)) / 10;

        assert(strlen(unit) == 1 && tenths >= 10 && tenths <= 10240);
        assert(fabs((double)value - tenths * tenth) <= tenth / 2 * 1.000001);
        free(text);
        return;
    }
    assert(!forms[form].parse(text + strspn(text, " "), &again) && again == value);
    free(text);
}

static void check_segment(const char *text)
{
    const bool key = !strncmp(text, "key:", 4), id = !strncmp(text, "id:", 3);
    const bool by_key = key || !strncasecmp(text, "0x", 2);
    const char *number = text + (id ? 3 : 0);
    const struct segment_name before = {"untouched", true, true, 42};
    struct segment_name name = before;
    wide value;
    bool good = by_key ? plain_key(number, &value) && value > 0 && value <= UINT32_MAX
                       : plain_unpadded(number, &value) && value <= INT32_MAX;

    assert(!parse_segment(text, &name) == good);
    assert(name.text == (good ? text : before.text));
    assert(name.value == (good ? value : before.value));
    assert(!good || (name.by_key == by_key && name.bare == (!by_key && !id)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);

    for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
        uint64_t value = untouched;
        wide plain = 0;
        bool good = forms[form].plain(text, &plain) && plain >= forms[form].least &&
                    plain <= forms[form].most;

        assert(!forms[form].parse(text, &value) == good);
        assert(value == (good ? plain : untouched));
        if (good && forms[form].kind != KIND_TEXT)
            check_spelling(form, value);
    }
    check_segment(text);
    free(text);
    return 0;
}
