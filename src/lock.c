// SPDX-License-Identifier: MIT
// Tells a lock from the semaphore sets of other programs, in which 1 often means free.
#include "lock.h"

#include "sysv.h"

int lock_check(int set, struct semid_ds *ds)
{
    int spare = 0;

    if (sysv_semctl(set, 0, IPC_STAT, ds) != 0)
        return -1;
    if (ds->sem_nsems == LOCK_MEMBERS && (spare = sysv_semctl(set, 1, GETVAL, NULL)) < 0)
        return -1;
    return ds->sem_nsems == LOCK_MEMBERS && !spare;
}

bool lock_exists(uint32_t key)
{
    const int set = sysv_semget((key_t)key, 0, 0);
    struct semid_ds ds;

    return set >= 0 && lock_check(set, &ds) > 0;
}
