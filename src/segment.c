// SPDX-License-Identifier: MIT
// All that is done with one segment.
#include "segment.h"

#include "caller.h"
#include "fail.h"
#include "proc.h"
#include "sysv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "sizes of segments need 64 bits");

// The outcome for RESULT of a call for which EINVAL can only mean that the segment is missing.
static int outcome_of(int result)
{
    if (result >= 0)
        return OUTCOME_DONE;
    return errno == EINVAL || errno == EIDRM ? OUTCOME_MISSING : OUTCOME_ERRNO;
}

int segment_find(const struct segment_name *name)
{
    const int id = name->by_key ? sysv_shmget((key_t)name->value, 0, 0) : (int)name->value;

    return id < 0 && errno == ENOENT ? OUTCOME_MISSING : id;
}

// SHM_STAT_ANY is permitted to everyone, but describes whatever segment has the index of ID now. If
// there is none any more it fails as on a kernel without it, so IPC_STAT is tried again.
static int peek(int id, struct segment *row)
{
    struct shmid_ds ds = {0};
    int any = -1;

    for (int attempt = 0; any != id && sysv_shmctl(id, IPC_STAT, &ds) != 0; attempt++) {
        if (errno != EACCES || attempt)
            return outcome_of(-1);
        any = sysv_shmctl(id, SHM_STAT_ANY, &ds);
        if (any >= 0 && any != id)
            return OUTCOME_MISSING;
    }
    *row = sysvipc_describe(id, &ds);
    return OUTCOME_DONE;
}

int segment_look(int id, struct segment *row)
{
    int outcome = peek(id, row), found;

    if (outcome == OUTCOME_ERRNO && errno == EACCES) {
        found = sysvipc_look(id, row);
        outcome = found > 0 ? OUTCOME_DONE : found == 0 ? OUTCOME_MISSING : OUTCOME_ERRNO;
    }
    return outcome;
}

int segment_look_up(const struct segment_name *name, struct segment *row)
{
    const int id = segment_find(name);
    const int outcome = id < 0 ? id : segment_look(id, row);

    // Since its id was found, the segment may have lost its key, or another one got the id.
    return outcome == OUTCOME_DONE && name->by_key && row->key != name->value ? OUTCOME_MISSING
                                                                              : outcome;
}

bool segment_is_published(const struct segment *row)
{
    const uint64_t mode = row->mode & 0777;

    return mode != 0 && mode != SEGMENT_MODE_FILLING;
}

bool segment_is_doomed(void)
{
    static const char path[] = "/proc/sys/kernel/shm_rmid_forced";
    char text[32];

    if (proc_read(AT_FDCWD, path, text, sizeof text) < 0 && !proc_hides(errno))
        die_errno(path);
    return strtoull(text, NULL, 10) != 0;
}

int segment_create(uint32_t key, uint64_t size, int flags)
{
    return segment_is_doomed() ? OUTCOME_DYING
                               : sysv_shmget((key_t)key, size, IPC_CREAT | IPC_EXCL | flags);
}

int segment_attach(const struct segment_name *name, bool read_only, struct mapping *mapping)
{
    const int id = segment_find(name);
    struct shmid_ds ds;
    void *address;
    int outcome;

    if (id < 0)
        return id;
    if (sysv_shmctl(id, IPC_STAT, &ds) != 0)
        return outcome_of(-1);
    if (ds.shm_nattch == 0 && segment_is_doomed())
        return OUTCOME_DYING;
    address = sysv_shmat(id, read_only ? SHM_RDONLY : 0);
    if (address == (void *)-1)
        return outcome_of(-1);
    // Only now can the id not pass to another segment any more, so look at size and key again.
    outcome = outcome_of(sysv_shmctl(id, IPC_STAT, &ds));
    if (outcome == OUTCOME_DONE && name->by_key && (uint32_t)ds.shm_perm.__key != name->value)
        outcome = OUTCOME_MISSING;
    *mapping = (struct mapping){id, address, ds.shm_segsz};
    return outcome;
}

int segment_detach(const struct mapping *mapping)
{
    return sysv_shmdt(mapping->address);
}

