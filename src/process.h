// SPDX-License-Identifier: MIT
// What /proc tells of processes and of the kernel's settings.
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Reads the beginning of PATH, relative to DIRECTORY as in openat(2), into TEXT (room for SIZE) and
// puts a NUL after it. Returns its length, or -1 and errno with TEXT empty.
ssize_t process_read(int directory, const char *path, char *text, size_t size);

// Whether errno of open(2) says that a file of /proc is not there or not to be seen; otherwise
// opening it has failed.
bool process_hides(int error);

// Enters the IPC namespace of process PID, and first its user namespace where that is what
// permits it (setns(2)). Returns 0, or -1 and errno of open(2) or setns(2).
int process_enter_ipc(pid_t pid);

// The inode of a namespace (KIND: ipc, mnt, user) of process PID, 0 being this one, or 0 and errno
// of stat(2). (/proc may be of another pid namespace: what getpid(2) says is somebody else there.)
uint64_t process_namespace(pid_t pid, const char *kind);

// Whether process PID is no longer the one that was there SINCE seconds after 1970: 1 where there
// is none now, or one that started later (pids are reused); 0 where it may be the same; -1 where
// that cannot be told: PID is 0, which is how the kernel shows a process of a pid namespace that
// is not seen from here, or /proc hides it or is of another pid namespace. A clock that was set
// meanwhile misleads it.
int process_gone(pid_t pid, uint64_t since);

// Whether UID is certainly one user: not the number of all who have none in this user namespace
// (user_namespaces(7)), unless the IPC namespace belongs to it too (ioctl_ns(2)).
bool process_is_certain(uint64_t uid);

// Whether user UID is certainly the caller.
bool process_is_self(uint64_t uid);

// Whether IPC_SET, which sets owner and group, would by the caller's privilege give what UID and
// GID own to the accounts that have their numbers here.
bool process_misnames(uint64_t uid, uint64_t gid);

// Whether the effective set holds CAPABILITY (capabilities(7)).
bool process_has_capability(unsigned capability);

// The number in PATH, a file of /proc/sys or /sys, or OTHERWISE where it cannot be read.
uint64_t process_setting(const char *path, uint64_t otherwise);

#endif
