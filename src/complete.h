// SPDX-License-Identifier: MIT
// Candidates for the completion of every shell, from the commands' own tables.
#ifndef COMPLETE_H
#define COMPLETE_H

#include "command.h"

// Prints a line "candidate<TAB>description" for each word that may stand where the last of the
// COUNT words that follow "shmtool" is being typed. Nothing means: a file name, or anything.
// COMMANDS ends with NULL.
void complete(const struct command *const *commands, int count, char **words);

#endif
