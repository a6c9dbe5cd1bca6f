// SPDX-License-Identifier: MIT
// The life of one segment.
#include "segment.h"

#include "process.h"
#include "sysv.h"
#include "sysvipc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "sizes of segments need 64 bits");

// EINVAL of a call that is given only an id means that there is none; EIDRM that it went just now.
static int fail_missing(void)
{
    if (errno == EINVAL || errno == EIDRM)
        errno = ENOENT;
    return -1;
}

int segment_open(uint32_t key)
{
    return sysv_shmget((key_t)key, 0, 0);
}

int segment_find(const struct segment_name *name)
{
    return name->by_key ? segment_open(name->value) : (int)name->value;
}

static int look_in_list(int id, struct segment *row)
{
    struct segments all = {0};
    const struct segment *found;

    if (sysvipc_read(&all) != 0)
        return -1;
    found = sysvipc_find(&all, false, (uint32_t)id);
    if (found)
        *row = *found;
    free(all.rows);
    errno = ENOENT;
    return found ? 0 : -1;
}

// The mode may deny IPC_STAT even to the owner. SHM_STAT_ANY it denies to nobody, but that is for
// whatever segment has the index of ID now, and Linux before 4.17 does not know it.
static int look(int id, struct segment *row)
{
    struct shmid_ds ds = {0};

    if (sysv_shmctl(id, IPC_STAT, &ds) != 0) {
        if (errno != EACCES)
            return fail_missing();
        if (sysv_shmctl(id, SHM_STAT_ANY, &ds) != id)
            return look_in_list(id, row);
    }
    *row = sysvipc_describe(id, &ds);
    return 0;
}

int segment_dies_unattached(void)
{
    char text[32];

    if (process_read(AT_FDCWD, "/proc/sys/kernel/shm_rmid_forced", text, sizeof text) < 0)
        return process_hides(errno) ? 0 : -1;
    return strtoull(text, NULL, 10) != 0;
}

static int check_survival(void)
{
    const int dies = segment_dies_unattached();

    if (dies > 0)
        errno = ECANCELED;
    return dies ? -1 : 0;
}

int segment_create(uint32_t key, uint64_t size, int flags, const struct owner *owner)
{
    struct segment_name name = {0};
    int id, error;

    if (check_survival() != 0)
        return -1;
    id = sysv_shmget((key_t)key, size, IPC_CREAT | IPC_EXCL | flags);
    name.value = (uint32_t)id;
    if (id < 0 || !owner || segment_change(&name, owner, NULL) == 0)
        return id;
    error = errno;
    sysv_shmctl(id, IPC_RMID, NULL);
    errno = error;
    return -1;
}

int segment_attach(const struct segment_name *name, bool read_only, struct attached *attached)
{
    int id = segment_find(name);
    struct shmid_ds ds;
    void *address;

    if (id < 0)
        return -1;
    if (sysv_shmctl(id, IPC_STAT, &ds) != 0)
        return fail_missing();
    if (ds.shm_nattch == 0 && check_survival() != 0)
        return -1;
    address = sysv_shmat(id, read_only ? SHM_RDONLY : 0);
    if (address == (void *)-1)
        return fail_missing();
    *attached = (struct attached){id, address, 0};
    // Only now can the id no longer pass to another segment, so only now are size and key its own.
    if (sysv_shmctl(id, IPC_STAT, &ds) != 0)
        fail_missing();
    else if (name->by_key && (uint32_t)ds.shm_perm.__key != name->value)
        errno = ENOENT;
    else {
        attached->size = ds.shm_segsz;
        return 0;
    }
    int error = errno;
    sysv_shmdt(address);
    errno = error;
    return -1;
}

int segment_change(const struct segment_name *name, const struct owner *owner, const unsigned *mode)
{
    struct segment row;
    struct shmid_ds ds = {0};
    int id = segment_find(name);

    if (id < 0 || look(id, &row) != 0)
        return -1;
    if (process_misnames(owner ? 0 : row.uid, owner && owner->has_group ? 0 : row.gid)) {
        errno = EOVERFLOW;
        return -1;
    }
    ds.shm_perm.uid = (uid_t)(owner ? owner->user : row.uid);
    ds.shm_perm.gid = (gid_t)(owner && owner->has_group ? owner->group : row.gid);
    ds.shm_perm.mode = (unsigned short)(mode ? *mode : row.mode & 0777);
    if (sysv_shmctl(id, IPC_SET, &ds) == 0)
        return 0;
    // EINVAL says that the segment is missing, or that an id is not mapped.
    if (errno == EINVAL && look(id, &row) == 0) {
        errno = EOVERFLOW;
        return -1;
    }
    return fail_missing();
}

int segment_lock(const struct segment_name *name, bool lock)
{
    int id = segment_find(name);

    if (id < 0)
        return -1;
    return sysv_shmctl(id, lock ? SHM_LOCK : SHM_UNLOCK, NULL) == 0 ? 0 : fail_missing();
}

int segment_detach(const struct attached *attached)
{
    return sysv_shmdt(attached->address);
}

int segment_remove(int id, uint64_t *nattch)
{
    struct segment row;

    *nattch = 0;
    if (sysv_shmctl(id, IPC_RMID, NULL) != 0)
        return fail_missing();
    // Still there and marked: attached. Gone is what was asked for.
    if (look(id, &row) != 0)
        return errno == ENOENT ? 0 : -1;
    if (row.mode & SHM_DEST)
        *nattch = row.nattch;
    return 0;
}

static bool is_same(const struct segment *a, const struct segment *b)
{
    return a->key == b->key && a->uid == b->uid && a->cuid == b->cuid && a->cpid == b->cpid &&
           a->ctime == b->ctime && a->size == b->size;
}

int segment_remove_seen(const struct segment *seen, bool *pin, uint64_t *nattch)
{
    const int id = (int)seen->id;
    void *address = *pin ? sysv_shmat(id, SHM_RDONLY) : (void *)-1;
    struct segment now;
    int result, error;

    *pin = address != (void *)-1;
    result = look(id, &now);
    if (result == 0 && !(is_same(seen, &now) && now.nattch == seen->nattch + *pin)) {
        errno = ESTALE;
        result = -1;
    }
    if (result == 0)
        result = segment_remove(id, nattch);
    error = errno;
    if (*pin) {
        sysv_shmdt(address);
        if (result == 0 && *nattch)
            --*nattch; // this process's own
    }
    errno = error;
    return result;
}
