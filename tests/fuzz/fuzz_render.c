// SPDX-License-Identifier: MIT
// Each line of the input is a row, a number and a text, in every kind of column: JSON parses and
// keeps its types, raw text has as many cells as columns, and each layout its lines.
#include "escape.h"
#include "fuzz.h"
#include "render.h"

#include <cjson/cJSON.h>
#include <inttypes.h>

enum { ROWS_MOST = 16, TEXT_MOST = 256 };

struct row {
    uint64_t number, foreign; // foreign: an account of no name here
    const char *text;
};

static const struct word words[] = {{1, "one"}, {4, "four"}, {0}};

#define NUMBER .offset = offsetof(struct row, number)

static const struct column columns[] = {
    {"count", KIND_COUNT, NUMBER, .nullable = true},
    {"id", KIND_ID, NUMBER},
    {"bytes", KIND_BYTES, NUMBER},
    {"key", KIND_KEY, NUMBER},
    {"mode", KIND_MODE, NUMBER},
    {"user", KIND_USER, .offset = offsetof(struct row, foreign)},
    {"group", KIND_GROUP, .offset = offsetof(struct row, foreign)},
    {"time", KIND_TIME, NUMBER},
    {"words", KIND_WORDS, NUMBER, .words = words},
    {"bool", KIND_BOOL, NUMBER},
    {"percent", KIND_PERCENT, NUMBER},
    {"span", KIND_SPAN, NUMBER},
    {"text", KIND_TEXT, .offset = offsetof(struct row, text)},
};

enum { COLUMNS = sizeof columns / sizeof *columns };

// By kind.
static const int types[] = {
    [KIND_COUNT] = cJSON_Number | cJSON_NULL,
    [KIND_ID] = cJSON_Number,
    [KIND_BYTES] = cJSON_Number,
    [KIND_KEY] = cJSON_String,
    [KIND_MODE] = cJSON_String,
    [KIND_USER] = cJSON_NULL,
    [KIND_GROUP] = cJSON_NULL,
    [KIND_TIME] = cJSON_String | cJSON_NULL,
    [KIND_WORDS] = cJSON_Array,
    [KIND_BOOL] = cJSON_True | cJSON_False,
    [KIND_PERCENT] = cJSON_Number,
    [KIND_SPAN] = cJSON_Number,
    [KIND_TEXT] = cJSON_String | cJSON_NULL,
};

static const struct table table = {"rows", columns, COLUMNS, sizeof(struct row)};

// Rows in LAYOUT, sorted by the column SORT where it is not NULL.
static char *put(enum layout layout, const struct column *sort, const struct row *rows,
                 size_t count)
{
    struct view view = render_usual(&table, layout, false);
    struct row copy[ROWS_MOST];

    view.sort = sort;
    memcpy(copy, rows, sizeof copy);
    render(&view, copy, count);
    return fuzz_take_printed();
}

static void check_object(const cJSON *object, const struct row *row)
{
    const cJSON *value = object->child;
    char number[32];

    for (size_t c = 0; c < COLUMNS; c++, value = value->next) {
        assert(value && !strcmp(value->string, columns[c].name));
        assert(value->type & types[columns[c].kind]);
        if (columns[c].kind == KIND_COUNT)
            assert(cJSON_IsNull(value) == (row->number == UINT64_MAX));
        if (columns[c].kind == KIND_TEXT)
            assert(*row->text ? !strcmp(value->valuestring, row->text) : cJSON_IsNull(value));
        if (columns[c].kind == KIND_WORDS)
            assert(cJSON_GetArraySize(value) == !!(row->number & 1) + !!(row->number & 4));
        snprintf(number, sizeof number, "0x%08" PRIx64, row->number);
        if (columns[c].kind == KIND_KEY)
            assert(!strcmp(value->valuestring, number));
    }
    assert(!value);
}

static void check_json(const struct row *rows, size_t count)
{
    char *text = put(LAYOUT_JSON, NULL, rows, count), bytes[48];
    cJSON *json = cJSON_ParseWithOpts(text, NULL, true);
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(json, "rows");
    const char *line = text;

    assert(cJSON_IsArray(array) && (size_t)cJSON_GetArraySize(array) == count);
    for (size_t r = 0; r < count; r++) {
        check_object(cJSON_GetArrayItem(array, (int)r), &rows[r]);
        line = strchr(line, '\n') + 1; // a row a line; its numbers are exact
        snprintf(bytes, sizeof bytes, "\"bytes\":%" PRIu64 ",", rows[r].number);
        assert(*line == '{' && strstr(line, bytes) && strstr(line, bytes) < strchr(line, '\n'));
    }
    cJSON_Delete(json);
    free(text);
}

static void check_raw(const struct row *rows, size_t count)
{
    char *text = put(LAYOUT_RAW, NULL, rows, count), *rest = text, *line, *cell;

    for (size_t r = 0; (line = strsep(&rest, "\n")) && rest; r++) {
        size_t c = 0;

        assert(r <= count);
        for (; (cell = strsep(&line, "\t")); c++)
            if (r > 0 && columns[c].kind == KIND_TEXT)
                assert(!strcmp(cell, *rows[r - 1].text ? rows[r - 1].text : "-"));
        assert(c == COLUMNS);
    }
    free(text);
}

static size_t count_lines(enum layout layout, const struct column *sort, const struct row *rows,
                          size_t count)
{
    char *text = put(layout, sort, rows, count);
    size_t lines = 0;

    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    free(text);
    return lines;
}

static void check_layouts(const struct column *sort, const struct row *rows, size_t count)
{
    assert(count_lines(LAYOUT_TABLE, sort, rows, count) == count + 1);
    assert(count_lines(LAYOUT_RECORDS, sort, rows, count) + !!count == count * (COLUMNS + 1));
    assert(count_lines(LAYOUT_JSON_LINES, sort, rows, count) == count);
}

// A line is a number, which may be missing, a blank, and bytes that are escaped to TEXT.
static struct row make_row(const uint8_t *line, size_t length, char *text)
{
    char *head = fuzz_text(line, length), *end;
    struct row row = {.number = strtoull(head, &end, 10), .text = text};
    size_t used = (size_t)(end - head) + (*end == ' ');

    row.foreign = RENDER_FOREIGN | (uint32_t)row.number;
    length = length - used < TEXT_MOST ? length - used : TEXT_MOST;
    text[escape_text(text, (const char *)line + used, length, "", false).written] = '\0';
    free(head);
    return row;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char texts[ROWS_MOST][ESCAPE_MOST(TEXT_MOST) + 1];
    struct row rows[ROWS_MOST] = {0};
    const uint8_t *at = data, *end = data + size, *newline;
    size_t count = 0;

    for (; at < end && count < ROWS_MOST; at = newline + 1, count++) {
        newline = memchr(at, '\n', (size_t)(end - at));
        newline = newline ? newline : end;
        rows[count] = make_row(at, (size_t)(newline - at), texts[count]);
    }
    check_json(rows, count);
    check_raw(rows, count);
    check_layouts(&columns[size % COLUMNS], rows, count);
    return 0;
}
