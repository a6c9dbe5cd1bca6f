// SPDX-License-Identifier: MIT
// Bytes between a descriptor, a buffer and attached memory. The kernel touches the memory, never
// this process: a page that cannot be had is EFAULT, not SIGBUS (copy_from_user, copy_to_user).
#ifndef COPY_H
#define COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Where bytes come from.
struct source {
    const char *name; // for messages
    int fd;
    uint64_t size; // bytes up to the end, where known
    bool known;    // a regular file: what is left of it
};

// Opens PATH, "-" being stdin. Returns 0, or -1 and errno of open(2).
int copy_open(struct source *source, const char *path);

void copy_close(const struct source *source);

// Each function adds to *DONE the bytes it moved, also when it fails with -1 and errno: EFAULT
// where a page of MEMORY cannot be had, else what the system call named gave.

// As copy_in, for MEMORY that is all zeros: holes of the file are left alone (SEEK_DATA).
int copy_in_sparse(char *memory, uint64_t length, int fd, uint64_t *done);

// Whether there is a byte more to be read: 1, 0, or -1 and errno; read(2).
int copy_is_more(int fd);

// Reads FD into MEMORY until LENGTH bytes or the end of input; read(2).
int copy_in(char *memory, uint64_t length, int fd, uint64_t *done);

// Writes LENGTH bytes of MEMORY to FD; write(2).
int copy_out(int fd, const char *memory, uint64_t length, uint64_t *done);

// Reads LENGTH bytes of MEMORY into BUFFER; process_vm_readv(2).
int copy_peek(void *buffer, const char *memory, size_t length);

// Writes LENGTH bytes of BUFFER to MEMORY; process_vm_writev(2).
int copy_poke(char *memory, const void *buffer, uint64_t length, uint64_t *done);

// Sets LENGTH bytes of MEMORY to BYTE.
int copy_fill(char *memory, int byte, uint64_t length, uint64_t *done);

#endif
