// SPDX-License-Identifier: MIT
// Which processes have segments attached, read from /proc/PID/maps.
#ifndef ATTACHMENTS_H
#define ATTACHMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The mappings that one process has of one segment.
struct attachment {
    uint64_t ns; // inode of the IPC namespace, or UINT64_MAX if not asked for
    uint64_t id;
    uint64_t key; // the key that the segment was created with
    uint64_t pid;
    uint64_t uid; // effective
    uint64_t mappings;
    uint64_t page_size;        // bytes, or UINT64_MAX if unknown
    const char *access;        // "rw" if any of the mappings is writable, else "r"
    const char *command;       // comm, escaped; from memory_resize, like the next two
    const char *args, *cgroup; // for the caller to fill in
};

struct attachments {
    struct attachment *rows; // from memory_resize
    size_t count, room;
    size_t unreadable;       // processes whose mappings the caller may not read
    size_t unreadable_meant; // those of them for which is_meant is true
};

// What attachments_read should find out.
struct attachments_wanted {
    bool page_sizes;     // costs: the kernel has to walk page tables
    bool all_namespaces; // cover all IPC namespaces, not only this one, and set ns
    // Whether process PID of user UID (UINT64_MAX if unknown) is meant; NULL means all.
    bool (*is_meant)(uint64_t pid, uint64_t uid);
};

// The attachments of all processes in /proc, meant or not, sorted by ns, id and pid. A process that
// ends meanwhile is left out. Processes that share memory without being threads (vfork(2)) are
// listed separately. Ends the program if /proc cannot be read.
struct attachments attachments_read(const struct attachments_wanted *wanted);

#endif
