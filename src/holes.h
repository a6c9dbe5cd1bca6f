// SPDX-License-Identifier: MIT
// Finds where an attached segment has pages. Reading elsewhere would allocate them.
#ifndef HOLES_H
#define HOLES_H

#include "segment.h"
#include "sysvipc.h"

#include <stdbool.h>
#include <sys/types.h>

// From START to END, offsets in bytes.
struct extent {
    off_t start, end;
};

struct holes {
    const struct mapping *mapping;
    off_t end;              // of the range that is read
    int fd;                 // of the segment's pages, for SEEK_DATA, or -1
    bool ordinary;          // the pages are not huge pages
    bool proven;            // mincore(2) can be trusted
    struct extent checked;  // the range that `present` describes
    unsigned char *present; // from mincore(2), one byte per page
    uint64_t taken;         // bytes in memory and swap before reading, or SYSVIPC_UNKNOWN
};

// Finds out how to tell holes before END. With CAP_SYS_ADMIN by SEEK_DATA on the mapping's file,
// except for huge pages; else by mincore(2), if the pages are ordinary and none is swapped out
// (huge and swapped pages look absent); else not at all, and everything counts as data. Call it
// before anything of the mapping is read.
void holes_open(struct holes *holes, const struct mapping *mapping, off_t end);

// Opens the file behind MAPPING with the access mode FLAGS. Returns a descriptor, or -1 if that is
// not permitted or the pages are huge pages. A writable descriptor could even shrink a live
// segment: use it only for sendfile(2), and only for what is attached for writing.
int holes_open_mapping(const struct mapping *mapping, int flags);

// Whether reading has allocated pages since holes_open, because holes could not be told. (It does
// not say how many: the rss of huge pages does not show that.)
bool holes_grew(struct holes *holes);

// The first data at or after FROM and before END; an empty extent at END if there is none.
struct extent holes_next_data(struct holes *holes, off_t from, off_t end);

// Like holes_next_data, for a file. Everything is data if the file system cannot tell, or if the
// file is on tmpfs and has blocks for its whole size.
struct extent holes_next_in_file(int fd, off_t from, off_t end);

#endif
