// SPDX-License-Identifier: MIT
// Reads /proc/sysvipc/shm into rows, parsing numbers in place.
#include "sysvipc.h"

#include "fail.h"
#include "proc.h"
#include "sysv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { COLUMNS = 16, AHEAD = 1024 };

// Maps the pages of the next AHEAD rows at once: a fault for each page takes longer than parsing
// what goes there. An older kernel refuses, and then there are faults.
static void populate(const struct segment *rows)
{
    const uintptr_t begin = (uintptr_t)rows & -(uintptr_t)sysconf(_SC_PAGESIZE);

    madvise((void *)begin, AHEAD * sizeof *rows, MADV_POPULATE_WRITE);
}

void sysvipc_add(struct segments *all, const struct segment *row)
{
    all->rows = memory_grow(all->rows, &all->room, all->count, sizeof *all->rows);
    if (all->count > 0 && all->count % AHEAD == 0)
        populate(&all->rows[all->count]);
    all->rows[all->count++] = *row;
}

// Reads digits of BASE. Returns where they end, or NULL if there is no digit or the number needs
// more than 64 bits.
static const char *parse_number(const char *text, unsigned base, uint64_t *value)
{
    const char *at = text;
    unsigned digit;
    char *end;

    for (*value = 0; (digit = (unsigned)*at - '0') < base; at++)
        *value = *value * base + digit;
    if (at - text < 20) // too few to overflow
        return at > text ? at : NULL;
    errno = 0;
    *value = strtoull(text, &end, (int)base);
    return errno == 0 ? end : NULL;
}

static const char *skip_blanks(const char *text, const char *end)
{
    while (end - text >= 8 && !memcmp(text, "        ", 8)) // most of a line is blank
        text += 8;
    while (*text == ' ')
        text++;
    return text;
}

bool sysvipc_parse_line(const char *text, const char *end, struct segment *row)
{
    uint64_t values[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++) {
        bool negative;

        text = skip_blanks(text, end);
        negative = i == 0 && *text == '-';                                 // only keys are signed
        text = parse_number(text + negative, i == 2 ? 8 : 10, &values[i]); // perms
        if (!text || (*text != ' ' && text != end))
            return false;
        if (negative)
            values[i] = -values[i];
    }
    if (skip_blanks(text, end) != end)
        return false;
    *row = (struct segment){
        .key = (uint32_t)values[0],
        .id = values[1],
        .mode = values[2],
        .size = values[3],
        .cpid = values[4],
        .lpid = values[5],
        .nattch = values[6],
        .uid = values[7],
        .gid = values[8],
        .cuid = values[9],
        .cgid = values[10],
        .atime = values[11],
        .dtime = values[12],
        .ctime = values[13],
        .rss = values[14],
        .swap = values[15],
    };
    return true;
}

// Adds a row for each whole line of TEXT, except the header. Returns how many bytes they were, or
// SYSVIPC_ODD.
static ssize_t take_lines(struct segments *all, const char *text, size_t length, bool *header_seen)
{
    const char *at = text, *newline;

    for (; (newline = memchr(at, '\n', length - (size_t)(at - text))); at = newline + 1) {
        struct segment row;

        if (!*header_seen) {
            *header_seen = true;
            continue;
        }
        if (!sysvipc_parse_line(at, newline, &row))
            return SYSVIPC_ODD;
        sysvipc_add(all, &row);
    }
    return at - text;
}

