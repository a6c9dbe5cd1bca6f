// SPDX-License-Identifier: MIT
// The life of one segment.
#include "segment.h"

#include "process.h"
#include "sysv.h"
#include "sysvipc.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

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

bool segment_dies_unattached(void)
{
    return process_sysctl("kernel/shm_rmid_forced", 0) != 0;
}

static int set_owner(int id, const struct owner *owner, unsigned mode)
{
    struct shmid_ds ds = {0};

    ds.shm_perm.uid = (uid_t)owner->user;
    ds.shm_perm.gid = owner->has_group ? (gid_t)owner->group : getegid();
    ds.shm_perm.mode = (unsigned short)mode;
    return sysv_shmctl(id, IPC_SET, &ds);
}

int segment_create(uint32_t key, uint64_t size, unsigned mode, const struct owner *owner)
{
    int id, error;

    if (segment_dies_unattached()) {
        errno = ECANCELED;
        return -1;
    }
    id = sysv_shmget((key_t)key, size, IPC_CREAT | IPC_EXCL | (int)mode);
    if (id < 0 || !owner || set_owner(id, owner, mode) == 0)
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
    if (ds.shm_nattch == 0 && segment_dies_unattached()) {
        errno = ECANCELED;
        return -1;
    }
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

int segment_detach(const struct attached *attached)
{
    return sysv_shmdt(attached->address);
}

int segment_remove(int id, uint64_t *nattch)
{
    struct segments all = {0};
    struct shmid_ds ds;

    *nattch = 0;
    if (sysv_shmctl(id, IPC_RMID, NULL) != 0)
        return fail_missing();
    // Still there and marked: attached. Gone is what was asked for.
    if (sysv_shmctl(id, IPC_STAT, &ds) == 0) {
        *nattch = ds.shm_perm.mode & SHM_DEST ? ds.shm_nattch : 0;
    } else if (errno == EACCES && sysvipc_read(&all) == 0) { // its mode denies even its owner
        const struct segment *row = sysvipc_find(&all, false, (uint32_t)id);

        *nattch = row ? row->nattch : 0;
        free(all.rows);
    }
    return 0;
}
