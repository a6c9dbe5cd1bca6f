// SPDX-License-Identifier: MIT
// The columns of each kind of row. A new field is one line here.
#ifndef COLUMNS_H
#define COLUMNS_H

#include "render.h"
#include "sysvipc.h"

// Of struct segment.
extern const struct table segment_table;

// What happened to a segment, for watch.
struct change {
    uint64_t time; // seconds since 1970
    const char *event;
    struct segment segment;
};

// Of struct change: time, event, and the starred columns of segments.
const struct table *change_table(void);

#endif