static int read_listing(struct segments *all, int fd, bool *header_seen)
{
    char text[16384];
    size_t held = 0;
    ssize_t got, taken;

    while ((got = read(fd, text + held, sizeof text - held)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        held += (size_t)got;
        taken = take_lines(all, text, held, header_seen);
        if (taken < 0)
            return SYSVIPC_ODD;
        held -= (size_t)taken;
        memmove(text, text + taken, held);
        if (held == sizeof text)
            break;
    }
    return held == 0 ? 0 : SYSVIPC_ODD;
}

struct segment sysvipc_describe(int id, const struct shmid_ds *ds)
{
    return (struct segment){
        .key = (uint32_t)ds->shm_perm.__key,
        .id = (uint32_t)id,
        .mode = ds->shm_perm.mode,
        .size = ds->shm_segsz,
        .nattch = ds->shm_nattch,
        .cpid = (uint32_t)ds->shm_cpid,
        .lpid = (uint32_t)ds->shm_lpid,
        .uid = ds->shm_perm.uid,
        .gid = ds->shm_perm.gid,
        .cuid = ds->shm_perm.cuid,
        .cgid = ds->shm_perm.cgid,
        .atime = (uint64_t)ds->shm_atime,
        .dtime = (uint64_t)ds->shm_dtime,
        .ctime = (uint64_t)ds->shm_ctime,
        .rss = SYSVIPC_UNKNOWN,
        .swap = SYSVIPC_UNKNOWN,
    };
}

static int walk_indexes(struct segments *all)
{
    struct shm_info info;
    int highest = sysv_shmctl(0, SHM_INFO, &info);

    if (highest < 0)
        return -1;
    for (int index = 0; index <= highest; index++) {
        struct shmid_ds ds = {0};
        int id = sysv_shmctl(index, SHM_STAT_ANY, &ds);
        struct segment row;

        if (id < 0 && (errno == EINVAL || errno == EIDRM))
            continue; // an unused index
        if (id < 0)
            return -1;
        row = sysvipc_describe(id, &ds);
        sysvipc_add(all, &row);
    }
    return 0;
}

// An id is sequence << shift | index. The shift is 15, or 24 with the boot parameter ipcmni_extend;
// the sequence that the kernel reports for any segment with a high id shows which. A segment that
// is gone by now does not help, so this tries several; Linux before 4.17 does not report it.
static bool is_shift_usual(const struct segments *all)
{
    int asked = 0;

    for (size_t i = 0; i < all->count && asked < 8; i++) {
        const uint64_t id = all->rows[i].id;
        struct shmid_ds ds = {0};

        if (id < 1 << 15)
            continue;
        if (sysv_shmctl((int)id, SHM_STAT_ANY, &ds) == (int)id)
            return (uint16_t)ds.shm_perm.__seq == id >> 15;
        asked++;
    }
    return asked == 0;
}

static void set_derived(struct segments *all)
{
    const uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    const bool usual = is_shift_usual(all);

    for (size_t i = 0; i < all->count; i++) {
        struct segment *row = &all->rows[i];

        row->pages = row->size / page_size + (row->size % page_size != 0);
        row->seq = usual ? row->id >> 15 : SYSVIPC_UNKNOWN;
        row->orphan = row->ns = row->nspid = SYSVIPC_UNKNOWN;
        row->idle = 0;
        row->creator_command = row->cgroup = NULL;
    }
}

int sysvipc_read(struct segments *all)
{
    bool header_seen = false;
    int result = -1, fd = open("/proc/sysvipc/shm", O_RDONLY | O_CLOEXEC);

    all->count = 0;
    if (fd >= 0) {
        result = read_listing(all, fd, &header_seen);
        close(fd);
    }
    // A container may hide the file, or mask it with one that is empty or has only the header; then
    // ask the kernel directly. If that fails too, a header alone means that there are no segments.
    if (fd < 0 ? proc_hides(errno) : result == 0 && all->count == 0)
        result = walk_indexes(all) == 0 || header_seen ? 0 : -1;
    if (result == 0)
        set_derived(all);
    return result;
}

void sysvipc_die(int result)
{
    if (result == SYSVIPC_ODD)
        die(STATUS_FAILED, "/proc/sysvipc/shm: not in a format that shmtool knows");
    die_errno("cannot list the segments from /proc/sysvipc/shm or with SHM_STAT_ANY");
}

const struct segment *sysvipc_find(const struct segments *all, bool by_key, uint32_t value)
{
    for (size_t i = 0; i < all->count; i++)
        if ((by_key ? all->rows[i].key : all->rows[i].id) == value)
            return &all->rows[i];
    return NULL;
}

int sysvipc_look(int id, struct segment *row)
{
    static struct segments all;
    const struct segment *found;

    if (sysvipc_read(&all) != 0)
        return -1;
    found = sysvipc_find(&all, false, (uint32_t)id);
    if (found)
        *row = *found;
    return found != NULL;
}

static int compare_ids(const void *left, const void *right)
{
    const struct segment *a = left, *b = right;

    if (a->ns != b->ns)
        return a->ns > b->ns ? 1 : -1;
    return (a->id > b->id) - (a->id < b->id);
}

void sysvipc_sort(struct segments *all)
{
    if (all->count)
        qsort(all->rows, all->count, sizeof *all->rows, compare_ids);
}
