// SPDX-License-Identifier: MIT
// One function spells a value according to its kind; one function per layout writes the cells.
#include "render.h"

#include "account.h"
#include "fail.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define CELL_MOST 128 // for every kind except names and TEXT, which are not copied

enum style { STYLE_UNITS, STYLE_BYTES, STYLE_RAW, STYLE_JSON };

struct cell {
    const char *text;
    size_t length; // 0 if empty, which is null in JSON
};

static uint64_t number_of(const struct column *column, const void *row)
{
    uint64_t value;

    memcpy(&value, (const char *)row + column->offset, sizeof value);
    return column->kind == KIND_ID     ? (uint32_t)value
           : column->kind == KIND_MODE ? value & 0777
                                       : value;
}

static const char *text_of(const struct column *column, const void *row)
{
    const char *text;

    memcpy(&text, (const char *)row + column->offset, sizeof text);
    return text;
}

// Writes VALUE in BASE with at least DIGITS digits so that it ends at END; returns its start.
// (printf would take longer than all the rest of a listing.)
static char *put_number(char *end, uint64_t value, unsigned base, int digits)
{
    for (; value != 0 || digits > 0; digits--) {
        *--end = "0123456789abcdef"[value % base];
        value /= base;
    }
    return end;
}

static struct cell spell_number(char *end, uint64_t value)
{
    const char *text = put_number(end, value, 10, 1);

    return (struct cell){text, (size_t)(end - text)};
}

// VALUE in tenths of 2^SHIFT, rounded.
static uint64_t tenths_of(uint64_t value, unsigned shift)
{
    const uint64_t unit = (uint64_t)1 << shift;

    return (value >> shift) * 10 + (((value & (unit - 1)) * 10 + unit / 2) >> shift);
}

// Exact, with the largest unit that divides VALUE, if that takes at most four digits; else rounded
// to a tenth of the largest unit that fits. A decimal point shows that it is rounded.
static struct cell spell_bytes(char *end, uint64_t value)
{
    static const char units[] = " KMGTPE";
    uint64_t tenths, exact = value;
    unsigned power = 0, shift;
    char *start;

    for (; exact && exact % 1024 == 0; exact /= 1024)
        power++;
    if (exact <= 9999) {
        end[-1] = units[power];
        start = put_number(end - (power > 0), exact, 10, 1);
        return (struct cell){start, (size_t)(end - start)};
    }
    for (power = 0, shift = 0; shift < 60 && value >> shift >= 1024; shift += 10)
        power++;
    tenths = tenths_of(value, shift);
    if (tenths == 10240) { // rounded up to the next unit
        tenths = 10;
        power++;
    }
    end[-1] = units[power];
    start = put_number(end - 1, tenths % 10, 10, 1);
    *--start = '.';
    start = put_number(start, tenths / 10, 10, 1);
    return (struct cell){start, (size_t)(end - start)};
}

static char *put_field(char *end, int value, int digits, char before)
{
    end = put_number(end, (uint64_t)value, 10, digits);
    *--end = before;
    return end;
}

// ISO 8601, "2026-11-21T12:44:58+01:00", or with Z. (strftime would take longer than the rest.)
static struct cell spell_time(char *end, uint64_t value, enum style style)
{
    const time_t seconds = (time_t)value;
    struct tm tm;
    char *at = end;
    int offset;

    if (!value)
        return (struct cell){0};
    if (style == STYLE_RAW)
        return spell_number(end, value);
    // Two calls instead of a pointer: a function whose address is taken is looked up at every
    // start.
    if (!(style == STYLE_JSON ? gmtime_r(&seconds, &tm) : localtime_r(&seconds, &tm)) ||
        tm.tm_year < -1900)
        return (struct cell){0};
    if (style == STYLE_JSON) {
        *--at = 'Z';
    } else {
        offset = (int)(tm.tm_gmtoff < 0 ? -tm.tm_gmtoff : tm.tm_gmtoff) / 60;
        at = put_field(at, offset % 60, 2, ':');
        at = put_field(at, offset / 60, 2, tm.tm_gmtoff < 0 ? '-' : '+');
    }
    at = put_field(at, tm.tm_sec, 2, ':');
    at = put_field(at, tm.tm_min, 2, ':');
    at = put_field(at, tm.tm_hour, 2, 'T');
    at = put_field(at, tm.tm_mday, 2, '-');
    at = put_field(at, tm.tm_mon + 1, 2, '-');
    at = put_number(at, (uint64_t)tm.tm_year + 1900, 10, 4);
    return (struct cell){at, (size_t)(end - at)};
}

// "dest,locked", or ["dest","locked"].
static struct cell spell_words(char *buffer, uint64_t value, const struct word *words,
                               enum style style)
{
    const char *quotes = style == STYLE_JSON ? "\"" : "";
    char *to = buffer;

