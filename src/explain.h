// SPDX-License-Identifier: MIT
// What went wrong with a segment → one line that says why, whose it is, which limit was hit, what
// to do. Each explanation stands once. What cannot be found out for it is left out.
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "fail.h"
#include "parse.h"

#include <stdint.h>

// Each prints the line about NAME, as typed, and returns the status that belongs to it.

// That no segment is called NAME, and what the user may have meant.
int explain_missing(const struct segment_name *name);

// That ERROR, EACCES or EPERM, keeps the caller from it: whose segment it is.
int explain_denied(const struct segment_name *name, int error);

// OUTCOME, of a call of segment.h on an existing segment.
int explain_segment(const struct segment_name *name, int outcome);

// OUTCOME of segment_create with these arguments.
int explain_create(uint32_t key, uint64_t size, int flags, int outcome);

// That KEY's segment is smaller than SIZE, or why there can be none of that size.
int explain_size(uint32_t key, uint64_t size);

// These end the program.

// Errno of a function of copy.h between the segment NAME and OTHER, after DONE bytes were
// copied.
noreturn void die_copy(const char *name, const char *other, uint64_t done);

// Unless LENGTH bytes (0: not given) from OFFSET lie in a segment of SIZE bytes.
void die_unless_inside(const struct segment_name *name, uint64_t offset, uint64_t length,
                       uint64_t size);

#endif
