// SPDX-License-Identifier: MIT
// Copies by system call, without a buffer in between where a descriptor is the other end.
#include "copy.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define WINDOW ((uint64_t)4 << 20) // bytes given to one system call

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
