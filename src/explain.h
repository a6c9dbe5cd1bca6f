// SPDX-License-Identifier: MIT
// Turns a failure on a segment into one line that says why, whose segment it is, which limit was
// hit and what to do. Each explanation exists once. Details that cannot be found out are left out.
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "fail.h"
#include "parse.h"

#include <stdint.h>

// If NAME is a bare number, not an id but the key of a segment, says so on stderr; else returns
// false.
bool warn_if_key(const struct segment_name *name);

// Each function prints one line, with NAME as typed, and returns the exit status for it.

// There is no segment NAME; says if the user may have meant the key.
int explain_missing(const struct segment_name *name);

// ERROR, EACCES or EPERM, on segment NAME; says whose it is.
int explain_denied(const struct segment_name *name, int error);

// OUTCOME of a function of segment.h on segment NAME; reads errno if it is OUTCOME_ERRNO.
int explain_segment(const struct segment_name *name, int outcome);

// OUTCOME of segment_create with these arguments; reads errno if it is OUTCOME_ERRNO.
int explain_create(uint32_t key, uint64_t size, int flags, int outcome);

// The functions below end the program.

// A function of copy.h failed with errno between segment NAME and OTHER, after DONE bytes.
noreturn void die_copy(const char *name, const char *other, uint64_t done);

// Ends the program unless LENGTH bytes (0 if not given) from OFFSET lie inside a segment of SIZE
// bytes.
void die_unless_inside(const struct segment_name *name, uint64_t offset, uint64_t length,
                       uint64_t size);

#endif
