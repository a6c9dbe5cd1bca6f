// SPDX-License-Identifier: MIT
// Enters one namespace after the other, each in its own child process, which may not be able to get
// back.
#include "namespaces.h"

#include "fail.h"
#include "proc.h"
#include "process.h"
#include "render.h"
#include "sysv.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

// Whether process PID is in another namespace of KIND, or in one that may not be seen: 1, 0, or -1
// and errno.
static int is_foreign(pid_t pid, const char *kind)
{
    const uint64_t other = process_namespace(pid, kind),
                   own = other ? process_namespace(0, kind) : 0;

    if (!own && !proc_hides(errno) && errno != ESRCH)
        return -1;
    return other != own || !own;
}

// A child's status is an errno, or one of these: no limits, or SYSVIPC_ODD.
enum { CHILD_UNLIMITED = 254, CHILD_ODD };

// Returns 0 or an errno. write(2) can be cut short if the process is stopped and continued.
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

// Runs in the child: enters the namespace of process PID and writes *PLACE, with its info if
// INFO, and its segments to FD. Returns the child's status.
static int run_child(struct ipc_namespace *place, bool info, pid_t pid, int fd)
{
    struct segments all = {0};
    uint64_t own = process_namespace(0, "ipc");
    int result;

    if (own != place->ns) {
        if (process_enter_ipc(pid) != 0 || !(own = process_namespace(0, "ipc")))
            return errno;
        if (own != place->ns) // PID has left it
            return ESRCH;
    }
    if (info && sysv_info(&place->info) != 0)
        return CHILD_UNLIMITED;
    result = write_all(fd, place, sizeof *place);
    if (result != 0)
        return result;
    result = sysvipc_read(&all);
    if (result != 0)
        return result == SYSVIPC_ODD ? CHILD_ODD : errno;
    return write_all(fd, all.rows, all.count * sizeof *all.rows);
}

// Reads up to SIZE bytes; returns how many there were, or -1 and errno.
static ssize_t read_all(int fd, void *data, size_t size)
{
    size_t held = 0;
    ssize_t got = 1;

    while (held < size && (got = read(fd, (char *)data + held, size - held)) > 0)
        held += (size_t)got;
    return got < 0 ? got : (ssize_t)held;
}

// Reads what the child writes: *PLACE, and rows, which are appended to *ALL. Returns 0, or -1 and
// errno.
static int take_rows(struct segments *all, int fd, struct ipc_namespace *place, pid_t pid,
                     uint64_t foreign)
{
    struct segment row;
    ssize_t got = read_all(fd, place, sizeof *place);

    while (got > 0 && (got = read_all(fd, &row, sizeof row)) == sizeof row) {
        row.ns = place->ns;
        row.nspid = (uint64_t)pid;
        row.uid |= foreign;
        row.gid |= foreign;
        row.cuid |= foreign;
        row.cgid |= foreign;
        sysvipc_add(all, &row);
    }
    return got < 0 ? -1 : 0;
}

static int wait_for(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

// Returns 0, an errno or another status of a child.
static int read_namespace(struct segments *all, struct ipc_namespace *place, bool info, pid_t pid)
{
    const int users = is_foreign(pid, "user"), mounts = users < 0 ? -1 : is_foreign(pid, "mnt");
    int ends[2], error = 0, status;
    pid_t child;

    if (mounts < 0 || pipe(ends) != 0)
        return errno;
    child = fork();
    if (child == 0) {
        fail_in_child();
        close(ends[0]); // else it would never notice that the reader is gone
        _exit(run_child(place, info, pid, ends[1]));
    }
    if (child < 0)
        return errno;
    close(ends[1]);
    if (take_rows(all, ends[0], place, pid, users || mounts ? RENDER_FOREIGN : 0) != 0)
        error = errno;
    close(ends[0]);
    status = wait_for(child);
    return error ? error : status;
}

// The row of the namespace, or NULL.
static struct ipc_namespace *find_known(const struct namespaces *known, uint64_t ns)
{
    for (size_t i = 0; i < known->count; i++)
        if (known->rows[i].ns == ns)
            return &known->rows[i];
    return NULL;
}

noreturn static void die_namespaces(int status)
{
    if (status == CHILD_ODD)
        sysvipc_die(SYSVIPC_ODD);
    if (status == CHILD_UNLIMITED)
        die(STATUS_FAILED, "cannot read the limits (IPC_INFO, SHM_INFO)");
    errno = status;
    die_errno("cannot read the IPC namespaces from /proc");
}

// Reads the namespace of PID unless that is done. One that could not be entered is tried again by
// way of this process: it may be in another user namespace. Returns whether it may not be seen.
static bool visit(struct namespaces *known, bool info, pid_t pid)
{
    struct ipc_namespace place = {.ns = process_namespace(pid, "ipc")}, *row;
    int status = place.ns ? 0 : errno;

    row = find_known(known, place.ns);
    if (row && !row->closed)
        return false;
    if (place.ns)
        status = read_namespace(&known->all, &place, info, pid);
    if (status == ENOENT || status == ESRCH) // another process may still be in it
        return false;
    if (status && status != EACCES && status != EPERM)
        die_namespaces(status);
    if (!place.ns)
        return true;
    place.closed = status != 0;
    if (!row) {
        known->rows = memory_grow(known->rows, &known->room, known->count, sizeof *known->rows);
        row = &known->rows[known->count++];
    }
    *row = place;
    return false;
}

struct namespaces namespaces_read(bool info)
{
    struct namespaces known = {0};
    size_t closed = 0, hidden = 0;
    DIR *processes = process_namespace(0, "ipc") ? opendir("/proc") : NULL;
    const struct dirent *entry;

    if (!processes)
        die_namespaces(errno);
    signal(SIGCHLD, SIG_DFL); // if it were ignored, children could not be waited for
    while ((errno = 0, entry = readdir(processes))) {
        const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid > 0)
            hidden += visit(&known, info, pid);
    }
    if (errno)
        die_namespaces(errno);
    closedir(processes);
    for (size_t i = 0; i < known.count; i++)
        closed += known.rows[i].closed;
    if (closed)
        warn("IPC namespaces that may not be entered: %zu", closed);
    if (hidden)
        warn("processes whose IPC namespace may not be seen: %zu", hidden);
    return known;
}

bool namespaces_look(const struct segment *listed, bool again, struct segment *now)
{
    static struct segments all;
    static uint64_t held; // whose segments these are
    struct ipc_namespace place = {.ns = listed->ns};
    const struct segment *found;

    if (again || held != listed->ns) {
        held = 0;
        all.count = 0;
        if (read_namespace(&all, &place, false, (pid_t)listed->nspid) != 0)
            return false;
        held = listed->ns;
    }
    found = sysvipc_find(&all, false, (uint32_t)listed->id);
    if (found)
        *now = *found;
    return found != NULL;
}
