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

enum { CHILD_FAILED = -1, CHILD_DONE, CHILD_REFUSED = 254, CHILD_GONE }; // between them: errno

static int write_all(int fd, const void *data, size_t length)
{
    for (size_t at = 0; at < length;) {
        const ssize_t put = write(fd, (const char *)data + at, length - at);

        if (put < 0)
            return errno;
        at += (size_t)put;
    }
    return CHILD_DONE;
}

static int run_child(pid_t pid, int fd)
{
    struct segments all = {0};

    if (process_namespace(pid, "ipc") != process_namespace(0, "ipc") && process_enter_ipc(pid) != 0)
        return errno == ENOENT || errno == ESRCH ? CHILD_GONE : CHILD_REFUSED;
    if (sysvipc_read(&all) != 0)
        return errno;
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
        if (sysvipc_add(all, &row) != 0)
            return -1;
    }
    return (int)got;
}

// What run_child returned, or CHILD_FAILED and errno.
static int wait_for(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return CHILD_FAILED;
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
    return errno == CHILD_DONE || errno >= CHILD_REFUSED ? errno : CHILD_FAILED;
}

static int read_namespace(struct segments *all, uint64_t ns, pid_t pid)
{
    const bool foreign = process_namespace(pid, "user") != process_namespace(0, "user") ||
                         process_namespace(pid, "mnt") != process_namespace(0, "mnt");
    int ends[2], taken, result, error;
    pid_t child;

    if (pipe(ends) != 0)
        return CHILD_FAILED;
    child = fork();
    if (child == 0)
        _exit(run_child(pid, ends[1]));
    close(ends[1]);
    taken = child < 0 ? -1 : take_rows(all, ends[0], ns, pid, foreign ? RENDER_FOREIGN : 0);
    error = errno;
    close(ends[0]);
    result = child < 0 ? CHILD_FAILED : wait_for(child);
    if (taken == 0)
        return result;
    errno = error;
    return CHILD_FAILED;
}

static bool is_known(const uint64_t *known, size_t count, uint64_t ns)
{
    while (count > 0)
        if (known[--count] == ns)
            return true;
    return false;
}

// Looks into the namespace of PID unless it is known; returns 0, or -1 and errno.
static int visit(struct segments *all, struct unseen *unseen, uint64_t **known, size_t *count,
                 pid_t pid)
{
    const uint64_t ns = process_namespace(pid, "ipc");
    uint64_t *more;
    int result;

    unseen->processes += ns == 0 && (errno == EACCES || errno == EPERM);
    if (ns == 0 || is_known(*known, *count, ns))
        return 0;
    result = read_namespace(all, ns, pid);
    if (result == CHILD_GONE) // another process may still be in it
        return 0;
    if (result == CHILD_FAILED)
        return -1;
    unseen->namespaces += result == CHILD_REFUSED;
    more = reallocarray(*known, *count + 1, sizeof **known);
    if (!more)
        return -1;
    *known = more;
    more[(*count)++] = ns;
    return 0;
}

int namespaces_read(struct segments *all, struct unseen *unseen)
{
    DIR *processes = process_namespace(0, "ipc") ? opendir("/proc") : NULL;
    const struct dirent *entry;
    uint64_t *known = NULL;
    size_t count = 0;
    int result = processes ? 0 : -1, error;

    *unseen = (struct unseen){0};
    signal(SIGCHLD, SIG_DFL); // where it is ignored there is nobody to wait for
    while (result == 0 && (entry = readdir(processes))) {
        const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid > 0)
            result = visit(all, unseen, &known, &count, pid);
    }
    error = errno;
    if (processes)
        closedir(processes);
    free(known);
    if (result == 0)
        return 0;
    free(all->rows);
    *all = (struct segments){0};
    errno = error;
    return -1;
}
