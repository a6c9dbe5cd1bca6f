// SPDX-License-Identifier: MIT
// The columns of the rows that several commands show.
#ifndef COLUMNS_H
#define COLUMNS_H

#include "render.h"
#include "sysvipc.h"

// Of struct segment and struct attachment.
extern const struct table segment_table, attachment_table;

// Fills in the fields that VIEW shows or sorts by and that the list of segments does not contain.
void columns_fill(const struct view *view, struct segments *all);

#endif
