// SPDX-License-Identifier: MIT
// The input stands for /proc/sysvipc/shm: what is read from it is what a plain reading finds.
#include "fuzz.h"
#include "sysvipc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BLOCK = 16384 }; // that one read(2) takes; a longer line is none

static int listing = -1;

// In place of libc's; nothing here makes a file.
int open(const char *path, int flags, ...)
{
    if (!strcmp(path, "/proc/sysvipc/shm"))
        return dup(listing);
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0);
}

// The columns of LINE, separated by blanks, or 0 where it is no line of a listing.
static int plain_columns(char *line, uint64_t values[16])
{
    int count = 0;
    char *rest = NULL;

    for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        const int negative = count == 0 && *word == '-';

        word += negative;
        if (count == 16 || !*word || word[strspn(word, count == 2 ? "01234567" : "0123456789")])
            return 0;
        errno = 0;
        values[count] = strtoull(word, NULL, count == 2 ? 8 : 10);
        if (errno)
            return 0;
        if (negative)
            values[count] = -values[count];
        count++;
    }
    return count < 16 ? 0 : count;
}

static void check_row(const struct segment *row, const uint64_t *values)
{
    const uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    const uint64_t found[] = {row->key,    row->id,    row->mode, row->size, row->cpid, row->lpid,
                              row->nattch, row->uid,   row->gid,  row->cuid, row->cgid, row->atime,
                              row->dtime,  row->ctime, row->rss,  row->swap};

    assert(row->key == (uint32_t)values[0]);
    assert(!memcmp(found + 1, values + 1, sizeof found - sizeof *found));
    assert(row->pages == row->size / page_size + (row->size % page_size > 0));
}

// Returns as sysvipc_read.
static int read_listing(const char *text, size_t size, struct segments *all)
{
    assert(ftruncate(listing, 0) == 0 && pwrite(listing, text, size, 0) == (ssize_t)size);
    assert(lseek(listing, 0, SEEK_SET) == 0);
    return sysvipc_read(all);
}

// RESULT and ALL are what reading DATA gave: they must be right.
static void check_listing(const uint8_t *data, size_t size, int result, const struct segments *all)
{
    const uint8_t *at = memchr(data, '\n', size), *end = data + size, *newline;
    bool good = size && at && end[-1] == '\n';
    uint64_t values[16];
    size_t count = 0;

    for (; good && ++at < end; at = newline, count++) {
        char *line;

        newline = memchr(at, '\n', (size_t)(end - at));
        line = fuzz_text(at, (size_t)(newline - at));
        good = strlen(line) == (size_t)(newline - at) && plain_columns(line, values);
        if (good && result == 0) {
            assert(count < all->count);
            check_row(&all->rows[count], values);
        }
        free(line);
    }
    assert(result == (good || !size ? 0 : SYSVIPC_ODD));
    assert(all->count == count || result != 0);
}

// The lines after the header again and again, so that lines lie across the ends of blocks.
static void check_repeated(const uint8_t *data, size_t size, const struct segments *all)
{
    const size_t header = (size_t)((uint8_t *)memchr(data, '\n', size) + 1 - data);
    const size_t body = size - header, times = 2 * BLOCK / body + 1;
    char *text = malloc(header + times * body);
    struct segments more = {0};

    assert(text);
    memcpy(text, data, header);
    for (size_t i = 0; i < times; i++)
        memcpy(text + header + i * body, data + header, body);
    assert(read_listing(text, header + times * body, &more) == 0);
    assert(more.count == times * all->count);
    for (size_t i = 0; i < more.count; i++)
        assert(!memcmp(&more.rows[i], &all->rows[i % all->count], sizeof *more.rows));
    memory_free(more.rows);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct segments all = {0};
    int result;

    if (size >= BLOCK)
        return 0;
    if (listing < 0)
        listing = memfd_create("listing", 0);
    result = read_listing((const char *)data, size, &all);
    check_listing(data, size, result, &all);
    if (result == 0 && all.count > 0)
        check_repeated(data, size, &all);
    memory_free(all.rows);
    return 0;
}
