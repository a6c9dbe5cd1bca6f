// SPDX-License-Identifier: MIT
// Which segments list, rm and watch mean.
#ifndef FILTER_H
#define FILTER_H

#include "command.h"
#include "sysvipc.h"

// What the options say; all that are given must hold.
struct filter {
    const char *user; // NULL: anybody
    bool unattached, orphans;
    struct number older_than; // seconds
    uint64_t uid;             // of user, set by filter_prepare
};

#define FILTER_OPTIONS(filter)                                                                     \
    {'u', "user", ARGUMENT_USER, .text = &(filter).user, .help = "only segments that USER owns"},  \
        {0, "unattached", ARGUMENT_NONE, .flag = &(filter).unattached,                             \
         .help = "only segments that nobody has attached"},                                        \
        {0, "orphans", ARGUMENT_NONE, .flag = &(filter).orphans,                                   \
         .help = "only unattached segments of processes now gone"},                                \
    {                                                                                              \
        0, "older-than", ARGUMENT_AGE, .number = &(filter).older_than,                             \
                                       .help = "only segments not used or changed for AGE"         \
    }

// Looks up the user. Ends the program where there is none.
void filter_prepare(struct filter *filter);

// Whether any of the options was given.
bool filter_given(const struct filter *filter);

// Whether FILTER lets the segment pass.
bool filter_passes(const struct filter *filter, const struct segment *row);

// Keeps in *ALL the segments that FILTER lets pass, in their order.
void filter_apply(const struct filter *filter, struct segments *all);

// 1 where nobody has the segment attached, and its creator and the last process that attached or
// detached are gone; 0 where that is not so; SYSVIPC_UNKNOWN where one of them belongs to another
// pid namespace.
uint64_t filter_orphan(const struct segment *row);

// Seconds since the segment was last attached, detached or changed.
uint64_t filter_idle(const struct segment *row);

#endif
