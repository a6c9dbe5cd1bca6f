// SPDX-License-Identifier: MIT
// Shows the progress of a long copy on stderr, if that is a terminal.
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

// Begins a copy of TOTAL bytes (0 if unknown). Nothing is shown if TO_TERMINAL, that is if the data
// itself goes to a terminal.
void progress_begin(uint64_t total, bool to_terminal);

// DONE bytes are copied, holes included. Shows that after one second, if it is more than a user
// types and the program is not in the background.
void progress_at(uint64_t done);

// Clears the line again; keeps errno.
void progress_end(void);

#endif
