// SPDX-License-Identifier: MIT
// Reads /proc/PID.
#include "process.h"

#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void name_namespace(char path[64], pid_t pid, const char *kind)
{
    if (pid == 0)
        snprintf(path, 64, "/proc/self/ns/%s", kind);
    else
        snprintf(path, 64, "/proc/%d/ns/%s", (int)pid, kind);
}

int process_open_namespace(pid_t pid, const char *kind)
{
    char path[64];

    name_namespace(path, pid, kind);
    return open(path, O_RDONLY | O_CLOEXEC);
}

uint64_t process_namespace(pid_t pid, const char *kind)
{
    char path[64];
    struct stat st;

    name_namespace(path, pid, kind);
    return stat(path, &st) == 0 ? st.st_ino : 0;
}

int process_enter_ipc(pid_t pid)
{
    int ipc = process_open_namespace(pid, "ipc"), user = -1, result = -1, error;

    if (ipc < 0)
        return -1;
    if (setns(ipc, CLONE_NEWIPC) == 0)
        result = 0;
    else if (errno == EPERM && (user = process_open_namespace(pid, "user")) >= 0 &&
             setns(user, CLONE_NEWUSER) == 0)
        result = setns(ipc, CLONE_NEWIPC);
    // Into the user namespace in which the caller is already, setns(2) does not lead.
    error = user >= 0 && errno == EINVAL ? EPERM : errno;
    close(ipc);
    if (user >= 0)
        close(user);
    errno = error;
    return result;
}

// Whether /proc shows the pid namespace that kill(2) knows.
static bool is_proc_own(void)
{
    static int own = -1; // lists are long
    char self[32];
    ssize_t length;

    if (own < 0) {
        length = readlink("/proc/self", self, sizeof self - 1);
        self[length > 0 ? length : 0] = '\0';
        own = strtol(self, NULL, 10) == getpid();
    }
    return own;
}

bool process_gone(pid_t pid)
{
    char path[64], text[1024], state = '?';
    unsigned long threads = 0;
    const char *at = NULL;

    if (kill(pid, 0) != 0 && errno == ESRCH)
        return true;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (is_proc_own() && proc_read(AT_FDCWD, path, text, sizeof text) > 0)
        at = strrchr(text, ')'); // the name before it may hold anything
    if (at && at[1] == ' ')
        state = at[2];
    for (int field = 2; at && field < 20; field++)
        at = strchr(at + 1, ' ');
    if (at)
        threads = strtoul(at, NULL, 10);
    return state == 'Z' && threads == 1;
}
