// SPDX-License-Identifier: MIT
// Reads /proc/PID and /proc/sys.
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

ssize_t process_read(int directory, const char *path, char *text, size_t size)
{
    int fd = openat(directory, path, O_RDONLY | O_CLOEXEC), error;
    ssize_t got = -1;

    if (fd >= 0) {
        got = read(fd, text, size - 1);
        error = errno;
        close(fd);
        errno = error;
    }
    text[got > 0 ? got : 0] = '\0';
    return got;
}

bool process_hides(int error)
{
    return error == ENOENT || error == EACCES || error == EPERM;
}

static void name_namespace(char path[64], pid_t pid, const char *kind)
{
    if (pid == 0)
        snprintf(path, 64, "/proc/self/ns/%s", kind);
    else
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

int process_gone(pid_t pid, uint64_t since)
{
    char path[64], text[1024], *at = NULL;
    struct timespec now, up;
    uint64_t ticks;

    if (pid <= 0)
        return -1;
    if (kill(pid, 0) != 0 && errno == ESRCH)
        return 1;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (is_proc_own() && process_read(AT_FDCWD, path, text, sizeof text) > 0)
        at = strrchr(text, ')'); // the name before it may hold anything
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (!at)
        return -1;
    ticks = strtoull(at, NULL, 10);
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &up);
    // SINCE and the times here are cut to whole seconds: one of difference means nothing.
    return (uint64_t)(now.tv_sec - up.tv_sec) + ticks / (uint64_t)sysconf(_SC_CLK_TCK) > since + 1;
}

// Whether ID is the one that every user (or GROUP) has who has none in this user namespace
// (user_namespaces(7)): it does not tell who that is.
static bool is_overflow_id(uint64_t id, bool group)
{
    char map[64];

    if (id !=
        process_setting(group ? "/proc/sys/fs/overflowgid" : "/proc/sys/fs/overflowuid", 65534))
        return false;
    // Where all ids are mapped, which takes one line, it is an account's as any other.
    process_read(AT_FDCWD, group ? "/proc/self/gid_map" : "/proc/self/uid_map", map, sizeof map);
    return !strstr(map, " 4294967295\n");
}

// Whether the IPC namespace belongs to this user namespace.
static bool is_ipc_own(void)
{
    const int ipc = open_namespace(0, "ipc"), user = ipc < 0 ? -1 : ioctl(ipc, NS_GET_USERNS);
    struct stat st;
    const bool own =
        user >= 0 && fstat(user, &st) == 0 && st.st_ino == process_namespace(0, "user");

    if (ipc >= 0)
        close(ipc);
    if (user >= 0)
        close(user);
    return own;
}

bool process_is_certain(uint64_t uid)
{
    return !is_overflow_id(uid, false) || is_ipc_own();
}

bool process_is_self(uint64_t uid)
{
    static int certain = -1; // lists are long

    if (uid != geteuid())
        return false;
    if (certain < 0)
        certain = process_is_certain(uid);
    return certain;
}

bool process_misnames(uint64_t uid, uint64_t gid)
{
    return process_has_capability(CAP_SYS_ADMIN) &&
           (is_overflow_id(uid, false) || is_overflow_id(gid, true));
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
    char text[32];

    return process_read(AT_FDCWD, path, text, sizeof text) > 0 ? strtoull(text, NULL, 10)
                                                               : otherwise;
}
