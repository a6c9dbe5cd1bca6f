// SPDX-License-Identifier: MIT
// The columns of each kind of row. A new field is one line here.
#ifndef COLUMNS_H
#define COLUMNS_H

#include "render.h"

// Of struct segment.
extern const struct table segment_table;

#endif