    for (; words->name; words++)
        if (value & words->bit)
            to += sprintf(to, "%s%s%s%s", to == buffer ? "" : ",", quotes, words->name, quotes);
    if (style != STYLE_JSON)
        return (struct cell){buffer, (size_t)(to - buffer)};
    memmove(buffer + 1, buffer, (size_t)(to - buffer));
    buffer[0] = '[';
    to[1] = ']';
    to[2] = '\0';
    return (struct cell){buffer, (size_t)(to + 2 - buffer)};
}

static struct cell spell_text(const char *text)
{
    return (struct cell){text, text ? strlen(text) : 0};
}

static struct cell spell_account(char *end, uint64_t id, bool group, enum style style)
{
    const char *name = id & RENDER_FOREIGN ? NULL : account_name(id, group);

    return name || style == STYLE_JSON ? spell_text(name) : spell_number(end, (uint32_t)id);
}

static struct cell spell_percent(char *end, uint64_t hundredths)
{
    char *text = put_number(end, hundredths % 100, 10, 2);

    *--text = '.';
    text = put_number(text, hundredths / 100, 10, 1);
    return (struct cell){text, (size_t)(end - text)};
}

// "3d4h", "12m5s", "0s".
static struct cell spell_span(char *end, uint64_t value)
{
    static const struct {
        uint64_t seconds;
        char name;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    size_t unit = 0;
    uint64_t rest;
    char *text = end;

    while (unit < 3 && value < units[unit].seconds)
        unit++;
    rest = unit < 3 ? value % units[unit].seconds / units[unit + 1].seconds : 0;
    if (rest) {
        *--text = units[unit + 1].name;
        text = put_number(text, rest, 10, 1);
    }
    *--text = units[unit].name;
    text = put_number(text, value / units[unit].seconds, 10, 1);
    return (struct cell){text, (size_t)(end - text)};
}

// Spells one field. The text is in BUFFER, or somewhere where it stays valid, and ends with a NUL.
static struct cell spell(char buffer[CELL_MOST + 2], const struct column *column, const void *row,
                         enum style style)
{
    uint64_t value = column->kind == KIND_TEXT ? 0 : number_of(column, row);
    char *end = buffer + CELL_MOST, *text;

    *end = '\0';
    if (column->nullable && value == UINT64_MAX)
        return (struct cell){0};
    if (column->limit && style == STYLE_UNITS && value >= RENDER_UNLIMITED)
        return spell_text("unlimited");
    switch (column->kind) {
    case KIND_COUNT:
    case KIND_ID:
        break;
    case KIND_BYTES:
        return style == STYLE_UNITS ? spell_bytes(end, value) : spell_number(end, value);
    case KIND_KEY:
        text = put_number(end, value, 16, 8);
        *--text = 'x';
        *--text = '0';
        return (struct cell){text, (size_t)(end - text)};
    case KIND_MODE:
        return (struct cell){put_number(end, value, 8, 4), 4};
    case KIND_USER:
        return spell_account(end, value, false, style);
    case KIND_GROUP:
        return spell_account(end, value, true, style);
    case KIND_TIME:
        return spell_time(end, value, style);
    case KIND_WORDS:
        return spell_words(buffer, value, column->words, style);
    case KIND_BOOL:
        return spell_text(value ? "true" : "false");
    case KIND_PERCENT:
        return spell_percent(end, value);
    case KIND_SPAN:
        return style == STYLE_UNITS || style == STYLE_BYTES ? spell_span(end, value)
                                                            : spell_number(end, value);
    case KIND_TEXT:
        return spell_text(text_of(column, row));
    }
    return spell_number(end, value);
}

static struct cell spell_or_dash(char buffer[CELL_MOST + 2], const struct column *column,
                                 const void *row, enum style style)
{
    struct cell cell = spell(buffer, column, row, style);

    return cell.length ? cell : (struct cell){"-", 1};
}

static enum style text_style(const struct view *view)
{
    return view->layout == LAYOUT_RAW                      ? STYLE_RAW
           : view->layout == LAYOUT_RECORDS || view->exact ? STYLE_BYTES
                                                           : STYLE_UNITS;
}

static bool is_name(enum kind kind)
{
    return kind == KIND_USER || kind == KIND_GROUP || kind == KIND_TEXT;
}

// Width on a screen in code points: UTF-8 continuation bytes do not count.
static size_t width_of(const struct column *column, struct cell cell)
{
    size_t width = cell.length;

    for (size_t i = 0; is_name(column->kind) && i < cell.length; i++)
        width -= (cell.text[i] & 0xc0) == 0x80;
    return width;
}

static struct cell spell_heading(char buffer[CELL_MOST + 2], const struct column *column)
{
    size_t length = strlen(column->name);

