// SPDX-License-Identifier: MIT
// Completion candidates for all shells, from the commands' own tables.
#ifndef COMPLETE_H
#define COMPLETE_H

#include "command.h"

// Completes the last of WORDS, the COUNT words typed after "shmtool". Prints a line
// "candidate<TAB>description" for each word that fits there, or what the shell should complete
// itself: "file", or "command N" for another command that starts at word N ("shmtool" is word 0).
// COMMANDS ends with NULL.
void complete(const struct command *const *commands, int count, char **words);

#endif
