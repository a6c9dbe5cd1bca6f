// SPDX-License-Identifier: MIT
// Tells the segments that match the filter options from the others.
#include "filter.h"

#include "process.h"

#include <time.h>

bool filter_given(const struct filter *filter)
{
    return filter->user.given || filter->unattached || filter->orphans || filter->older_than.given;
}

uint64_t filter_orphan(const struct segment *row)
{
    const bool used = row->atime || row->dtime; // else lpid means nothing
    const pid_t creator = (pid_t)row->cpid, last = used ? (pid_t)row->lpid : creator;

    if (row->nattch || (creator && !process_gone(creator)) || (last && !process_gone(last)))
        return false;
    // A process in a pid namespace that is not visible here has pid 0.
    return creator && last ? true : SYSVIPC_UNKNOWN;
}

uint64_t filter_idle(const struct segment *row)
{
    const uint64_t now = (uint64_t)time(NULL);
    uint64_t latest = row->ctime;

    if (row->atime > latest)
        latest = row->atime;
    if (row->dtime > latest)
        latest = row->dtime;
    return latest < now ? now - latest : 0;
}

bool filter_passes(const struct filter *filter, const struct segment *row)
{
    return (!filter->user.given || row->uid == filter->user.value) &&
           (!filter->unattached || row->nattch == 0) &&
           (!filter->older_than.given || filter_idle(row) >= filter->older_than.value) &&
           (!filter->orphans || filter_orphan(row) == 1);
}

void filter_apply(const struct filter *filter, struct segments *all)
{
    size_t kept = 0;

    if (!filter_given(filter))
        return;
    for (size_t i = 0; i < all->count; i++)
        if (filter_passes(filter, &all->rows[i]))
            all->rows[kept++] = all->rows[i];
    all->count = kept;
}
