// SPDX-License-Identifier: MIT
// What the processes of the soak share.
#ifndef SOAK_H
#define SOAK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CHURNERS   4
#define CHURN_USER 23456 // owns what may be removed
#define OTHER_USER 12345
#define KEYS_EACH  (1u << 20)
#define CHURN_KEYS 0x10000000u // and up: a key for each segment that is ever churned
#define RECENT     256

struct board {
    atomic_bool stop;
    atomic_ulong listings, stats, removals, removed, kept, changes; // by shmtool
    atomic_ulong cycles, reused, guarded, defects;
    atomic_int recent[RECENT]; // ids that were free or churned a moment ago
    // By the number of the key: was it ever listed by rm; has it gone though nobody but rm
    // could have removed it.
    atomic_bool listed[CHURNERS * KEYS_EACH], lost[CHURNERS * KEYS_EACH];
};

extern struct board *board;

uint64_t soak_random(uint64_t bound);

// Prints what is wrong and counts it.
void soak_defect(const char *format, ...) __attribute__((format(printf, 1, 2)));

// A churned segment's size follows from its key, so that a row of two segments shows.
uint64_t soak_size(uint32_t key);

// Churns until the end: creates, attaches, changes and removes segments, and checks that rm takes
// only what it may.
void churn(unsigned number);

#endif
