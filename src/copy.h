// SPDX-License-Identifier: MIT
// Bytes between a descriptor, a buffer and attached memory. The kernel touches the memory, never
// this process: a page that cannot be had is EFAULT, not SIGBUS (copy_from_user, copy_to_user).
// Between memory and a buffer they go through a pipe: process_vm_readv(2) is refused by sandboxes.
#ifndef COPY_H
#define COPY_H

#include "segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Where bytes come from.
struct source {
    const char *name; // for messages
    int fd;
    uint64_t size; // bytes up to the end, where known
    bool known;    // a regular file: what is left of it
    off_t end;     // its size as a whole
};

// Opens PATH, "-" being stdin. Ends the program where it may not be opened, or is a folder.
struct source copy_open(const char *path);

// Whether SOURCE, of a size that was known, is now shorter than it was. (What read(2) gives may be
// less from the start: sysfs says 4,096 of all its files.)
bool copy_shrank(const struct source *source);

// Gives a pipe more room, as much as is allowed, before much is copied into it or out of it; never
// less than it has. No pipe: no harm.
void copy_enlarge(int fd);

// Each function adds to *DONE the bytes it moved, also when it fails with -1 and errno: EFAULT
// where a page of MEMORY cannot be had, else what the system call named gave.

// Makes LENGTH bytes of MEMORY zeros and gives whole pages of them back to the system
// (MADV_REMOVE).
int copy_zero(char *memory, uint64_t length, uint64_t *done);

// Whether there is a byte more to be read: 1, 0, or -1 and errno; read(2).
int copy_is_more(int fd);

// Reads SOURCE into the segment from OFFSET until its end or MOST bytes, and leaves it there;
// read(2), or sendfile(2) of a file where that is permitted. A hole of a file is left alone where
// the segment is FRESH, all zeros; else its place is zeroed as by copy_zero.
int copy_source(const struct mapping *mapping, uint64_t offset, uint64_t most,
                const struct source *source, bool fresh, uint64_t *done);

// Writes LENGTH bytes of MEMORY to FD; write(2).
int copy_out(int fd, const char *memory, uint64_t length, uint64_t *done);

// As copy_out, but reads descriptor FROM at OFFSET; sendfile(2). For regular files only: a pipe
// would hold on to the pages, and what is written to them later. EINVAL where FD cannot take it.
int copy_send(int fd, int from, off_t offset, uint64_t length, uint64_t *done);

// Reads LENGTH bytes of MEMORY into BUFFER; pipe2(2), write(2) and read(2).
int copy_peek(void *buffer, const char *memory, size_t length);

// Writes LENGTH bytes of BUFFER to MEMORY; pipe2(2), write(2) and read(2).
int copy_poke(char *memory, const void *buffer, uint64_t length, uint64_t *done);

// Sets LENGTH bytes of MEMORY to BYTE.
int copy_fill(char *memory, int byte, uint64_t length, uint64_t *done);

#endif
