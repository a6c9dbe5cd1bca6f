// SPDX-License-Identifier: MIT
// Turns errno and its context into what a user can act on.
#include "report.h"

#include "account.h"
#include "escape.h"
#include "process.h"
#include "sysv.h"
#include "sysvipc.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *command_name;

void report_set_command(const char *name)
{
    command_name = name;
}

int report(int status, const char *format, ...)
{
    char line[PATH_MAX + 1024], escaped[ESCAPE_MOST(sizeof line) + 1];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    escaped[escape_text(escaped, line, strlen(line), "\\", false).written] = '\0';
    fprintf(stderr, "shmtool: %s%s%s\n", command_name ? command_name : "", command_name ? ": " : "",
            escaped);
    return status;
}

int report_errno(const char *what)
{
    int error = errno;
    int status = error == EPERM || error == EACCES ? STATUS_DENIED
                 : error == ENOMEM                 ? STATUS_LIMIT
                                                   : STATUS_FAILED;

    return report(status, "%s: %s", what, strerror(error));
}

int report_listing(void)
{
    if (errno == EBADMSG)
        return report(STATUS_FAILED,
                      "/proc/sysvipc/shm: not a list of segments that this program knows");
    return report_errno(
        "the list of segments can be had neither from /proc/sysvipc/shm nor by SHM_STAT_ANY");
}

int report_file(const char *path)
{
    int error = errno;
    int status = error == EEXIST ? STATUS_EXISTS : error == ENOMEM ? STATUS_LIMIT : STATUS_FAILED;

    return report(status, "%s: %s", path, strerror(error));
}

int report_accounts(void)
{
    errno = account_error;
    return account_error ? report_errno("output") : STATUS_DONE;
}

int report_account(const char *what, const char *text, const char *why)
{
    return report(!account_error            ? STATUS_MISUSE
                  : account_error == ENOMEM ? STATUS_LIMIT
                                            : STATUS_FAILED,
                  "%s '%s': %s", what, text, why);
}

int report_stdout(void)
{
    static bool closed;

    if (closed)
        return STATUS_DONE;
    closed = true;
    return fflush(stdout) != 0 || ferror(stdout) || close(STDOUT_FILENO) != 0
               ? report_file("stdout")
               : STATUS_DONE;
}

int report_range(const struct segment_name *name, uint64_t offset, uint64_t length, uint64_t size)
{
    if (offset > size)
        return report(STATUS_FAILED,
                      "%s: offset %" PRIu64 " is past the end of the segment, %" PRIu64 " bytes",
                      name->text, offset, size);
    if (length > size - offset)
        return report(STATUS_FAILED,
                      "%s: length %" PRIu64 " from offset %" PRIu64
                      " is past the end of the segment, %" PRIu64 " bytes",
                      name->text, length, offset, size);
    return STATUS_DONE;
}

int report_combine(int status, int another)
{
    return status == STATUS_DONE || status == another ? another
           : another == STATUS_DONE                   ? status
                                                      : STATUS_FAILED;
}

struct description {
    bool found;
    char text[600];
};

// "segment 4 (owner root, mode 0600, 2048 bytes)"
static struct description describe(bool by_key, uint32_t value)
{
    struct segments all = {0};
    const struct segment *row;
    struct description description = {false, "a segment whose owner and mode cannot be told"};

    if (sysvipc_read(&all) != 0)
        return description;
    row = sysvipc_find(&all, by_key, value);
    if (row) {
        const char *owner = account_name(row->uid, false);
        char number[32];

        description.found = true;
        snprintf(number, sizeof number, "uid %" PRIu64, row->uid);
        snprintf(description.text, sizeof description.text,
                 "segment %" PRIu64 " (owner %s, mode %04o, %" PRIu64 " bytes)", row->id,
                 owner ? owner : number, (unsigned)row->mode & 0777, row->size);
    }
    free(all.rows);
    return description;
}

int report_missing(const struct segment_name *name)
{
    if (name->bare && name->value && sysv_shmget((key_t)name->value, 0, 0) >= 0)
        return report(STATUS_MISSING,
                      "%s: no such segment: no segment has id %s; key %s (0x%08" PRIx32
                      ") has: use key:%s",
                      name->text, name->text, name->text, name->value, name->text);
    return report(STATUS_MISSING, "%s: no such segment", name->text);
}

// The errno of stat(2) on a file of such an owner; IPC_SET itself says EINVAL.
static int report_unmapped(const char *what)
{
    return report(STATUS_FAILED, "%s: the owner or the group has no id in this user namespace",
                  what);
}

