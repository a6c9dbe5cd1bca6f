// SPDX-License-Identifier: MIT
// A file that appears under its name only when it is complete.
#ifndef OUTFILE_H
#define OUTFILE_H

#include <stdbool.h>

struct outfile {
    int fd;               // to write to
    const char *path;     // its name to be
    char temporary[4096]; // its name so far; "" while it has none (O_TMPFILE)
};

// Opens a new file of mode 0600 in the folder of PATH. Where PATH exists: EEXIST, or, with REPLACE,
// EINVAL unless it is a regular file. Returns 0, or -1 and errno as open(2).
int outfile_open(struct outfile *file, const char *path, bool replace);

// Gives FILE its name and closes it; where the name was taken meanwhile: EEXIST, unless REPLACE.
// Returns 0, or -1 and errno, with the file gone. Whether what was written is safe the caller has
// to learn before, by closing a copy of the descriptor: then it is too late to take the name back.
int outfile_publish(struct outfile *file, bool replace);

// Closes FILE, and removes it unless it has been published.
void outfile_discard(struct outfile *file);

#endif
