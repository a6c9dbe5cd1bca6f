// SPDX-License-Identifier: MIT
// Prints rows of any kind as a table, records, tab-separated text or JSON. A column is data.
#ifndef RENDER_H
#define RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How a field is printed. Each is a uint64_t except TEXT, a const char * (escaped; NULL for none).
enum kind {
    KIND_COUNT, // a plain number
    KIND_ID,    // the lower 32 bits of a user or group id, without RENDER_FOREIGN
    KIND_BYTES, // in tables with a unit: exact if short, else rounded to a tenth of the unit
    KIND_KEY,   // 0x and 8 hex digits
    KIND_MODE,  // the permission bits, 4 octal digits
    KIND_USER,  // the name of the account, or its id if it has none or is RENDER_FOREIGN
    KIND_GROUP,
    KIND_TIME,    // seconds since 1970; 0 is never
    KIND_WORDS,   // the names of the bits that are set
    KIND_BOOL,    // true or false
    KIND_PERCENT, // in hundredths of a percent
    KIND_SPAN,    // seconds; in tables the two largest units, like 3d4h
    KIND_TEXT,
};

// Added to an id of another user or mount namespace: the accounts here do not name it.
#define RENDER_FOREIGN ((uint64_t)1 << 32)

// The kernel's default for SHMMAX and SHMALL, which means no limit (include/uapi/linux/shm.h).
#define RENDER_UNLIMITED (UINT64_MAX - ((uint64_t)1 << 24))

struct word {
    uint64_t bit;
    const char *name;
};

struct column {
    const char *name;
    enum kind kind;
    bool nullable;            // UINT64_MAX means unknown
    bool starred;             // one of the default columns of list
    bool on_request;          // shown only if -o names it
    bool limit;               // in tables, values from RENDER_UNLIMITED on are printed as a word
    size_t offset;            // of the field in the row
    const struct word *words; // for KIND_WORDS, ends with a NULL name
    const char *help;
};

struct table {
    const char *name; // of the array in JSON
    const struct column *columns;
    size_t column_count, row_size;
};

#define RENDER_COLUMNS_MOST 32

enum layout { LAYOUT_TABLE, LAYOUT_RECORDS, LAYOUT_RAW, LAYOUT_JSON, LAYOUT_JSON_LINES };

// What to show of rows, and how.
struct view {
    const struct table *table;
    enum layout layout;
    bool headings, exact; // exact: sizes in bytes and limits as numbers
    const struct column *columns[RENDER_COLUMNS_MOST];
    size_t column_count;
    const struct column *sort; // NULL keeps the order of the rows
    bool descending;
};

// The view of TABLE in LAYOUT, with headings. Shows the starred columns if STARRED, else all that
// are not on request.
struct view render_usual(const struct table *table, enum layout layout, bool starred);

// The column that the first LENGTH characters of NAME spell, in any case, or NULL.
const struct column *render_column(const struct table *table, const char *name, size_t length);

// Sets the columns of *VIEW from SPEC: "COL,COL", or "+COL,COL" to add to those it has. Returns
// NULL, or why SPEC is refused; then *BAD points to the column in SPEC and *LENGTH is its length.
const char *render_choose(struct view *view, const char *spec, const char **bad, size_t *length);

// Whether the view shows the field at OFFSET in its rows, or sorts by it.
bool render_uses(const struct view *view, size_t offset);

// Writes COUNT rows to stdout, sorted in place if the view says so. Ends the program if an account
// cannot be looked up; write errors are left for the end of the program to report.
void render(const struct view *view, void *rows, size_t count);

#endif
