// SPDX-License-Identifier: MIT
// Compares ids, unless the kernel shows the same id for many users.
#include "caller.h"

#include "proc.h"
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Whether ID is the overflow id, which stands for every user (or GROUP) without an id in this user
// namespace (user_namespaces(7)).
static bool is_overflow_id(uint64_t id, bool group)
{
    char map[64];

    if (id != proc_setting(group ? "/proc/sys/fs/overflowgid" : "/proc/sys/fs/overflowuid", 65534))
        return false;
    // If a single line maps all ids, it is an ordinary account's id.
    proc_read(AT_FDCWD, group ? "/proc/self/gid_map" : "/proc/self/uid_map", map, sizeof map);
    return !strstr(map, " 4294967295\n");
}

// A descriptor of the user namespace that owns the IPC namespace, or -1 and errno: EPERM unless the
// caller is in that user namespace or one above it (ioctl_ns(2)).
static int open_owner(void)
{
    const int ipc = process_open_namespace(0, "ipc");
    const int owner = ipc < 0 ? -1 : ioctl(ipc, NS_GET_USERNS);

    if (ipc >= 0)
        close(ipc);
    return owner;
}

// Whether the IPC namespace belongs to this user namespace.
static bool is_ipc_own(void)
{
    const int owner = open_owner();
    struct stat st;
    const bool own =
        owner >= 0 && fstat(owner, &st) == 0 && st.st_ino == process_namespace(0, "user");

    if (owner >= 0)
        close(owner);
    return own;
}

bool caller_knows(uint64_t uid)
{
    return !is_overflow_id(uid, false) || is_ipc_own();
}

bool caller_is(uint64_t uid)
{
    static int certain = -1; // lists are long

    if (uid != geteuid())
        return false;
    if (certain < 0)
        certain = caller_knows(uid);
    return certain;
}

static bool has_capability(unsigned capability)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

    if (syscall(SYS_capget, &header, data) != 0)
        return false;
    return data[capability / 32].effective >> capability % 32 & 1;
}

// Whether the caller has CAPABILITY in the user namespace that owns the IPC namespace. Also true if
// that cannot be found out (no /proc, Linux before 4.9): then the kernel decides later.
static bool is_privileged(unsigned capability)
{
    const bool capable = has_capability(capability);
    const int owner = capable ? open_owner() : -1;

    if (owner >= 0)
        close(owner);
    return capable && (owner >= 0 || errno != EPERM);
}

bool caller_misnames(uint64_t uid, uint64_t gid)
{
    return has_capability(CAP_SYS_ADMIN) &&
           (is_overflow_id(uid, false) || is_overflow_id(gid, true)) && !is_ipc_own();
}

bool caller_administers(void)
{
    static int answer = -1; // lists are long

    if (answer < 0)
        answer = is_privileged(CAP_SYS_ADMIN);
    return answer;
}

bool caller_uses_all(void)
{
    return is_privileged(CAP_IPC_OWNER);
}
