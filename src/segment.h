// SPDX-License-Identifier: MIT
// Finding, creating, attaching and removing one segment. Prints nothing: each function returns
// -1 and errno, where ENOENT always means that there is no such segment (the kernel's EINVAL and
// EIDRM for an id).
#ifndef SEGMENT_H
#define SEGMENT_H

#include "account.h"
#include "parse.h"
#include "sysvipc.h"

#include <stdbool.h>
#include <stdint.h>

struct attached {
    int id;
    char *address;
    uint64_t size; // shm_segsz: what follows it up to the page's end is not the segment's
};

// The id of the segment that NAME names; an id is not checked.
int segment_find(const struct segment_name *name);

// Creates a segment that did not exist (IPC_EXCL; KEY 0: IPC_PRIVATE), owned by OWNER where that is
// not NULL. FLAGS: permission bits, SHM_HUGETLB with its page size, SHM_NORESERVE. Returns its id;
// errno as shmget(2), and ECANCELED while segment_dies_unattached, EOVERFLOW where OWNER is nobody
// in this user namespace.
int segment_create(uint32_t key, uint64_t size, int flags, const struct owner *owner);

// The id of the segment with KEY. Needs no permission.
int segment_open(uint32_t key);

// Attaches the segment that NAME names and tells its size. Errno as shmat(2) and IPC_STAT, and
// ECANCELED where detaching would destroy it (nattch 0 while segment_dies_unattached).
int segment_attach(const struct segment_name *name, bool read_only, struct attached *attached);

// Gives a segment OWNER and the permission bits *MODE, each unless NULL; what is not named stays.
// IPC_SET, which wants the owner, the creator or CAP_SYS_ADMIN (else EPERM), and an owner and a
// group, named or not, that have an id in this user namespace (else EOVERFLOW).
int segment_change(const struct segment_name *name, const struct owner *owner,
                   const unsigned *mode);

// SHM_LOCK or SHM_UNLOCK: its pages, once touched, stay in memory. ENOMEM where RLIMIT_MEMLOCK is
// hit; EPERM where that is 0, or the caller is neither owner nor creator.
int segment_lock(const struct segment_name *name, bool lock);

int segment_detach(const struct attached *attached);

// Marks segment ID for destruction and tells how many attachments keep it alive.
int segment_remove(int id, uint64_t *nattch);

// As segment_remove, if the segment is still the one SEEN in a listing, else ESTALE. Where *PIN it
// stays attached between the comparison and the removal, so that its id cannot pass to another one;
// *PIN tells whether that was permitted.
int segment_remove_seen(const struct segment *seen, bool *pin, uint64_t *nattch);

// Whether kernel.shm_rmid_forced is set: the end of its creator, or of an attachment, destroys a
// segment that nobody else has attached (proc_sys_kernel(5)): 1, 0, or -1 and errno.
int segment_dies_unattached(void);

#endif
