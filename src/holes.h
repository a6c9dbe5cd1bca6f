// SPDX-License-Identifier: MIT
// Where an attached segment has pages. Reading elsewhere would allocate them.
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
    off_t end;             // of what is read
    int fd;                // of the segment's pages, for seeking, or -1
    bool ordinary;         // the pages are not huge ones
    bool proven;           // mincore is right
    struct extent checked; // what `present` tells about, for mincore
    unsigned char *present;
    uint64_t taken; // in memory and in swap, before anything was read, or SYSVIPC_UNKNOWN
};

// Finds out how holes before END can be told: by SEEK_DATA on the mapping's file (which wants
// CAP_SYS_ADMIN, and hugetlbfs does not tell); else by mincore(2), if the pages are ordinary ones
// and none of the segment is swapped out (such pages, and huge ones, look absent); else not at all,
// and all counts as data. Nothing of the mapping has been read yet.
void holes_open(struct holes *holes, const struct mapping *mapping, off_t end);

// Opens what MAPPING maps, with the access mode FLAGS. Returns a descriptor, or -1 where that is
// not permitted, or the pages are huge ones. One for writing could even shrink a living segment: it
// is for sendfile(2) alone, and for what is attached for writing.
int holes_open_mapping(const struct mapping *mapping, int flags);

// Whether the segment has grown since holes_open, as its holes could not be told. By how much, the
// rss of huge pages does not tell.
bool holes_grew(struct holes *holes);

// The first data from FROM on and before END; empty at END where there is none.
struct extent holes_next_data(struct holes *holes, off_t from, off_t end);

// As holes_next_data, for a file; all is data where the file system does not tell, and where the
// file is on tmpfs and has as many blocks as it is long.
struct extent holes_next_in_file(int fd, off_t from, off_t end);

#endif
