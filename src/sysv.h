// SPDX-License-Identifier: MIT
// The System V calls themselves. Nothing else in the program makes them, so --trace sees all.
#ifndef SYSV_H
#define SYSV_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/shm.h>

// While true, each call below is printed on stderr as C, with its result or its errno's name.
extern bool sysv_trace;

// Where in the flags of shmget(2) the logarithm of the size of a huge page is; libcs do not say.
#define SYSV_HUGE_SHIFT 26

// As shmget(2).
int sysv_shmget(key_t key, size_t size, int flags);

// As shmat(2) with a NULL address; fails with (void *)-1 only: the kernel may return address 0.
void *sysv_shmat(int id, int flags);

// As shmdt(2).
int sysv_shmdt(const void *address);

// As shmctl(2). BUFFER is what COMMAND wants: struct shmid_ds, shminfo, shm_info or NULL.
int sysv_shmctl(int id, int command, void *buffer);

#endif
