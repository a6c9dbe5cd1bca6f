// SPDX-License-Identifier: MIT
// The filter options of list, rm and watch.
#ifndef FILTER_H
#define FILTER_H

#include "command.h"
#include "sysvipc.h"

// The values of the options; a segment has to match all that are given.
struct filter {
    struct number user; // the owner's id
    bool unattached, orphans;
    struct number older_than; // seconds
};

#define FILTER_OPTIONS(filter)                                                                     \
    {'u', "user", ARGUMENT_USER, .number = &(filter).user,                                         \
     .help = "only segments that USER owns"},                                                      \
        {0, "unattached", ARGUMENT_NONE, .flag = &(filter).unattached,                             \
         .help = "only segments that nobody has attached"},                                        \
        {0, "orphans", ARGUMENT_NONE, .flag = &(filter).orphans,                                   \
         .help = "only unattached segments of processes now gone"},                                \
    {                                                                                              \
        0, "older-than", ARGUMENT_AGE, .number = &(filter).older_than,                             \
                                       .help = "only segments not used or changed for AGE"         \
    }

// Whether any of the options was given.
bool filter_given(const struct filter *filter);

// Whether the segment matches FILTER.
bool filter_passes(const struct filter *filter, const struct segment *row);

// Keeps in *ALL only the segments that match FILTER, in their order.
void filter_apply(const struct filter *filter, struct segments *all);

// 1 if the segment is not attached and its creator and the last process that attached or detached
// are gone; 0 if not; SYSVIPC_UNKNOWN if one of them is in a pid namespace that is not visible
// here.
uint64_t filter_orphan(const struct segment *row);

// Seconds since the segment was last attached, detached or changed.
uint64_t filter_idle(const struct segment *row);

#endif
