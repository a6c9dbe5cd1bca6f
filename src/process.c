// SPDX-License-Identifier: MIT
// Reads /proc/PID.
#include "process.h"

#include "escape.h"
#include "fail.h"
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
    const uint64_t wanted = process_namespace(pid, "ipc");
    int ipc, user = -1, result = -1, error;

    // There already: setns(2) would want privileges all the same.
    if (wanted && wanted == process_namespace(0, "ipc"))
        return 0;
    ipc = process_open_namespace(pid, "ipc");
    if (ipc < 0)
        return -1;
    if (setns(ipc, CLONE_NEWIPC) == 0)
        result = 0;
    else if (errno == EPERM && (user = process_open_namespace(pid, "user")) >= 0 &&
             setns(user, CLONE_NEWUSER) == 0)
        result = setns(ipc, CLONE_NEWIPC);
    // setns(2) fails with EINVAL for the caller's own user namespace: the first error counts.
    error = user >= 0 && errno == EINVAL ? EPERM : errno;
    close(ipc);
    if (user >= 0)
        close(user);
    errno = error;
    return result;
}

// Whether /proc is of this process's pid namespace, the one that kill(2) uses.
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
        at = strrchr(text, ')'); // the name before it can contain anything
    if (at && at[1] == ' ')
        state = at[2];
    for (int field = 2; at && field < 20; field++)
        at = strchr(at + 1, ' ');
    if (at)
        threads = strtoul(at, NULL, 10);
    return state == 'Z' && threads == 1;
}

// Reads the beginning of the file NAME in /proc/PID. Returns its length, or 0 if it cannot be seen.
static size_t read_file(pid_t pid, const char *name, char text[PROCESS_TEXT_MOST + 1])
{
    char path[64];
    ssize_t length;

    if (pid <= 0 || !is_proc_own())
        return 0;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    length = proc_read(AT_FDCWD, path, text, PROCESS_TEXT_MOST + 1);
    if (length < 0 && !proc_hides(errno) && errno != ESRCH)
        die_errno(path);
    return length > 0 ? (size_t)length : 0;
}

static const char *keep_escaped(const char *text, size_t length)
{
    char *kept;

    if (!length)
        return NULL;
    kept = memory_resize(NULL, 1, ESCAPE_MOST(length) + 1);
    kept[escape_text(kept, text, length, "", false).written] = '\0';
    return kept;
}

const char *process_command(pid_t pid)
{
    char text[PROCESS_TEXT_MOST + 1];
    size_t length = read_file(pid, "cmdline", text);

    while (length && !text[length - 1])
        length--;
    for (size_t i = 0; i < length; i++)
        if (!text[i])
            text[i] = ' ';
    return keep_escaped(text, length);
}

const char *process_cgroup(pid_t pid)
{
    char text[PROCESS_TEXT_MOST + 1] = "";
    const char *memory, *unified, *path;

    read_file(pid, "cgroup", text);
    // "4:memory:/path" or, in version 2, "0::/path" (cgroups(7)).
    memory = strstr(text, ":memory:");
    unified = strstr(text, "0::");
    path = memory ? memory + strlen(":memory:") : unified ? unified + strlen("0::") : "";
    return keep_escaped(path, strcspn(path, "\n"));
}
