// SPDX-License-Identifier: MIT
// Turns errno and its context into a line that a user can act on.
#include "explain.h"

#include "account.h"
#include "proc.h"
#include "segment.h"
#include "sysv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct description {
    char text[600];
};

// "segment 4 (owner root, mode 0600, 2048 bytes)"
static struct description describe(const struct segment_name *name)
{
    struct description description = {"a segment whose owner and mode are unknown"};
    char owner[400];
    struct segment row;

    if (segment_look_up(name, &row) == OUTCOME_DONE) {
        account_describe(row.uid, owner, sizeof owner);
        snprintf(description.text, sizeof description.text,
                 "segment %" PRIu64 " (owner %s, mode %04o, %" PRIu64 " byte%s)", row.id, owner,
                 (unsigned)row.mode & 0777, row.size, plural(row.size));
    }
    return description;
}

bool warn_if_key(const struct segment_name *name)
{
    if (!name->bare || !name->value || sysv_shmget((key_t)name->value, 0, 0) < 0)
        return false;
    warn("%s: no such segment: none has id %s, but one has key %s (0x%08" PRIx32 "): use key:%s",
         name->text, name->text, name->text, name->value, name->text);
    return true;
}

int explain_missing(const struct segment_name *name)
{
    return warn_if_key(name) ? STATUS_MISSING
                             : fail(STATUS_MISSING, "%s: no such segment", name->text);
}

int explain_denied(const struct segment_name *name, int error)
{
    return fail(STATUS_DENIED, "%s: %s: %s", name->text, strerror(error), describe(name).text);
}

int explain_segment(const struct segment_name *name, int outcome)
{
    const int error = errno;

    switch (outcome) {
    case OUTCOME_MISSING:
        return explain_missing(name);
    case OUTCOME_UNMAPPED:
        return fail(STATUS_FAILED, "%s: the owner or the group has no id in this user namespace",
                    name->text);
    case OUTCOME_DYING:
        return fail(STATUS_FAILED,
                    "%s: nobody has it attached, and kernel.shm_rmid_forced is 1: detaching "
                    "would destroy it",
                    name->text);
    case OUTCOME_CHANGED:
        return fail(STATUS_FAILED,
                    "%s: not removed: the segment was used or changed since it was listed",
                    name->text);
    case OUTCOME_UNPINNED:
        return fail(
            STATUS_FAILED,
            "%s: not removed: it cannot be attached, and another user may remove it, so its id "
            "could pass to another segment meanwhile; to remove it: shmtool rm %s",
            name->text, name->text);
    default:
        break;
    }
    if (error == EACCES || error == EPERM)
        return explain_denied(name, error);
    if (error == ENOMEM)
        return fail(STATUS_LIMIT, "%s: %s: no room in the address space to attach %s", name->text,
                    strerror(error), describe(name).text);
    return fail(STATUS_FAILED, "%s: %s", name->text, strerror(error));
}

static int explain_no_space(uint64_t size)
{
    const uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    struct sysv_info info;

    if (sysv_info(&info) != 0)
        return fail(STATUS_LIMIT, "%s: SHMMNI or SHMALL is exhausted", strerror(ENOSPC));
    if ((uint64_t)info.used.used_ids >= info.limits.shmmni)
        return fail(
            STATUS_LIMIT, "%s: %d segment%s in use, of at most %lu (SHMMNI, sysctl kernel.shmmni)",
            strerror(ENOSPC), info.used.used_ids, plural(info.used.used_ids), info.limits.shmmni);
    return fail(STATUS_LIMIT,
                "%s: %lu of %lu page%s in use, and this needs %" PRIu64
                " (SHMALL, sysctl kernel.shmall)",
                strerror(ENOSPC), info.used.shm_tot, info.limits.shmall, plural(info.limits.shmall),
                size / page_size + (size % page_size != 0));
}

