// SPDX-License-Identifier: MIT
// Linked into shmtool in place of what allocates (ld --wrap): fails the allocation number OOM_AT,
// with OOM_MODE=persistent also all after it, and adds a line to the file OOM_LOG for each.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

// What an instrumented build does after the end of the program is not to fail.
static bool over;

__attribute__((destructor)) static void end(void)
{
    over = true;
}

static bool fails(void)
{
    static unsigned long count;
    const char *at = getenv("OOM_AT"), *mode = getenv("OOM_MODE"), *log = getenv("OOM_LOG");
    const unsigned long wanted = at ? strtoul(at, NULL, 10) : 0;
    const bool persistent = mode && !strcmp(mode, "persistent");
    int fd;

    if (!wanted || over || ++count < wanted || (count > wanted && !persistent))
        return false;
    fd = log ? open(log, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
    if (fd >= 0 && (write(fd, "failed\n", 7) != 7 || close(fd) != 0))
        abort();
    errno = ENOMEM;
    return true;
}

#define WRAP(type, name, parameters, arguments)                                                    \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails() ? NULL : __real_##name arguments;                                           \
    }

WRAP(void *, realloc, (void *old, size_t size), (old, size))
WRAP(void *, tsearch, (const void *key, void **root, __compar_fn_t compare), (key, root, compare))
WRAP(DIR *, opendir, (const char *path), (path))
WRAP(FILE *, fdopen, (int fd, const char *mode), (fd, mode))

// The pauses of watch: in the first a segment is attached, in the second detached, and the third is
// ended by a signal.
int __wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                 const sigset_t *mask);
int __wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                 const sigset_t *mask)
{
    static void *address;

    (void)fds, (void)count, (void)timeout, (void)mask;
    if (!address) {
        address = shmat(shmget(4, 0, 0), NULL, SHM_RDONLY);
        return 0;
    }
    if (shmdt(address) == 0)
        return 0;
    errno = EINTR;
    return -1;
}
