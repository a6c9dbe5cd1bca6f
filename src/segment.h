// SPDX-License-Identifier: MIT
// Finding, creating, attaching and removing one segment. Prints nothing: each function returns an
// outcome, or the id that it found or made.
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
    OUTCOME_MISSING = -2,  // no such segment (ENOENT of a key; EINVAL and EIDRM of an id)
    OUTCOME_DYING = -3,    // kernel.shm_rmid_forced is 1: it would be destroyed
    OUTCOME_UNMAPPED = -4, // the owner or the group has no id in this user namespace
    OUTCOME_CHANGED = -5,  // it is not as it was seen any more
    OUTCOME_UNPINNED = -6, // it cannot be attached, and so another one could get its id
};

// What create --from gives a segment for the moment of attaching it, until it is full.
enum { SEGMENT_MODE_FILLING = 0601 };

// A segment in this process's memory.
struct mapping {
    int id;
    char *address;
    uint64_t size; // shm_segsz: what follows it up to the page's end is not the segment's
};

// The id of the segment that NAME names; an id is not checked. Needs no permission.
int segment_find(const struct segment_name *name);

// Describes segment ID in *ROW, as sysvipc_describe does: by IPC_STAT, and where the mode denies
// that by SHM_STAT_ANY, or the listing.
int segment_look(int id, struct segment *row);

// As segment_look, but never from the listing: OUTCOME_ERRNO and EACCES where the mode denies
// IPC_STAT and Linux, before 4.17, does not know SHM_STAT_ANY.
int segment_peek(int id, struct segment *row);

// Whether ROW is not one that create --from is still filling: those have mode 0, or
// SEGMENT_MODE_FILLING, until they are full.
bool segment_is_published(const struct segment *row);

// Creates a segment that did not exist (IPC_EXCL; KEY 0: IPC_PRIVATE). FLAGS: permission bits,
// SHM_HUGETLB with its page size, SHM_NORESERVE. Returns its id; errno is of shmget(2). May be
// OUTCOME_DYING.
int segment_create(uint32_t key, uint64_t size, int flags);

// Attaches the segment that NAME names. Errno is of shmat(2) or IPC_STAT. OUTCOME_DYING where
// detaching would destroy it (nattch is 0).
int segment_attach(const struct segment_name *name, bool read_only, struct mapping *mapping);

// Detaches it. Errno is of shmdt(2).
int segment_detach(const struct mapping *mapping);

// Gives a segment OWNER and the permission bits *MODE, each unless NULL; what is not named stays.
// IPC_SET, which wants the owner, the creator or CAP_SYS_ADMIN (else EPERM), and an owner and a
// group, named or not, that have an id in this user namespace (else OUTCOME_UNMAPPED).
int segment_change(const struct segment_name *name, const struct owner *owner,
                   const unsigned *mode);

// SHM_LOCK or SHM_UNLOCK: its pages, once touched, stay in memory. ENOMEM where RLIMIT_MEMLOCK is
// hit; EPERM where that is 0, or the caller is neither owner nor creator.
int segment_lock(const struct segment_name *name, bool lock);

// Marks segment ID for destruction and tells how many attachments keep it alive.
int segment_remove(int id, uint64_t *nattch);

// How a segment that was seen in a listing is to be removed.
struct removal {
    bool used; // also where it was attached or detached since
    bool pin;  // keep it attached meanwhile, so that its id cannot pass to another one
    bool lax;  // also where it cannot be attached
};

// As segment_remove, if the segment is still the one SEEN in a listing, else OUTCOME_CHANGED.
// *PINNED tells whether it was kept attached.
int segment_remove_seen(const struct segment *seen, const struct removal *how, bool *pinned,
                        uint64_t *nattch);

// Whether kernel.shm_rmid_forced is set: the end of its creator, or of an attachment, destroys a
// segment that nobody else has attached (proc_sys_kernel(5)): OUTCOME_DYING, else OUTCOME_DONE, or
// OUTCOME_ERRNO of open(2) or read(2). What /proc hides is not set.
int segment_survival(void);

#endif
