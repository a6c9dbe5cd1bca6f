// SPDX-License-Identifier: MIT
// Enters one namespace after the other, each in a child of its own: the way back may be barred.
#include "namespaces.h"

#include "process.h"
#include "render.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

// Whether process PID has another namespace of KIND, or one that may not be seen. Returns 0, or -1
// and errno.
static int compare(pid_t pid, const char *kind, bool *foreign)
{
    const uint64_t other = process_namespace(pid, kind),
                   own = other ? process_namespace(0, kind) : 0;

    if (!own && !process_hides(errno) && errno != ESRCH)
        return -1;
    *foreign = other != own || !own;
    return 0;
}

// This and what follows returns 0 or an errno, for which the status of a child has room.
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

static int run_child(uint64_t ns, pid_t pid, int fd)
{
    struct segments all = {0};
    uint64_t own = process_namespace(0, "ipc");
    int error;

    if (own != ns) {
        if (process_enter_ipc(pid) != 0 || !(own = process_namespace(0, "ipc")))
            return errno;
        if (own != ns) // PID has left it
            return ESRCH;
    }
    if (sysvipc_read(&all) != 0)
        return errno;
    error = write_all(fd, all.rows, all.count * sizeof *all.rows);
    free(all.rows);
    return error;
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
        if (sysvipc_add(all, &row) != 0)
            return -1;
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

static int read_namespace(struct segments *all, uint64_t ns, pid_t pid)
{
    bool users, mounts;
    int ends[2], error = 0, result;
    pid_t child;

    if (compare(pid, "user", &users) != 0 || compare(pid, "mnt", &mounts) != 0 || pipe(ends) != 0)
        return errno;
    child = fork();
    if (child == 0)
        _exit(run_child(ns, pid, ends[1]));
    if (child < 0)
        error = errno;
    close(ends[1]);
    if (child > 0 && take_rows(all, ends[0], ns, pid, users || mounts ? RENDER_FOREIGN : 0) != 0)
        error = errno;
    close(ends[0]);
    result = child > 0 ? wait_for(child) : 0;
    return error ? error : result;
}

// What a look has in hand. Static, so that a child that ends has lost none of it.
static DIR *processes;
static uint64_t *known;
static size_t known_count;

static bool is_known(uint64_t ns)
{
    for (size_t i = 0; i < known_count; i++)
        if (known[i] == ns)
            return true;
    return false;
}

// Looks into the namespace of PID unless it is known; returns 0, or -1 and errno.
static int visit(struct segments *all, struct unseen *unseen, pid_t pid)
{
    const uint64_t ns = process_namespace(pid, "ipc");
    uint64_t *more;

    if (ns && is_known(ns))
        return 0;
    errno = ns ? read_namespace(all, ns, pid) : errno;
    if (errno == ENOENT || errno == ESRCH) // another process may still be in it
        return 0;
    if (errno && errno != EACCES && errno != EPERM)
        return -1;
    if (!ns) {
        unseen->processes++;
        return 0;
    }
    unseen->namespaces += errno != 0;
    more = reallocarray(known, known_count + 1, sizeof *known);
    if (!more)
        return -1;
    known = more;
    known[known_count++] = ns;
    return 0;
}

int namespaces_read(struct segments *all, struct unseen *unseen)
{
    const struct dirent *entry;
    int result, error;

    *unseen = (struct unseen){0};
    processes = process_namespace(0, "ipc") ? opendir("/proc") : NULL;
    result = processes ? 0 : -1;
    signal(SIGCHLD, SIG_DFL); // where it is ignored there is nobody to wait for
    while (result == 0 && (errno = 0, entry = readdir(processes))) {
        const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid > 0)
            result = visit(all, unseen, pid);
    }
    error = errno;
    if (processes)
        closedir(processes);
    free(known);
    known = NULL;
    known_count = 0;
    if (result == 0 && error == 0)
        return 0;
    free(all->rows);
    *all = (struct segments){0};
    errno = error;
    return -1;
}
