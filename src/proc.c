// SPDX-License-Identifier: MIT
// Reads as much as fits into the caller's buffer.
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

ssize_t proc_read(int directory, const char *path, char *text, size_t size)
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

bool proc_hides(int error)
{
    return error == ENOENT || error == EACCES || error == EPERM;
}

uint64_t proc_setting(const char *path, uint64_t otherwise)
{
    char text[32];

    return proc_read(AT_FDCWD, path, text, sizeof text) > 0 ? strtoull(text, NULL, 10) : otherwise;
}
