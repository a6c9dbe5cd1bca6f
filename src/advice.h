// SPDX-License-Identifier: MIT
// What to type instead of the words and options that people know from other programs.
#ifndef ADVICE_H
#define ADVICE_H

// What to type instead of WORD ("-m", "--id" or ADVICE_SEGMENT), which COMMAND does not know, or,
// if COMMAND is NULL, which is no command. Returns NULL if there is no advice about WORD.
const char *advice_find(const char *command, const char *word);

#define ADVICE_SEGMENT "SEGMENT" // an operand that names a segment; the caller appends it

#endif
