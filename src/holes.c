// SPDX-License-Identifier: MIT
// Tells data from holes without touching the pages.
#include "holes.h"

#include "fail.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define CHUNK ((off_t)1 << 30) // bytes per call of mincore(2)

static off_t page_size(void)
{
    return (off_t)sysconf(_SC_PAGESIZE);
}

static off_t page_end(off_t offset)
{
    return (offset + page_size() - 1) & -page_size();
}

// Whether a file on tmpfs, as segments are, has blocks for its whole size: then searching its pages
// for holes is not worth it. Elsewhere the search is cheap, and blocks may hold no data.
static bool is_full(int fd)
{
    struct statfs system;
    struct stat st;

    return fstatfs(fd, &system) == 0 && system.f_type == TMPFS_MAGIC && fstat(fd, &st) == 0 &&
           st.st_blocks >= (st.st_size + 511) / 512;
}

struct extent holes_next_in_file(int fd, off_t from, off_t end)
{
    struct extent extent = {from, end};

    if (is_full(fd))
        return extent;
    extent.start = lseek(fd, from, SEEK_DATA);
    if (extent.start < 0)
        extent.start = errno == ENXIO ? end : from;
    if (extent.start >= end)
        return (struct extent){end, end};
    extent.end = lseek(fd, extent.start, SEEK_HOLE);
    if (extent.end < 0 || extent.end > end)
        extent.end = end;
    return extent;
}

int holes_open_mapping(const struct mapping *mapping, int flags)
{
    const uintptr_t start = (uintptr_t)mapping->address;
    struct statfs system;
    char path[96];
    int fd;

    snprintf(path, sizeof path, "/proc/self/map_files/%jx-%jx", (uintmax_t)start,
             (uintmax_t)(start + (uintptr_t)page_end((off_t)mapping->size)));
    fd = open(path, flags | O_CLOEXEC);
    if (fd < 0 || (fstatfs(fd, &system) == 0 && system.f_type != HUGETLBFS_MAGIC))
        return fd;
    close(fd);
    return -1;
}

// Whether the mapping has more than one page and ordinary ones: madvise(2) fails for a range that
// starts inside a huge page (mm/madvise.c). It drops nothing, because nothing is mapped yet.
static bool is_ordinary(const struct mapping *mapping)
{
    const size_t page = (size_t)page_size();

    return mapping->size > page && madvise(mapping->address + page, page, MADV_DONTNEED) == 0;
}

// Memory and swap together: reading a swapped page moves it into memory, which is no growth.
static uint64_t taken_by(const struct segment *row)
{
    return row->rss == SYSVIPC_UNKNOWN ? SYSVIPC_UNKNOWN : row->rss + row->swap;
}

// Whether pages that look absent really are: that is, there are no swapped pages and no huge pages.
// Stores what the segment takes in *TAKEN, unless that is NULL.
static bool is_mincore_right(const struct holes *holes, uint64_t *taken)
{
    struct segment row;

    if (sysvipc_look(holes->mapping->id, &row) <= 0)
        return false;
    if (taken)
        *taken = taken_by(&row);
    return row.swap == 0 && (row.rss == 0 || holes->ordinary);
}

// Records which pages are present from FROM on. Returns false if that is not certain.
static bool check_chunk(struct holes *holes, off_t from)
{
    const off_t start = from & -page_size(), end = page_end(holes->end);

    holes->checked = (struct extent){start, end - start < CHUNK ? end : start + CHUNK};
    return mincore(holes->mapping->address + start, (size_t)(holes->checked.end - start),
                   holes->present) == 0 &&
           is_mincore_right(holes, NULL);
}

void holes_open(struct holes *holes, const struct mapping *mapping, off_t end)
{
    *holes = (struct holes){.mapping = mapping,
                            .end = end,
                            .fd = holes_open_mapping(mapping, O_RDONLY),
                            .taken = SYSVIPC_UNKNOWN};
    if (holes->fd >= 0)
        return;
    holes->ordinary = is_ordinary(mapping);
    holes->proven = is_mincore_right(holes, &holes->taken);
    holes->present = memory_resize(NULL, 1, (size_t)(CHUNK / page_size()));
}

bool holes_grew(struct holes *holes)
{
    struct segment now;

    return holes->fd < 0 && !holes->proven && holes->taken != SYSVIPC_UNKNOWN &&
           sysvipc_look(holes->mapping->id, &now) > 0 && now.rss != SYSVIPC_UNKNOWN &&
           taken_by(&now) > holes->taken;
}

static bool is_present(struct holes *holes, off_t offset)
{
    if (offset < holes->checked.start || offset >= holes->checked.end)
        holes->proven = holes->proven && check_chunk(holes, offset);
    return !holes->proven || (holes->present[(offset - holes->checked.start) / page_size()] & 1);
}

struct extent holes_next_data(struct holes *holes, off_t from, off_t end)
{
    struct extent data;

    if (holes->fd >= 0)
        return holes_next_in_file(holes->fd, from, end);
    for (data.start = from; data.start < end && !is_present(holes, data.start);)
        data.start = (data.start & -page_size()) + page_size();
    for (data.end = data.start; data.end < end && is_present(holes, data.end);)
        data.end = !holes->proven ? end : (data.end & -page_size()) + page_size();
    return (struct extent){data.start < end ? data.start : end, data.end < end ? data.end : end};
}
