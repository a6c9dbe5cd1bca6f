// SPDX-License-Identifier: MIT
// The System V calls themselves. Nothing else in the program makes them, so --trace sees all.
#ifndef SYSV_H
#define SYSV_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

#if __SIZEOF_POINTER__ != 8
#error "shmtool is for 64-bit systems only"
#endif

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

// As semget(2).
int sysv_semget(key_t key, int count, int flags);

// semtimedop(2) that waits until member 0 is 0 and adds 1, with SEM_UNDO; TIMEOUT NULL waits
// without end. Fails with EINTR also where a stopped process is continued (signal(7)).
int sysv_take(int id, const struct timespec *timeout);

// As semctl(2). DS is for IPC_STAT and IPC_SET; NULL for what takes no argument.
int sysv_semctl(int id, int member, int command, struct semid_ds *ds);

// As ftok(3), PROJECT from 1 to 255. Any key is possible: only errno, 0 after success, tells the
// key -1 from a failure, whose errno is that of stat(2).
key_t sysv_ftok(const char *path, int project);

#endif
