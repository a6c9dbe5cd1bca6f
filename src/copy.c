// SPDX-License-Identifier: MIT
// Copies by system call, directly between a descriptor and memory.
#include "copy.h"

#include "fail.h"
#include "holes.h"
#include "progress.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW ((uint64_t)4 << 20) // bytes per system call
// For new pages, which populate() zeroes first: they should still be in the cache for the copy. And
// for pipes: a larger write wakes the reader only when the pipe is full, and then has to sleep.
#define WINDOW_SMALL ((uint64_t)256 << 10)
#define PIPE         (1 << 20) // the default limit of an unprivileged user's pipe (pipe(7))

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

struct source copy_open(const char *path)
{
    struct source source = {.name = path, .fd = STDIN_FILENO};
    struct stat st;
    off_t position;

    if (!strcmp(path, "-"))
        source.name = "stdin";
    else if ((source.fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        die_file(path);
    if (fstat(source.fd, &st) != 0)
        return source; // read(2) will report it
    if (S_ISDIR(st.st_mode))
        die(STATUS_FAILED, "%s: %s", source.name, strerror(EISDIR));
    // A size of 0 means nothing: files of /proc have it.
    if (S_ISREG(st.st_mode) && st.st_size > 0 && (position = lseek(source.fd, 0, SEEK_CUR)) >= 0) {
        source.known = true;
        source.size = position < st.st_size ? (uint64_t)(st.st_size - position) : 0;
        source.end = st.st_size;
    }
    return source;
}

bool copy_shrank(const struct source *source)
{
    struct stat st;

    return source->known && fstat(source->fd, &st) == 0 && st.st_size < source->end;
}

static size_t at_most(uint64_t left, uint64_t window)
{
    return (size_t)(left < window ? left : window);
}

static uintptr_t page_mask(void)
{
    return (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
}

// Has the kernel map all pages at once, which is cheaper than a fault for each. If it fails, on an
// old kernel or because a page cannot be allocated, the copy faults the pages itself. Not
// MADV_POPULATE_WRITE: pages mapped for reading can be written to as well, and take a tenth less.
static void populate(const char *memory, size_t length)
{
    const uintptr_t start = (uintptr_t)memory & ~page_mask();

    madvise((void *)start, (uintptr_t)memory + length - start, MADV_POPULATE_READ);
}

void copy_enlarge(int fd)
{
    const int has = fcntl(fd, F_GETPIPE_SZ);

    // If the user's share of pipe pages is used up, only a smaller size is allowed, or none.
    for (int size = PIPE; has > 0 && size > has; size /= 2)
        if (fcntl(fd, F_SETPIPE_SZ, size) >= 0)
            return;
}

// How many of LENGTH bytes read(2) is sure to return. To populate more would waste pages.
static size_t expected(int fd, size_t length)
{
    int waiting = 0;

    if (ioctl(fd, FIONREAD, &waiting) != 0 || waiting < 0)
        return 0;
    return at_most(length, (uint64_t)waiting);
}

// Reads LENGTH bytes of FD, or up to its end, to MEMORY. SURE: it has that many.
static int copy_in(char *memory, uint64_t length, int fd, bool sure, uint64_t *done)
{
    for (uint64_t at = 0; at < length;) {
        const size_t part = at_most(length - at, WINDOW_SMALL);
        ssize_t got;

        populate(memory + at, sure ? part : expected(fd, part));
        got = read(fd, memory + at, part);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (int)got;
        at += (uint64_t)got;
        *done += (uint64_t)got;
        progress_at(*done);
    }
    return 0;
}

// A pipe of our own, empty between two calls. The kernel copies what goes through it, and returns
// EFAULT for a page that is not available instead of sending SIGBUS. It holds at least one page (4
// KiB to 64 KiB). Nothing waits for it, so no signal interrupts a call.
static int ends[2] = {-1, -1};

static int open_pipe(void)
{
    if (ends[0] >= 0)
        return 0;
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return -1;
    copy_enlarge(ends[1]);
    return 0;
}

// Discards what is left in the pipe after a failure. Keeps errno.
static void drop_pipe(void)
{
    const int failure = errno;

    close(ends[0]);
    close(ends[1]);
    ends[0] = ends[1] = -1;
    errno = failure;
}

// Moves LENGTH bytes from the pipe to TO.
static int empty_pipe(char *to, ssize_t length, uint64_t *done)
{
    while (length > 0) {
        const ssize_t got = read(ends[0], to, (size_t)length);

        if (got <= 0) {
            drop_pipe();
            return -1;
        }
        to += got;
        length -= got;
        *done += (uint64_t)got;
    }
    return 0;
}

int copy_poke(char *memory, const void *buffer, uint64_t length, uint64_t *done)
{
    if (length > 0 && open_pipe() != 0)
        return -1;
    for (uint64_t at = 0; at < length;) {
        // First up to the end of a page of MEMORY, then whole pages, so that they match the pipe's:
        // read(2) counts a page of the pipe either as a whole or not at all.
        const size_t inside = (uintptr_t)(memory + at) & page_mask();
        const ssize_t put = write(ends[1], (const char *)buffer + at,
                                  at_most(length - at, inside ? page_mask() + 1 - inside : WINDOW));

        if (put < 0 || empty_pipe(memory + at, put, done) != 0)
            return -1;
        at += (uint64_t)put;
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

// Whether MADV_REMOVE really removes, tried on a page of our own: user-mode emulation ignores all
// advice and still reports success.
static bool remove_works(void)
{
    static bool tried, works;
    const size_t size = page_mask() + 1;
    char *page;

    if (tried)
        return works;
    tried = true;
    page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return false;
    *page = 1;
    works = madvise(page, size, MADV_REMOVE) == 0 && *page == 0;
    munmap(page, size);
    return works;
}

int copy_zero(char *memory, uint64_t length, uint64_t *done)
{
    const uintptr_t mask = page_mask(), begin = ((uintptr_t)memory + mask) & ~mask,
                    end = ((uintptr_t)memory + length) & ~mask;

    if (begin >= end || !remove_works() || madvise((void *)begin, end - begin, MADV_REMOVE) != 0)
        return copy_fill(memory, 0, length, done);
    *done += end - begin;
    if (copy_fill(memory, 0, begin - (uintptr_t)memory, done) != 0)
        return -1;
    return copy_fill((char *)end, 0, (uintptr_t)memory + length - end, done);
}

// The segment that a file is read into.
struct target {
    char *memory; // at offset 0
    int pages;    // a writable descriptor of its pages, or -1
};

// The kernel copies from page to page, without mapping them or zeroing new ones first. Returns like
// read(2).
static ssize_t send_into(const struct target *target, off_t at, size_t length, int fd)
{
    ssize_t sent;

    if (lseek(target->pages, at, SEEK_SET) < 0)
        return -1;
    do
        sent = sendfile(target->pages, fd, NULL, length);
    while (sent < 0 && errno == EINTR);
    return sent;
}

// Reads LENGTH bytes of FD, or up to its end, to AT.
static int copy_into(struct target *target, off_t at, uint64_t length, int fd, uint64_t *done)
{
    const off_t end = at + (off_t)length;

    while (target->pages >= 0 && at < end) {
        const ssize_t sent = send_into(target, at, at_most((uint64_t)(end - at), WINDOW), fd);

        if (sent == 0)
            return 0;
        if (sent < 0) { // limits on files, or huge pages: read(2) into memory may still work
            target->pages = -1;
            break;
        }
        at += sent;
        *done += (uint64_t)sent;
        progress_at(*done);
    }
    return copy_in(target->memory + at, (uint64_t)(end - at), fd, true, done);
}

static int copy_in_file(struct target *target, off_t to, uint64_t length, int fd, bool fresh,
                        uint64_t *done)
{
    const off_t start = lseek(fd, 0, SEEK_CUR), end = start + (off_t)length;
    off_t last;

    if (start < 0)
        return -1;
    for (off_t at = start; at < end;) {
        const struct extent data = holes_next_in_file(fd, at, end);
        const uint64_t part = (uint64_t)(data.end - data.start), hole = (uint64_t)(data.start - at);
        const uint64_t before = *done + hole;

        if (fresh)
            *done += hole;
        else if (copy_zero(target->memory + to + (at - start), hole, done) != 0)
            return -1;
        if (lseek(fd, data.start, SEEK_SET) < 0 ||
            copy_into(target, to + (data.start - start), part, fd, done) != 0)
            return -1;
        if (*done - before < part)
            return 0;
        at = data.end;
    }
    // If the file has shrunk meanwhile, the part past its end looked like a hole: do not count it.
    last = lseek(fd, 0, SEEK_END);
    if (last >= 0 && last < end)
        *done = last > start ? (uint64_t)(last - start) : 0;
    return lseek(fd, start + (off_t)*done, SEEK_SET) < 0 ? -1 : 0;
}

int copy_source(const struct mapping *mapping, uint64_t offset, uint64_t most,
                const struct source *source, bool fresh, uint64_t *done)
{
    const uint64_t length = source->known && source->size < most ? source->size : most;
    struct target target = {.memory = mapping->address, .pages = -1};
    int result;

    copy_enlarge(source->fd);
    progress_begin(source->known ? length : 0, false);
    if (source->known) {
        target.pages = holes_open_mapping(mapping, O_WRONLY);
        result = copy_in_file(&target, (off_t)offset, length, source->fd, fresh, done);
    } else {
        result = copy_in(mapping->address + offset, length, source->fd, false, done);
    }
    progress_end();
    return result;
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
    const uint64_t window = fcntl(fd, F_GETPIPE_SZ) > 0 ? WINDOW_SMALL : WINDOW;

    for (uint64_t at = 0; at < length;) {
        const size_t part = at_most(length - at, window);
        ssize_t put;

        populate(memory + at, part);
        put = write(fd, memory + at, part);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        at += (uint64_t)put;
        *done += (uint64_t)put;
        progress_at(*done);
    }
    return 0;
}

int copy_send(int fd, int from, off_t offset, uint64_t length, uint64_t *done)
{
    const off_t end = offset + (off_t)length;

    while (offset < end) {
        const ssize_t sent = sendfile(fd, from, &offset, at_most((uint64_t)(end - offset), WINDOW));

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return (int)sent;
        *done += (uint64_t)sent;
        progress_at(*done);
    }
    return 0;
}

int copy_peek(void *buffer, const char *memory, size_t length)
{
    if (length > 0 && open_pipe() != 0)
        return -1;
    for (uint64_t at = 0; at < length;) {
        const ssize_t put = write(ends[1], memory + at, length - at);

        if (put < 0 || empty_pipe((char *)buffer + at, put, &at) != 0)
            return -1;
    }
    return 0;
}
