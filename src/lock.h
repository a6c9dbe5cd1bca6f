// SPDX-License-Identifier: MIT
// The lock of a key: a semaphore set of a form that no other program uses by chance.
#ifndef LOCK_H
#define LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/sem.h>

enum { LOCK_MEMBERS = 2 };

// Whether semaphore set SET is a lock: it has two members, and the second, which is never used, is
// 0. Returns 1, 0, or -1 and errno of semctl(2). Fills in *DS.
int lock_check(int set, struct semid_ds *ds);

// Whether KEY has a lock. False too if the caller may not read it.
bool lock_exists(uint32_t key);

#endif
