// SPDX-License-Identifier: MIT
// Enters one namespace after the other, each in a child of its own: the way back may be barred.
#include "namespaces.h"

#include "fail.h"
#include "proc.h"
#include "process.h"
#include "render.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

// Whether process PID has another namespace of KIND, or one that may not be seen: 1, 0, or -1 and
// errno.
static int is_foreign(pid_t pid, const char *kind)
{
    const uint64_t other = process_namespace(pid, kind),
                   own = other ? process_namespace(0, kind) : 0;

    if (!own && !proc_hides(errno) && errno != ESRCH)
        return -1;
    return other != own || !own;
}

// The statuses of a child are errnos, but for this.
enum { CHILD_ODD = 255 };

// Returns 0 or an errno. A process that is stopped and continued writes less than it was told to.
static int write_all(int fd, const void *data, size_t length)
{
    for (size_t at = 0; at < length;) {
        const ssize_t put = write(fd, (const char *)data + at, length - at);

        if (put < 0)
            return errno;
        at += (size_t)put;
    }
    return 0;
}

// Writes the segments of namespace NS, which process PID is in, to FD. Returns the child's status.
static int run_child(uint64_t ns, pid_t pid, int fd)
{
    struct segments all = {0};
    uint64_t own = process_namespace(0, "ipc");
    int result;

    if (own != ns) {
        if (process_enter_ipc(pid) != 0 || !(own = process_namespace(0, "ipc")))
            return errno;
        if (own != ns) // PID has left it
            return ESRCH;
    }
    result = sysvipc_read(&all);
    if (result != 0)
        return result == SYSVIPC_ODD ? CHILD_ODD : errno;
    return write_all(fd, all.rows, all.count * sizeof *all.rows);
}

// Appends the rows that the child writes; returns 0, or -1 and errno.
static int take_rows(struct segments *all, int fd, uint64_t ns, pid_t pid, uint64_t foreign)
{
    struct segment row;
    size_t held = 0;
    ssize_t got;

    while ((got = read(fd, (char *)&row + held, sizeof row - held)) > 0) {
        held += (size_t)got;
        if (held < sizeof row)
            continue;
        held = 0;
        row.ns = ns;
        row.nspid = (uint64_t)pid;
        row.uid |= foreign;
        row.gid |= foreign;
        row.cuid |= foreign;
        row.cgid |= foreign;
        sysvipc_add(all, &row);
    }
    return (int)got;
}

static int wait_for(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

// Returns 0, an errno or CHILD_ODD.
static int read_namespace(struct segments *all, uint64_t ns, pid_t pid)
{
    const int users = is_foreign(pid, "user"), mounts = users < 0 ? -1 : is_foreign(pid, "mnt");
    int ends[2], error = 0, status;
    pid_t child;

    if (mounts < 0 || pipe(ends) != 0)
        return errno;
    child = fork();
    if (child == 0) {
        fail_in_child();
        close(ends[0]); // else it would wait for a reader that has gone
        _exit(run_child(ns, pid, ends[1]));
    }
    if (child < 0)
        return errno;
    close(ends[1]);
    if (take_rows(all, ends[0], ns, pid, users || mounts ? RENDER_FOREIGN : 0) != 0)
        error = errno;
    close(ends[0]);
    status = wait_for(child);
    return error ? error : status;
}

// A look at all namespaces: the ones that are known need no second one.
struct look {
    struct segments all;
    uint64_t *known;
    size_t count, room;
    size_t closed, hidden; // namespaces that may not be entered, processes that tell of none
};

static bool is_known(const struct look *look, uint64_t ns)
{
    for (size_t i = 0; i < look->count; i++)
        if (look->known[i] == ns)
            return true;
    return false;
}

noreturn static void die_namespaces(int status)
{
    if (status == CHILD_ODD)
        sysvipc_die(SYSVIPC_ODD);
    errno = status;
    die_errno("cannot read the IPC namespaces from /proc");
}

// Looks into the namespace of PID unless it is known.
static void visit(struct look *look, pid_t pid)
{
    const uint64_t ns = process_namespace(pid, "ipc");
    int status = ns ? 0 : errno;

    if (ns && is_known(look, ns))
        return;
    if (ns)
        status = read_namespace(&look->all, ns, pid);
    if (status == ENOENT || status == ESRCH) // another process may still be in it
        return;
    if (status && status != EACCES && status != EPERM)
        die_namespaces(status);
    if (!ns) {
        look->hidden++;
        return;
    }
    look->closed += status != 0;
    look->known = memory_grow(look->known, &look->room, look->count, sizeof *look->known);
    look->known[look->count++] = ns;
}

struct segments namespaces_read(void)
{
    struct look look = {0};
    DIR *processes = process_namespace(0, "ipc") ? opendir("/proc") : NULL;
    const struct dirent *entry;

    if (!processes)
        die_namespaces(errno);
    signal(SIGCHLD, SIG_DFL); // where it is ignored there is nobody to wait for
    while ((errno = 0, entry = readdir(processes))) {
        const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid > 0)
            visit(&look, pid);
    }
    if (errno)
        die_namespaces(errno);
    closedir(processes);
    if (look.closed)
        warn("IPC namespaces that may not be entered: %zu", look.closed);
    if (look.hidden)
        warn("processes whose IPC namespace may not be seen: %zu", look.hidden);
    return look.all;
}
