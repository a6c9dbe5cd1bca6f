// SPDX-License-Identifier: MIT
// The lock of a key: a semaphore set of a form that no other program uses by accident.
#ifndef LOCK_H
#define LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/sem.h>

enum { LOCK_MEMBERS = 2 };

// Whether semaphore set SET is a lock: it has two members and the second, which is never used, is
// 0. Returns 1 or 0, or -1 and errno of semctl(2). Describes the set in *DS.
int lock_check(int set, struct semid_ds *ds);

// Whether KEY has a lock that the caller may read.
bool lock_exists(uint32_t key);

#endif
