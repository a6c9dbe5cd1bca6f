// SPDX-License-Identifier: MIT
// What to type in place of the words and options that people bring from other programs.
#ifndef ADVICE_H
#define ADVICE_H

// The line, or lines, to type where COMMAND does not know WORD ("-m", "--id", or ADVICE_SEGMENT),
// or where there is no command (NULL) called WORD; NULL if nobody would bring it.
const char *advice_find(const char *command, const char *word);

#define ADVICE_SEGMENT "SEGMENT" // an operand that names one; it follows the line

#endif
