// SPDX-License-Identifier: MIT
// Tells the segments that a command means from the others.
#include "filter.h"

#include "account.h"
#include "process.h"

#include <string.h>
#include <time.h>

void filter_prepare(struct filter *filter)
{
    const char *why = filter->user ? account_parse_user(filter->user, &filter->uid) : NULL;

    if (why)
        misuse("USER '%s': %s", filter->user, why);
}

bool filter_given(const struct filter *filter)
{
    return filter->user || filter->unattached || filter->orphans || filter->older_than.given;
}

static uint64_t orphan(const struct segment *row)
{
    int gone = row->nattch ? 0 : process_gone((pid_t)row->cpid, row->ctime);

    return gone < 0 ? SYSVIPC_UNKNOWN : (uint64_t)gone;
}

void filter_mark_orphans(struct segments *all)
{
    for (size_t i = 0; i < all->count; i++)
        all->rows[i].orphan = orphan(&all->rows[i]);
}

// Seconds since the segment was last attached, detached or changed.
static uint64_t age_of(const struct segment *row)
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
    return (!filter->user || row->uid == filter->uid) &&
           (!filter->unattached || row->nattch == 0) &&
           (!filter->older_than.given || age_of(row) >= filter->older_than.value) &&
           (!filter->orphans || orphan(row) == 1);
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
