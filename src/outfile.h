// SPDX-License-Identifier: MIT
// A file that appears under its name only when it is complete. If the program fails before, nothing
// of it is left (fail.h: undo).
#ifndef OUTFILE_H
#define OUTFILE_H

#include <stdbool.h>

// Creates a file of mode 0600 in the folder of PATH; the text of PATH has to stay valid. Returns a
// descriptor for writing. Ends the program if PATH exists, unless REPLACE is set and it is a
// regular file.
int outfile_open(const char *path, bool replace);

// Gives the file its name. Ends the program if the name was taken meanwhile, unless REPLACE. Check
// for write errors first, by closing a copy of the descriptor: afterwards the name stays.
void outfile_publish(bool replace);

#endif
