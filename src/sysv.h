// SPDX-License-Identifier: MIT
// The System V calls themselves. Only these functions make them, so --trace sees all.
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

// If true, each call below is printed on stderr as C, with its result or the name of its errno.
extern bool sysv_trace;

// Position of log2 of the huge page size in the flags of shmget(2), which libcs do not define
// (linux/shm.h: SHM_HUGE_SHIFT).
#define SYSV_HUGE_SHIFT 26

// Like shmget(2).
int sysv_shmget(key_t key, size_t size, int flags);

// Like shmat(2) with a NULL address. Only (void *)-1 is a failure: the kernel may return address 0.
void *sysv_shmat(int id, int flags);

// Like shmdt(2).
int sysv_shmdt(const void *address);

// Like shmctl(2). BUFFER is what COMMAND takes: struct shmid_ds, shminfo, shm_info or NULL.
int sysv_shmctl(int id, int command, void *buffer);

// What is allowed and what is in use in the namespace, from IPC_INFO and SHM_INFO (shmctl(2)).
struct sysv_info {
    struct shminfo limits;
    struct shm_info used;
};

// Returns 0, or -1 and errno.
int sysv_info(struct sysv_info *info);

// Like semget(2).
int sysv_semget(key_t key, int count, int flags);

// Waits until member 0 is 0 and adds 1, with SEM_UNDO, by semtimedop(2). A NULL TIMEOUT waits
// forever. Fails with EINTR also if the process is stopped and continued (signal(7)).
int sysv_take(int id, const struct timespec *timeout);

// Like semctl(2). DS is for IPC_STAT and IPC_SET, and NULL for commands without an argument.
int sysv_semctl(int id, int member, int command, struct semid_ds *ds);

// Like ftok(3), with PROJECT from 1 to 255. -1 can be a valid key: errno is 0 after success, and
// else from stat(2).
key_t sysv_ftok(const char *path, int project);

#endif
