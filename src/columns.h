// SPDX-License-Identifier: MIT
// The columns of the rows that several commands show. A new field is one line here.
#ifndef COLUMNS_H
#define COLUMNS_H

#include "render.h"

// Of struct segment and struct attachment.
extern const struct table segment_table, attachment_table;

#endif