static int explain_size(uint64_t size)
{
    struct sysv_info info;

    if (size == 0)
        return fail(STATUS_FAILED, "0 bytes: a segment has at least 1 byte (SHMMIN)");
    if (sysv_info(&info) == 0 && size > info.limits.shmmax)
        return fail(STATUS_LIMIT, "%" PRIu64 " byte%s: over SHMMAX, %lu (sysctl kernel.shmmax)",
                    size, plural(size), info.limits.shmmax);
    if (size > INT64_MAX)
        return fail(STATUS_LIMIT, "%" PRIu64 " bytes: over what the kernel can count, %" PRId64,
                    size, INT64_MAX);
    return fail(STATUS_FAILED, "%" PRIu64 " bytes: %s", size, strerror(EINVAL));
}

static uint64_t huge_setting(uint64_t page, const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/%s", page / 1024,
             name);
    return proc_setting(path, 0);
}

static int explain_no_memory(uint64_t size, int flags)
{
    const uint64_t page = (uint64_t)1 << ((unsigned)flags >> SYSV_HUGE_SHIFT),
                   free_pages = huge_setting(page, "free_hugepages"),
                   reserved = huge_setting(page, "resv_hugepages");

    if (!(flags & SHM_HUGETLB))
        return fail(STATUS_LIMIT,
                    "%" PRIu64 " byte%s: %s (sysctl vm.overcommit_memory is %" PRIu64 ")", size,
                    plural(size), strerror(ENOMEM),
                    proc_setting("/proc/sys/vm/overcommit_memory", 0));
    return fail(STATUS_LIMIT,
                "%" PRIu64 " byte%s: %s: huge pages of %" PRIu64
                " kB that are free and not reserved: %" PRIu64 " of %" PRIu64
                " (nr_hugepages); this needs %" PRIu64,
                size, plural(size), strerror(ENOMEM), page / 1024,
                reserved < free_pages ? free_pages - reserved : 0,
                huge_setting(page, "nr_hugepages"), size / page + (size % page != 0));
}

int explain_create(uint32_t key, uint64_t size, int flags, int outcome)
{
    const struct segment_name name = {.by_key = true, .value = key};

    if (outcome == OUTCOME_DYING)
        return fail(
            STATUS_FAILED,
            "kernel.shm_rmid_forced is 1: the segment would be destroyed when shmtool ends");
    switch (errno) {
    case EEXIST:
        return fail(STATUS_EXISTS, "key 0x%08" PRIx32 ": %s: %s", key, strerror(EEXIST),
                    describe(&name).text);
    case EINVAL:
        return explain_size(size);
    case ENOSPC:
        return explain_no_space(size);
    case ENOMEM:
        return explain_no_memory(size, flags);
    case EPERM:
        return fail(STATUS_DENIED,
                    "%s: huge pages need CAP_IPC_LOCK or group %" PRIu64
                    " (sysctl vm.hugetlb_shm_group)",
                    strerror(EPERM), proc_setting("/proc/sys/vm/hugetlb_shm_group", 0));
    case EACCES:
        return fail(STATUS_DENIED, "shmget: %s", strerror(EACCES));
    default:
        return fail(STATUS_FAILED, "shmget: %s", strerror(errno));
    }
}

void die_copy(const char *name, const char *other, uint64_t done)
{
    const int status = errno == EFAULT || errno == ENOMEM ? STATUS_LIMIT : STATUS_FAILED;
    const char *what = errno == EFAULT ? name : other;
    const char *why = errno == EFAULT ? "no memory for a page of the segment" : strerror(errno);

    die(status, "%s: %s: copied %" PRIu64 " byte%s", what, why, done, plural(done));
}

void die_unless_inside(const struct segment_name *name, uint64_t offset, uint64_t length,
                       uint64_t size)
{
    if (offset > size)
        die(STATUS_FAILED,
            "%s: offset %" PRIu64 " is past the end of the segment (%" PRIu64 " byte%s)",
            name->text, offset, size, plural(size));
    if (length > size - offset)
        die(STATUS_FAILED,
            "%s: length %" PRIu64 " from offset %" PRIu64
            " is past the end of the segment (%" PRIu64 " byte%s)",
            name->text, length, offset, size, plural(size));
}
