// SPDX-License-Identifier: MIT
// What /proc tells of processes and of the kernel's settings.
#ifndef PROCESS_H
#define PROCESS_H

#include "escape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Enters the IPC namespace of process PID, and first its user namespace where that is what
// permits it (setns(2)). Returns 0, or -1 and errno of open(2) or setns(2).
int process_enter_ipc(pid_t pid);

// Whether process PID is no longer the one that was there SINCE seconds after 1970: 1 where there
// is none now, or one that started later (pids are reused); 0 where it may be the same; -1 where
// that cannot be told: PID is 0, which is how the kernel shows a process of a pid namespace that
// is not seen from here, or /proc hides it. A clock that was set meanwhile misleads it.
int process_gone(pid_t pid, uint64_t since);

// The mappings that one process has of one segment.
struct attachment {
    uint64_t id;
    uint64_t key; // for the caller to fill in
    uint64_t pid;
    uint64_t uid; // effective
    uint64_t mappings;
    uint64_t page_size;  // bytes, or UINT64_MAX: not known
    const char *access;  // "rw" where one of the mappings is writable, else "r"
    const char *command; // for the caller to point to name, when the row has its final place
    char name[ESCAPE_MOST(16) + 1]; // comm, escaped
};

struct attachments {
    struct attachment *rows; // to be freed by the caller
    size_t count, room;
    size_t unreadable; // processes that the caller may not look into
};

// Fills *ALL (which the caller has zeroed) with the attachments of the processes of this IPC
// namespace that /proc shows, sorted by id, then pid; with PAGE_SIZES too, which makes the kernel
// walk page tables. A process that ends meanwhile is left out. Processes that share their memory
// without being threads (vfork(2)) each count. Returns 0, or -1 and errno with nothing kept.
int process_attachments(struct attachments *all, bool page_sizes);

// Whether the effective set holds CAPABILITY (capabilities(7)).
bool process_has_capability(unsigned capability);

// The value of /proc/sys/NAME, or OTHERWISE where it cannot be read.
uint64_t process_sysctl(const char *name, uint64_t otherwise);

#endif
