// SPDX-License-Identifier: MIT
// The columns of each kind of row. A new field is one line here.
#ifndef COLUMNS_H
#define COLUMNS_H

#include "render.h"
#include "sysvipc.h"

// One limit of the IPC namespace, as `limits` shows it.
struct limit {
    const char *name;
    uint64_t value, used; // in UNIT; used: or UINT64_MAX
    uint64_t percent;     // in hundredths, or UINT64_MAX
    const char *unit;
    uint64_t size;      // of value in bytes, or UINT64_MAX
    const char *sysctl; // that sets it, or NULL
};

// Of struct segment, struct attachment and struct limit.
extern const struct table segment_table, attachment_table, limit_table;

// What happened to a segment, for watch.
struct change {
    uint64_t time; // seconds since 1970
    const char *event;
    struct segment segment;
};

// Of struct change: time, event, and the starred columns of segments.
const struct table *change_table(void);

#endif
