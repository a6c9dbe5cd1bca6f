// SPDX-License-Identifier: MIT
// How far a long copy is, on stderr, where that is a terminal and nothing else goes there.
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

// Begins a copy of TOTAL bytes (0: not known) that may be shown: TO_TERMINAL tells that the data
// itself goes to a terminal.
void progress_begin(uint64_t total, bool to_terminal);

// DONE bytes are done, holes among them. They are shown from the second second on, if they are more
// than anybody types and the program is not in the background.
void progress_at(uint64_t done);

// Takes the line away again; keeps errno.
void progress_end(void);

#endif
