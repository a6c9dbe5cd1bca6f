// SPDX-License-Identifier: MIT
// Copies bytes between a descriptor, a buffer and attached memory. Only the kernel touches the
// memory, so a page that cannot be allocated is EFAULT, not SIGBUS (copy_from_user, copy_to_user).
// Bytes between memory and a buffer go through a pipe, because sandboxes refuse
// process_vm_readv(2).
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
    uint64_t size; // bytes that are left in the file, if known
    bool known;    // the source is a regular file that has a size
    off_t end;     // size of the whole file, if known
};

// Opens PATH; "-" is stdin. Ends the program if it cannot be opened or is a folder.
struct source copy_open(const char *path);

// Whether SOURCE, whose size was known, has become shorter. (That read(2) returns less than the
// size does not prove it: all files of sysfs claim 4,096 bytes.)
bool copy_shrank(const struct source *source);

// If FD is a pipe, enlarges it as far as allowed, before a large copy; never shrinks it.
void copy_enlarge(int fd);

// Each function below returns 0, or -1 and errno: EFAULT if a page of MEMORY cannot be allocated,
// else the error of the system calls that it names. Those with DONE add to *DONE the bytes that
// they copied, also when they fail.

// Zeroes LENGTH bytes of MEMORY; whole pages are given back to the system (MADV_REMOVE).
int copy_zero(char *memory, uint64_t length, uint64_t *done);

// Whether FD has another byte, which this reads: 1, 0, or -1 and errno; read(2).
int copy_is_more(int fd);

// Reads SOURCE, up to its end or MOST bytes, into the segment at OFFSET, and leaves its file offset
// after what was read; read(2), or sendfile(2) for a file if that is permitted. Holes of a file are
// skipped if the segment is FRESH, that is all zeros; else they are zeroed with copy_zero.
int copy_source(const struct mapping *mapping, uint64_t offset, uint64_t most,
                const struct source *source, bool fresh, uint64_t *done);

// Writes LENGTH bytes of MEMORY to FD; write(2).
int copy_out(int fd, const char *memory, uint64_t length, uint64_t *done);

// Like copy_out, but reads from descriptor FROM at OFFSET; sendfile(2). FD has to be a regular
// file: a pipe would keep references to the pages and show what is written to them later. EINVAL if
// FD does not support it.
int copy_send(int fd, int from, off_t offset, uint64_t length, uint64_t *done);

// Reads LENGTH bytes of MEMORY into BUFFER; pipe2(2), write(2) and read(2).
int copy_peek(void *buffer, const char *memory, size_t length);

// Writes LENGTH bytes of BUFFER to MEMORY; pipe2(2), write(2) and read(2).
int copy_poke(char *memory, const void *buffer, uint64_t length, uint64_t *done);

// Sets LENGTH bytes of MEMORY to BYTE.
int copy_fill(char *memory, int byte, uint64_t length, uint64_t *done);

#endif
