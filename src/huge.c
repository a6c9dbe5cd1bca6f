// SPDX-License-Identifier: MIT
// Reads the folder with one entry per size (Documentation/admin-guide/mm/hugetlbpage.rst).
#include "huge.h"

#include "fail.h"
#include "proc.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t huge_sizes(uint64_t sizes[HUGE_SIZES_MOST])
{
    static const char prefix[] = "hugepages-"; // then the size in KiB
    DIR *folder = opendir("/sys/kernel/mm/hugepages");
    const struct dirent *entry;
    size_t count = 0;

    if (!folder && proc_hides(errno))
        return 0;
    if (!folder)
        die_errno("/sys/kernel/mm/hugepages");
    while (count < HUGE_SIZES_MOST && (entry = readdir(folder)))
        if (!strncmp(entry->d_name, prefix, sizeof prefix - 1))
            sizes[count++] = strtoull(entry->d_name + sizeof prefix - 1, NULL, 10) * 1024;
    closedir(folder);
    return count;
}
