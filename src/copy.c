// SPDX-License-Identifier: MIT
// Copies by system call, without a buffer in between where a descriptor is the other end.
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define WINDOW ((uint64_t)4 << 20) // bytes given to one system call

int copy_open(struct source *source, const char *path)
{
    struct stat st;
    off_t position;

    *source = (struct source){.name = path, .fd = STDIN_FILENO};
    if (!strcmp(path, "-"))
        source->name = "stdin";
    else if ((source->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return -1;
    // A size of 0 says nothing: files of /proc have it.
    if (fstat(source->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        (position = lseek(source->fd, 0, SEEK_CUR)) >= 0) {
        source->known = true;
        source->size = position < st.st_size ? (uint64_t)(st.st_size - position) : 0;
    }
    return 0;
}

void copy_close(const struct source *source)
{
    if (source->fd > STDERR_FILENO)
        close(source->fd);
}

static size_t window(uint64_t left)
{
    return (size_t)(left < WINDOW ? left : WINDOW);
}

int copy_in(char *memory, uint64_t length, int fd, uint64_t *done)
{
    for (uint64_t at = 0; at < length;) {
        ssize_t got = read(fd, memory + at, window(length - at));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (int)got;
        at += (uint64_t)got;
        *done += (uint64_t)got;
    }
    return 0;
}

struct extent {
    off_t start, end;
};

// The next part of FD between FROM and END that is no hole; all of it where that cannot be told.
static struct extent next_data(int fd, off_t from, off_t end)
{
    struct extent extent = {lseek(fd, from, SEEK_DATA), end};

    if (extent.start < 0)
        extent.start = errno == ENXIO ? end : from;
    if (extent.start >= end)
        return (struct extent){end, end};
    extent.end = lseek(fd, extent.start, SEEK_HOLE);
    if (extent.end < 0 || extent.end > end)
        extent.end = end;
    return extent;
}

int copy_in_sparse(char *memory, uint64_t length, int fd, uint64_t *done)
{
    const off_t start = lseek(fd, 0, SEEK_CUR), end = start + (off_t)length;
    off_t last;

    for (off_t at = start; at < end;) {
        const struct extent data = next_data(fd, at, end);
        const uint64_t part = (uint64_t)(data.end - data.start);
        uint64_t got = 0;

        if (lseek(fd, data.start, SEEK_SET) < 0 ||
            copy_in(memory + (data.start - start), part, fd, &got) != 0)
            return -1;
        *done = (uint64_t)(data.start - start) + got;
        if (got < part)
            return 0;
        at = data.end;
    }
    // Past its end a file that shrank meanwhile looks like a hole.
    last = lseek(fd, 0, SEEK_END);
    if (last >= start && last < end)
        *done = (uint64_t)(last - start);
    return 0;
}

int copy_is_more(int fd)
{
    ssize_t got;
    char byte;

    do
        got = read(fd, &byte, 1);
    while (got < 0 && errno == EINTR);
    return (int)got;
}

int copy_out(int fd, const char *memory, uint64_t length, uint64_t *done)
{
    for (uint64_t at = 0; at < length;) {
        ssize_t put = write(fd, memory + at, window(length - at));

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        at += (uint64_t)put;
        *done += (uint64_t)put;
    }
    return 0;
}

int copy_peek(void *buffer, const char *memory, size_t length)
{
    for (size_t at = 0; at < length;) {
        struct iovec to = {(char *)buffer + at, length - at};
        struct iovec from = {(char *)memory + at, length - at};
        ssize_t got = process_vm_readv(getpid(), &to, 1, &from, 1, 0);

        if (got < 0)
            return -1;
        at += (size_t)got;
    }
    return 0;
}

int copy_poke(char *memory, const void *buffer, uint64_t length, uint64_t *done)
{
    for (uint64_t at = 0; at < length;) {
        struct iovec from = {(char *)buffer + at, window(length - at)};
        struct iovec to = {memory + at, window(length - at)};
        ssize_t put = process_vm_writev(getpid(), &from, 1, &to, 1, 0);

        if (put < 0)
            return -1;
        at += (uint64_t)put;
        *done += (uint64_t)put;
    }
    return 0;
}

int copy_fill(char *memory, int byte, uint64_t length, uint64_t *done)
{
    char block[65536];

    memset(block, byte, sizeof block);
    for (uint64_t at = 0; at < length; at += sizeof block) {
        uint64_t left = length - at;

        if (copy_poke(memory + at, block, left < sizeof block ? left : sizeof block, done) != 0)
            return -1;
    }
    return 0;
}
