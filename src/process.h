// SPDX-License-Identifier: MIT
// Processes: whether they are there, and their namespaces.
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
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

// Whether no process has PID any more, or only a zombie without another thread (after pthread_exit
// of its first thread a process that runs on is a zombie too). No clock tells whether it is the
// process that once had PID: clocks are set, so it counts as that.
bool process_gone(pid_t pid);

enum { PROCESS_TEXT_MOST = 4096 };

// Both end the program where /proc does not tell for another reason.

// The command line of process PID, a space between its words, escaped, at most PROCESS_TEXT_MOST
// bytes of it; NULL where it has none, or is not there.
const char *process_command(pid_t pid);

// The cgroup of process PID, escaped: that of the controller memory, or of cgroup version 2; or
// NULL.
const char *process_cgroup(pid_t pid);

#endif