int report_segment(const struct segment_name *name)
{
    int error = errno;

    switch (error) {
    case ENOENT:
        return report_missing(name);
    case EACCES:
    case EPERM:
        return report(STATUS_DENIED, "%s: %s: %s", name->text, strerror(error),
                      describe(name->by_key, name->value).text);
    case ECANCELED:
        return report(STATUS_FAILED,
                      "%s: nobody has it attached, and kernel.shm_rmid_forced is 1: detaching "
                      "would destroy it",
                      name->text);
    case EOVERFLOW:
        return report_unmapped(name->text);
    case ENOMEM:
        return report(STATUS_LIMIT, "%s: %s: no room in the address space to attach %s", name->text,
                      strerror(error), describe(name->by_key, name->value).text);
    default:
        return report_errno(name->text);
    }
}

static int report_no_space(uint64_t size)
{
    const uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    struct shminfo limits = {0};
    struct shm_info used = {0};

    if (sysv_shmctl(0, IPC_INFO, (void *)&limits) < 0 ||
        sysv_shmctl(0, SHM_INFO, (void *)&used) < 0)
        return report(STATUS_LIMIT, "%s: SHMMNI or SHMALL is exhausted", strerror(ENOSPC));
    if ((uint64_t)used.used_ids >= limits.shmmni)
        return report(STATUS_LIMIT,
                      "%s: all %lu segments are in use (SHMMNI, sysctl kernel.shmmni)",
                      strerror(ENOSPC), limits.shmmni);
    return report(
        STATUS_LIMIT,
        "%s: %lu of %lu pages are in use and this needs %" PRIu64 " (SHMALL, sysctl kernel.shmall)",
        strerror(ENOSPC), used.shm_tot, limits.shmall, size / page_size + (size % page_size != 0));
}

static int report_invalid(uint32_t key, uint64_t size)
{
    struct description existing = describe(true, key);
    struct shminfo limits = {0};

    if (key && existing.found)
        return report(STATUS_FAILED,
                      "key 0x%08" PRIx32 ": %s is smaller than the %" PRIu64 " bytes asked for",
                      key, existing.text, size);
    if (size == 0)
        return report(STATUS_FAILED, "0 bytes: a segment has at least 1 byte (SHMMIN)");
    if (sysv_shmctl(0, IPC_INFO, (void *)&limits) >= 0 && size > limits.shmmax)
        return report(STATUS_LIMIT, "%" PRIu64 " bytes are over SHMMAX, %lu (sysctl kernel.shmmax)",
                      size, limits.shmmax);
    if (size > INT64_MAX)
        return report(STATUS_LIMIT,
                      "%" PRIu64 " bytes are over what the kernel can count, %" PRId64, size,
                      INT64_MAX);
    return report(STATUS_FAILED, "%" PRIu64 " bytes: %s", size, strerror(EINVAL));
}

static uint64_t huge_setting(uint64_t page, const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/%s", page / 1024,
             name);
    return process_setting(path, 0);
}

static int report_no_memory(uint64_t size, int flags)
{
    const uint64_t page = (uint64_t)1 << ((unsigned)flags >> SYSV_HUGE_SHIFT);

    if (!(flags & SHM_HUGETLB))
        return report(STATUS_LIMIT,
                      "%" PRIu64 " bytes: %s (sysctl vm.overcommit_memory is %" PRIu64 ")", size,
                      strerror(ENOMEM), process_setting("/proc/sys/vm/overcommit_memory", 0));
    return report(STATUS_LIMIT,
                  "%" PRIu64 " bytes: %s: of %" PRIu64 " huge pages of %" PRIu64
                  " kB (nr_hugepages) %" PRIu64 " are free and not reserved; this needs %" PRIu64,
                  size, strerror(ENOMEM), huge_setting(page, "nr_hugepages"), page / 1024,
                  huge_setting(page, "free_hugepages") - huge_setting(page, "resv_hugepages"),
                  size / page + (size % page != 0));
}

int report_create(uint32_t key, uint64_t size, int flags)
{
    switch (errno) {
    case EEXIST:
        return report(STATUS_EXISTS, "key 0x%08" PRIx32 ": %s: %s", key, strerror(EEXIST),
                      describe(true, key).text);
    case EINVAL:
        return report_invalid(key, size);
    case ENOSPC:
        return report_no_space(size);
    case ENOMEM:
        return report_no_memory(size, flags);
    case EPERM:
        return report(STATUS_DENIED,
                      "%s: huge pages want CAP_IPC_LOCK or group %" PRIu64
                      " (sysctl vm.hugetlb_shm_group)",
                      strerror(EPERM), process_setting("/proc/sys/vm/hugetlb_shm_group", 0));
    case EOVERFLOW:
        return report_unmapped("the new segment");
    case ECANCELED:
        return report(STATUS_FAILED,
                      "kernel.shm_rmid_forced is 1: the segment would go with this process");
    default:
        return report_errno("shmget");
    }
}
