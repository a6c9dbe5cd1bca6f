// SPDX-License-Identifier: MIT
// Finds, creates, attaches, changes and removes one segment. Prints nothing: each function returns
// an outcome, or the id that it found or created.
#ifndef SEGMENT_H
#define SEGMENT_H

#include "account.h"
#include "parse.h"
#include "sysvipc.h"

#include <stdbool.h>
#include <stdint.h>

enum outcome {
    OUTCOME_DONE = 0,
    OUTCOME_ERRNO = -1,    // the kernel refused, and errno says why
    OUTCOME_MISSING = -2,  // no such segment (ENOENT for a key; EINVAL or EIDRM for an id)
    OUTCOME_DYING = -3,    // not done: kernel.shm_rmid_forced is 1, so it would be destroyed
    OUTCOME_UNMAPPED = -4, // the owner or group has no id in this user namespace
    OUTCOME_CHANGED = -5,  // not removed: it has changed since it was seen
    OUTCOME_UNPINNED = -6, // not removed: it cannot be attached, so its id could be reused
};

// The mode that create --from may give a segment while it attaches it; otherwise the mode is 0
// until the segment is full.
enum { SEGMENT_MODE_FILLING = 0601 };

// A segment in this process's memory.
struct mapping {
    int id;
    char *address;
    uint64_t size; // shm_segsz; the rest of the last page is not part of the segment
};

// The id of segment NAME, or an outcome below 0. An id in NAME is not checked. Needs no permission.
int segment_find(const struct segment_name *name);

// Describes segment ID in *ROW, like sysvipc_describe: with IPC_STAT, or if the mode denies that,
// with SHM_STAT_ANY or from the listing.
int segment_look(int id, struct segment *row);

// Like segment_look, for the segment that NAME names now.
int segment_look_up(const struct segment_name *name, struct segment *row);

// False if create --from is still filling ROW: such a segment has mode 0 or SEGMENT_MODE_FILLING.
bool segment_is_published(const struct segment *row);

// Creates a new segment (IPC_EXCL) with KEY, 0 being IPC_PRIVATE, and SIZE in bytes. FLAGS:
// permission bits, SHM_HUGETLB with its page size, SHM_NORESERVE. Returns its id, OUTCOME_DYING, or
// OUTCOME_ERRNO with errno of shmget(2).
int segment_create(uint32_t key, uint64_t size, int flags);

// Attaches segment NAME and fills in *MAPPING. Errno is from shmat(2) or IPC_STAT. OUTCOME_DYING if
// detaching would destroy it (its nattch is 0).
int segment_attach(const struct segment_name *name, bool read_only, struct mapping *mapping);

// Detaches it. Errno is from shmdt(2).
int segment_detach(const struct mapping *mapping);

// Sets OWNER and the permission bits *MODE of a segment; NULL leaves either as it is, and so does
// an OWNER without a group the group. Uses IPC_SET: EPERM unless the caller is owner or creator or
// has CAP_SYS_ADMIN; OUTCOME_UNMAPPED if the resulting owner or group has no id in this user
// namespace.
int segment_change(const struct segment_name *name, const struct owner *owner,
                   const unsigned *mode);

// SHM_LOCK, so that pages once touched stay in memory, or SHM_UNLOCK. ENOMEM if RLIMIT_MEMLOCK is
// reached; EPERM if that is 0, or if the caller is neither owner nor creator.
int segment_lock(const struct segment_name *name, bool lock);

// Marks segment ID for destruction and sets *NATTCH to the number of attachments that keep it
// alive.
int segment_remove(int id, uint64_t *nattch);

// How segment_remove_seen removes a segment.
struct removal {
    bool used; // also if it was attached or detached since it was seen
    bool pin;  // keep it attached meanwhile, so that no other segment can get its id
    bool lax;  // also if it cannot be attached
};

// Like segment_remove, if the segment is still the one SEEN in a listing, else OUTCOME_CHANGED.
// Sets *PINNED to whether it was kept attached.
int segment_remove_seen(const struct segment *seen, const struct removal *how, bool *pinned,
                        uint64_t *nattch);

// Whether kernel.shm_rmid_forced is set, so that a segment that nobody has attached is destroyed
// when its creator ends or its last attachment does (proc_sys_kernel(5)). False if /proc hides it;
// ends the program if it cannot be read for another reason.
bool segment_is_doomed(void);

#endif
