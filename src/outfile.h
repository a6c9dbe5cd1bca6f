// SPDX-License-Identifier: MIT
// A file that appears under its name only when it is complete. Until then it is undone where the
// program fails (fail.h: undo).
#ifndef OUTFILE_H
#define OUTFILE_H

#include <stdbool.h>

// Makes a new file of mode 0600 in the folder of PATH, which is kept. Returns a descriptor to write
// to. Ends the program where there is a PATH already, unless REPLACE and it is a regular file.
int outfile_open(const char *path, bool replace);

// Gives the file its name. Ends the program where the name was taken meanwhile, unless REPLACE.
// Whether what was written is safe has to be known before, by closing a copy of the descriptor:
// then it is too late to take the name back.
void outfile_publish(bool replace);

#endif
