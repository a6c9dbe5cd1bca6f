// SPDX-License-Identifier: MIT
// Reads the folder with one entry per size (Documentation/admin-guide/mm/hugetlbpage.rst).
#include "huge.h"

#include "fail.h"
#include "proc.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static struct huge_size name_size(uint64_t kib)
{
    const unsigned shift = kib % (1 << 20) == 0 ? 20 : kib % (1 << 10) == 0 ? 10 : 0;
    struct huge_size size = {.bytes = kib * 1024};

    snprintf(size.name, sizeof size.name, "%" PRIu64 "%c", kib >> shift, "KMG"[shift / 10]);
    return size;
}

size_t huge_sizes(struct huge_size sizes[HUGE_SIZES_MOST])
{
    static const char format[] = "hugepages-%" SCNu64 "kB";
    DIR *folder = opendir("/sys/kernel/mm/hugepages");
    const struct dirent *entry;
    size_t count = 0;
    uint64_t kib;

    if (!folder && proc_hides(errno))
        return 0;
    if (!folder)
        die_errno("/sys/kernel/mm/hugepages");
    while (count < HUGE_SIZES_MOST && (entry = readdir(folder)))
        if (sscanf(entry->d_name, format, &kib) == 1)
            sizes[count++] = name_size(kib);
    closedir(folder);
    return count;
}
