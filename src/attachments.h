// SPDX-License-Identifier: MIT
// Which processes have segments attached, from their lists of mappings.
#ifndef ATTACHMENTS_H
#define ATTACHMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The mappings that one process has of one segment.
struct attachment {
    uint64_t ns; // inode of the IPC namespace, or UINT64_MAX: not asked for
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
    size_t unreadable;       // processes that the caller may not look into
    size_t unreadable_meant; // those of them that are meant
};

// What attachments_read is to find out.
struct attachments_wanted {
    bool page_sizes;     // which makes the kernel walk page tables
    bool all_namespaces; // of all IPC namespaces, with ns, not of this one alone
    // Whether the process PID of user UID (UINT64_MAX: not known) is meant; NULL: all are.
    bool (*is_meant)(uint64_t pid, uint64_t uid);
};

// The attachments of the processes that /proc shows, meant or not, sorted by ns, id, then pid. A
// process that ends meanwhile is left out. Processes that share their memory without being threads
// (vfork(2)) each count. Ends the program where /proc does not tell.
struct attachments attachments_read(const struct attachments_wanted *wanted);

#endif
