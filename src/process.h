// SPDX-License-Identifier: MIT
// Processes: whether they exist, their namespaces, their command lines and cgroups.
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// Opens the namespace of KIND (ipc, mnt, user) of process PID; 0 is this process, whose getpid(2)
// may be another process if /proc is of another pid namespace. Returns a descriptor, or -1 and
// errno of open(2).
int process_open_namespace(pid_t pid, const char *kind);

// The inode of that namespace, or 0 and errno of stat(2).
uint64_t process_namespace(pid_t pid, const char *kind);

// Enters the IPC namespace of process PID, if need be after entering its user namespace to get
// permission (setns(2)). Returns 0, or -1 and errno of open(2) or setns(2).
int process_enter_ipc(pid_t pid);

// Whether no process has PID, or only a zombie with a single thread. (A process whose first thread
// has called pthread_exit is a zombie too, but runs on.) A later process with the same PID counts
// as the same process: clocks are changed, so start times prove nothing.
bool process_gone(pid_t pid);

enum { PROCESS_TEXT_MOST = 4096 };

// The two functions below end the program if reading /proc fails in an unexpected way.

// The command line of process PID, its first PROCESS_TEXT_MOST bytes, with spaces between the
// words, escaped; NULL if it has none, or cannot be seen.
const char *process_command(pid_t pid);

// The cgroup of process PID, escaped: the one of the memory controller, or else of cgroup
// version 2. NULL if it has none, or cannot be seen.
const char *process_cgroup(pid_t pid);

#endif
