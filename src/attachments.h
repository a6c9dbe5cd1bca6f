// SPDX-License-Identifier: MIT
// Which processes have segments attached, from their lists of mappings.
#ifndef ATTACHMENTS_H
#define ATTACHMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The mappings that one process has of one segment.
struct attachment {
    uint64_t id;
    uint64_t key; // when it was made
    uint64_t pid;
    uint64_t uid; // effective
    uint64_t mappings;
    uint64_t page_size;        // bytes, or UINT64_MAX: not known
    const char *access;        // "rw" where one of the mappings is writable, else "r"
    const char *command;       // comm, escaped; of memory_resize, as the next two
    const char *args, *cgroup; // for the caller to fill
};

struct attachments {
    struct attachment *rows; // of memory_resize
    size_t count, room;
    size_t unreadable; // processes that the caller may not look into
};

// The attachments of the processes of this IPC namespace that /proc shows, sorted by id, then pid;
// with PAGE_SIZES too, which makes the kernel walk page tables. A process that ends meanwhile is
// left out. Processes that share their memory without being threads (vfork(2)) each count. Ends the
// program where /proc does not tell.
struct attachments attachments_read(bool page_sizes);

#endif
