// SPDX-License-Identifier: MIT
// Candidates for the completion of every shell, from the commands' own tables.
#ifndef COMPLETE_H
#define COMPLETE_H

#include "command.h"

// Prints a line "candidate<TAB>description" for each word that may stand where the last of the
// COUNT words that follow "shmtool" is being typed, or what the shell is to complete: "file", or
// "command N": another command, which begins at its word N, "shmtool" being word 0. COMMANDS ends
// with NULL.
void complete(const struct command *const *commands, int count, char **words);

#endif
