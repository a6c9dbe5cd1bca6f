// SPDX-License-Identifier: MIT
// Processes: whether they are there, and their namespaces.
#ifndef PROCESS_H
#define PROCESS_H

#include <stdint.h>
#include <sys/types.h>

// Opens the namespace of KIND (ipc, mnt, user) of process PID, 0 being this one. (/proc may be of
// another pid namespace: what getpid(2) says is somebody else there.) Returns a descriptor, or -1
// and errno of open(2).
int process_open_namespace(pid_t pid, const char *kind);

// The inode of that namespace, or 0 and errno of stat(2).
uint64_t process_namespace(pid_t pid, const char *kind);

// Enters the IPC namespace of process PID, and first its user namespace where that is what
// permits it (setns(2)). Returns 0, or -1 and errno of open(2) or setns(2).
int process_enter_ipc(pid_t pid);

// Whether process PID is no longer the one that was there SINCE seconds after 1970: 1 where there
// is none now, or one that started later (pids are reused); 0 where it may be the same; -1 where
// that cannot be told: PID is 0, which is how the kernel shows a process of a pid namespace that
// is not seen from here, or /proc hides it or is of another pid namespace. A clock that was set
// meanwhile misleads it.
int process_gone(pid_t pid, uint64_t since);

#endif
