// SPDX-License-Identifier: MIT
// Rows of any kind → table, records, tab-separated text or JSON. A column is data.
#ifndef RENDER_H
#define RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How a field is spelled; each is a uint64_t but TEXT, a const char * (escaped, NULL: none).
enum kind {
    KIND_COUNT, // a plain number
    KIND_ID,    // of a user or group: the lower 32 bits; what KIND_USER calls foreign is above them
    KIND_BYTES, // in tables for the eye: exact if short, else rounded to a tenth of a unit
    KIND_KEY,   // 0x and 8 hex digits
    KIND_MODE,  // the permission bits, 4 octal digits
    KIND_USER,  // the name of the account with this id, or the number; RENDER_FOREIGN: the number
    KIND_GROUP,
    KIND_TIME,    // seconds since 1970, 0: never
    KIND_WORDS,   // the names of the bits that are set
    KIND_BOOL,    // true or false
    KIND_PERCENT, // in hundredths of a percent
    KIND_SPAN,    // seconds; for the eye the two largest units of it, as 3d4h
    KIND_TEXT,
};

// Added to an id: the accounts of this machine do not name it.
#define RENDER_FOREIGN ((uint64_t)1 << 32)

// What the kernel has where nobody has set a limit (include/uapi/linux/shm.h: SHMMAX).
#define RENDER_UNLIMITED (UINT64_MAX - ((uint64_t)1 << 24))

struct word {
    uint64_t bit;
    const char *name;
};

struct column {
    const char *name;
    enum kind kind;
    bool nullable;            // UINT64_MAX means unknown
    bool starred;             // shown by list
    bool on_request;          // shown only where -o names it, because it costs
    bool limit;               // in tables, from RENDER_UNLIMITED on it is spelled in words
    size_t offset;            // of the field in the row
    const struct word *words; // of KIND_WORDS, ends with a NULL name
    const char *help;
};

struct table {
    const char *name; // of the array in JSON
    const struct column *columns;
    size_t column_count, row_size;
};

#define RENDER_COLUMNS_MOST 32

enum layout { LAYOUT_TABLE, LAYOUT_RECORDS, LAYOUT_RAW, LAYOUT_JSON, LAYOUT_JSON_LINES };

// How rows are to be shown.
struct view {
    const struct table *table;
    enum layout layout;
    bool headings, exact; // exact: sizes in bytes, and limits as numbers
    const struct column *columns[RENDER_COLUMNS_MOST];
    size_t column_count;
    const struct column *sort; // NULL: as they come
    bool descending;
};

// The view of TABLE in LAYOUT, with headings, of the starred columns or all that are not on
// request.
struct view render_usual(const struct table *table, enum layout layout, bool starred);

// The column called by the LENGTH characters of NAME, in either case, or NULL.
const struct column *render_column(const struct table *table, const char *name, size_t length);

// Sets the columns of *VIEW from SPEC: "COL,COL", or "+COL,COL" to add to the present ones. Returns
// NULL, or the reason why it is refused; *BAD is then the culprit in SPEC and *LENGTH its length.
const char *render_choose(struct view *view, const char *spec, const char **bad, size_t *length);

// Whether the view shows the field at OFFSET of its rows, or sorts by it.
bool render_uses(const struct view *view, size_t offset);

// Writes COUNT rows to stdout, sorting them first where the view says so. Ends the program where an
// account cannot be looked up; whether stdout took it all, the end of the program finds out.
void render(const struct view *view, void *rows, size_t count);

#endif