    for (size_t i = 0; i < length; i++)
        buffer[i] = (char)toupper((unsigned char)column->name[i]);
    return (struct cell){buffer, length};
}

// Most cells are a few bytes, for which fwrite takes longer than all the rest.
static void put_text(struct cell cell)
{
    for (size_t i = 0; i < cell.length; i++)
        putchar_unlocked(cell.text[i]);
}

static void pad(size_t width)
{
    while (width-- > 0)
        putchar_unlocked(' ');
}

static bool is_number(enum kind kind)
{
    return kind == KIND_COUNT || kind == KIND_ID || kind == KIND_BYTES || kind == KIND_PERCENT ||
           kind == KIND_SPAN;
}

// WIDTH is 0 in raw text, where tabs separate the cells.
static void put_cell(const struct column *column, struct cell cell, size_t width, bool last)
{
    const size_t blank = width ? width - width_of(column, cell) : 0;
    const bool right = is_number(column->kind);

    if (right)
        pad(blank);
    put_text(cell);
    if (last || !width)
        putchar_unlocked(last ? '\n' : '\t');
    else
        pad(right ? 2 : blank + 2);
}

static const void *row_at(const struct view *view, const void *rows, size_t index)
{
    return (const char *)rows + index * view->table->row_size;
}

// Prints a table, or raw text, whose columns have width 0.
static void render_table(const struct view *view, const void *rows, size_t count)
{
    size_t widths[RENDER_COLUMNS_MOST] = {0}, last = view->column_count - 1;
    const enum style style = text_style(view);
    char buffer[CELL_MOST + 2];

    for (size_t c = 0; c <= last && view->headings && style != STYLE_RAW; c++)
        widths[c] = strlen(view->columns[c]->name);
    for (size_t r = 0; r < count && style != STYLE_RAW; r++)
        for (size_t c = 0; c <= last; c++) {
            size_t width = width_of(view->columns[c], spell_or_dash(buffer, view->columns[c],
                                                                    row_at(view, rows, r), style));

            if (width > widths[c])
                widths[c] = width;
        }
    for (size_t c = 0; c <= last && view->headings; c++)
        put_cell(view->columns[c], spell_heading(buffer, view->columns[c]), widths[c], c == last);
    for (size_t r = 0; r < count; r++)
        for (size_t c = 0; c <= last; c++)
            put_cell(view->columns[c],
                     spell_or_dash(buffer, view->columns[c], row_at(view, rows, r), style),
                     widths[c], c == last);
}

static void render_records(const struct view *view, const void *rows, size_t count)
{
    char buffer[CELL_MOST + 2];

    for (size_t r = 0; r < count; r++) {
        if (r)
            putchar_unlocked('\n');
        for (size_t c = 0; c < view->column_count; c++) {
            struct cell cell =
                spell_or_dash(buffer, view->columns[c], row_at(view, rows, r), text_style(view));

            if (view->headings)
                printf("%s: ", view->columns[c]->name);
            printf("%.*s\n", (int)cell.length, cell.text);
        }
    }
}

static void *take_memory(size_t size)
{
    return memory_resize(NULL, 1, size);
}

// A JSON object with the view's columns. It is made once and only its values change for each row,
// so memory does not grow with the number of rows.
struct object {
    cJSON *json, *values[RENDER_COLUMNS_MOST];
    char buffers[RENDER_COLUMNS_MOST][CELL_MOST + 2];
    char text[65536];
};

static void make_object(struct object *object, const struct view *view)
{
    // cJSON never returns NULL here, because take_memory dies if there is no memory.
    cJSON_InitHooks(&(cJSON_Hooks){take_memory, memory_free});
    object->json = cJSON_CreateObject();
    for (size_t c = 0; c < view->column_count; c++) {
        object->values[c] = cJSON_CreateNull();
        cJSON_AddItemToObjectCS(object->json, view->columns[c]->name, object->values[c]);
    }
}

// Puts quotes around the LENGTH characters before BUFFER + CELL_MOST, which need no escapes.
static const char *quote(char buffer[CELL_MOST + 2], size_t length)
{
    char *text = buffer + CELL_MOST - length - 1;

    text[0] = buffer[CELL_MOST] = '"';
    buffer[CELL_MOST + 1] = '\0';
    return text;
}

static void set_value(cJSON *value, char buffer[CELL_MOST + 2], const struct column *column,
                      const void *row)
{
    const struct cell cell = spell(buffer, column, row, STYLE_JSON);
    const enum kind kind = column->kind;
    const bool quoted = kind == KIND_KEY || kind == KIND_MODE || kind == KIND_TIME;

    value->valuestring = (char *)(cell.length && quoted ? quote(buffer, cell.length) : cell.text);
    // Raw, because cJSON's own numbers are doubles; a reference, because neither the text nor the
    // name is cJSON's to free.
    value->type = cJSON_IsReference | cJSON_StringIsConst |
                  (!cell.length    ? cJSON_NULL
                   : is_name(kind) ? cJSON_String
                                   : cJSON_Raw);
}

static void render_objects(const struct view *view, const void *rows, size_t count,
                           const char *between)
{
    static struct object object;

    make_object(&object, view);
    for (size_t r = 0; r < count; r++) {
        for (size_t c = 0; c < view->column_count; c++)
            set_value(object.values[c], object.buffers[c], view->columns[c], row_at(view, rows, r));
        if (!cJSON_PrintPreallocated(object.json, object.text, sizeof object.text, false))
            die(STATUS_FAILED, "a row has more than %zu bytes of JSON", sizeof object.text);
        fputs_unlocked(object.text, stdout);
        fputs_unlocked(r + 1 < count ? between : "\n", stdout);
    }
    cJSON_Delete(object.json);
}

static void render_json(const struct view *view, const void *rows, size_t count)
{
    printf("{\"schema_version\":1,\"%s\":[%s", view->table->name, count ? "\n" : "");
    render_objects(view, rows, count, ",\n");
    fputs_unlocked("]}\n", stdout);
}

static void render_json_lines(const struct view *view, const void *rows, size_t count)
{
    render_objects(view, rows, count, "\n");
}

// The bits that have a name; a field may contain other bits too.
static uint64_t bits_of(const struct word *words)
{
    uint64_t bits = 0;

    for (; words->name; words++)
        bits |= words->bit;
    return bits;
}

static int compare_fields(const struct column *column, const void *left, const void *right)
{
    uint64_t a, b;

    if (is_name(column->kind)) {
        char buffer[2][CELL_MOST + 2];

        return strcmp(spell_or_dash(buffer[0], column, left, STYLE_RAW).text,
                      spell_or_dash(buffer[1], column, right, STYLE_RAW).text);
    }
    a = number_of(column, left);
    b = number_of(column, right);
    if (column->kind == KIND_WORDS) {
        a &= bits_of(column->words);
        b &= bits_of(column->words);
    }
    return (a > b) - (a < b);
}

static int compare_rows(const void *left, const void *right, void *data)
{
    const struct view *view = data;
    int order = compare_fields(view->sort, left, right);

    if (view->descending)
        order = -order;
    for (size_t c = 0; !order && c < view->table->column_count; c++)
        order = compare_fields(&view->table->columns[c], left, right);
    return order;
}

void render(const struct view *view, void *rows, size_t count)
{
    static char buffer[65536];
    static void (*const layouts[])(const struct view *, const void *, size_t) = {
        [LAYOUT_TABLE] = render_table,
        [LAYOUT_RECORDS] = render_records,
        [LAYOUT_RAW] = render_table,
        [LAYOUT_JSON] = render_json,
        [LAYOUT_JSON_LINES] = render_json_lines,
    };

    // With the usual 4 KiB it takes a system call for every few rows. A terminal keeps its lines.
    if (count > 100 && !isatty(STDOUT_FILENO))
        setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    if (view->sort && count)
        qsort_r(rows, count, view->table->row_size, compare_rows, (void *)view);
    layouts[view->layout](view, rows, count);
}

const struct column *render_column(const struct table *table, const char *name, size_t length)
{
    for (size_t c = 0; c < table->column_count; c++)
        if (!strncasecmp(table->columns[c].name, name, length) && !table->columns[c].name[length])
            return &table->columns[c];
    return NULL;
}

struct view render_usual(const struct table *table, enum layout layout, bool starred)
{
    struct view view = {.table = table, .layout = layout, .headings = true};

    for (size_t c = 0; c < table->column_count; c++)
        if (starred ? table->columns[c].starred : !table->columns[c].on_request)
            view.columns[view.column_count++] = &table->columns[c];
    return view;
}

bool render_uses(const struct view *view, size_t offset)
{
    if (view->sort && view->sort->offset == offset)
        return true;
    for (size_t c = 0; c < view->column_count; c++)
        if (view->columns[c]->offset == offset)
            return true;
    return false;
}

const char *render_choose(struct view *view, const char *spec, const char **bad, size_t *length)
{
    if (*spec == '+')
        spec++;
    else
        view->column_count = 0;
    for (;; spec += *length + 1) {
        const struct column *column;

        *bad = spec;
        *length = strcspn(spec, ",");
        column = render_column(view->table, spec, *length);
        if (!column)
            return "no such column";
        for (size_t c = 0; c < view->column_count; c++)
            if (view->columns[c] == column)
                return "named twice";
        view->columns[view->column_count++] = column;
        if (!spec[*length])
            return NULL;
    }
}