int segment_change(const struct segment_name *name, const struct owner *owner, const unsigned *mode)
{
    const int id = segment_find(name);
    struct segment row;
    struct shmid_ds ds = {0};
    int outcome = id < 0 ? id : segment_look(id, &row);

    if (outcome != OUTCOME_DONE)
        return outcome;
    if (caller_misnames(owner ? 0 : row.uid, owner && owner->has_group ? 0 : row.gid))
        return OUTCOME_UNMAPPED;
    ds.shm_perm.uid = (uid_t)(owner ? owner->user : row.uid);
    ds.shm_perm.gid = (gid_t)(owner && owner->has_group ? owner->group : row.gid);
    ds.shm_perm.mode = (unsigned short)(mode ? *mode : row.mode & 0777);
    outcome = outcome_of(sysv_shmctl(id, IPC_SET, &ds));
    // EINVAL means that the segment is missing, or that an id is not mapped.
    if (outcome == OUTCOME_MISSING && errno == EINVAL && segment_look(id, &row) == OUTCOME_DONE)
        return OUTCOME_UNMAPPED;
    return outcome;
}

int segment_lock(const struct segment_name *name, bool lock)
{
    const int id = segment_find(name);

    return id < 0 ? id : outcome_of(sysv_shmctl(id, lock ? SHM_LOCK : SHM_UNLOCK, NULL));
}

int segment_remove(int id, uint64_t *nattch)
{
    struct segment row = {0};
    int outcome = outcome_of(sysv_shmctl(id, IPC_RMID, NULL));

    *nattch = 0;
    if (outcome != OUTCOME_DONE)
        return outcome;
    // If it still exists and is marked, it is attached. If it is gone, that is what was asked for.
    outcome = segment_look(id, &row);
    if (outcome == OUTCOME_DONE && row.mode & SHM_DEST)
        *nattch = row.nattch;
    return outcome == OUTCOME_MISSING ? OUTCOME_DONE : outcome;
}

static bool is_used_as_seen(const struct segment *seen, const struct segment *now)
{
    // Times are whole seconds, so compare nattch and lpid too.
    return seen->nattch == now->nattch && seen->atime == now->atime && seen->dtime == now->dtime &&
           seen->lpid == now->lpid;
}

static bool is_as_seen(const struct segment *seen, const struct segment *now)
{
    return seen->key == now->key && seen->uid == now->uid && seen->cuid == now->cuid &&
           seen->cpid == now->cpid && seen->ctime == now->ctime && seen->size == now->size;
}

// Removes the segment if it is still the one SEEN; this process may have it attached.
static int remove_if_same(const struct segment *seen, uint64_t *nattch)
{
    struct segment now;
    const int outcome = segment_look((int)seen->id, &now);

    if (outcome != OUTCOME_DONE)
        return outcome;
    return is_as_seen(seen, &now) ? segment_remove((int)seen->id, nattch) : OUTCOME_CHANGED;
}

int segment_remove_seen(const struct segment *seen, const struct removal *how, bool *pinned,
                        uint64_t *nattch)
{
    const int id = (int)seen->id;
    struct segment now;
    void *address = (void *)-1;
    int outcome = segment_look(id, &now), error;

    *pinned = false;
    if (outcome != OUTCOME_DONE)
        return outcome;
    // Before the pin, which counts as a use itself, also for another rm at the same time.
    if (!how->used && !is_used_as_seen(seen, &now))
        return OUTCOME_CHANGED;
    if (how->pin)
        address = sysv_shmat(id, SHM_RDONLY);
    *pinned = address != (void *)-1;
    if (how->pin && !*pinned && (errno == EINVAL || errno == EIDRM))
        return OUTCOME_MISSING;
    if (how->pin && !*pinned && !how->lax)
        return OUTCOME_UNPINNED;
    outcome = remove_if_same(seen, nattch);
    error = errno;
    if (*pinned) {
        sysv_shmdt(address);
        if (outcome == OUTCOME_DONE && *nattch)
            --*nattch; // this process's own
    }
    errno = error;
    return outcome;
}
