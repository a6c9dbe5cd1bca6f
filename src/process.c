// SPDX-License-Identifier: MIT
// Reads /proc/PID and /proc/sys.
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void name_namespace(char path[64], pid_t pid, const char *kind)
{
    snprintf(path, 64, "/proc/%d/ns/%s", (int)pid, kind);
}

static int open_namespace(pid_t pid, const char *kind)
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
    int ipc = open_namespace(pid, "ipc"), user = -1, result = -1, error;

    if (ipc < 0)
        return -1;
    if (setns(ipc, CLONE_NEWIPC) == 0)
        result = 0;
    else if (errno == EPERM && (user = open_namespace(pid, "user")) >= 0 &&
             setns(user, CLONE_NEWUSER) == 0)
        result = setns(ipc, CLONE_NEWIPC);
    error = errno;
    close(ipc);
    if (user >= 0)
        close(user);
    errno = error;
    return result;
}

// The time when PID started, in seconds since 1970, or 0 where /proc does not tell.
static uint64_t start_time(pid_t pid)
{
    char path[64], text[1024], *at;
    struct timespec now, up;
    uint64_t ticks = 0;
    ssize_t got = -1;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        got = read(fd, text, sizeof text - 1);
        close(fd);
    }
    if (got <= 0)
        return 0;
    text[got] = '\0';
    at = strrchr(text, ')'); // the name before it may hold anything
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (!at || sscanf(at, "%" SCNu64, &ticks) != 1)
        return 0;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &up);
    return (uint64_t)(now.tv_sec - up.tv_sec) + ticks / (uint64_t)sysconf(_SC_CLK_TCK);
}

int process_gone(pid_t pid, uint64_t since)
{
    if (pid <= 0)
        return -1;
    if (kill(pid, 0) != 0 && errno == ESRCH)
        return 1;
    // Each of the times is cut to whole seconds: up to two of difference mean nothing.
    return start_time(pid) > since + 2;
}

bool process_has_capability(unsigned capability)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

    if (syscall(SYS_capget, &header, data) != 0)
        return false;
    return data[capability / 32].effective >> capability % 32 & 1;
}

uint64_t process_setting(const char *path, uint64_t otherwise)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[32];
    ssize_t got = -1;

    if (fd >= 0) {
        got = read(fd, text, sizeof text - 1);
        close(fd);
    }
    if (got <= 0)
        return otherwise;
    text[got] = '\0';
    return strtoull(text, NULL, 10);
}
