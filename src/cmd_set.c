// SPDX-License-Identifier: MIT
// set: change owner, group and mode of segments (IPC_SET), and lock them in memory (SHM_LOCK).
#include "command.h"
#include "segment.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static struct number mode;
static const char *owner_text;
static bool lock, unlock, verbose;

static const struct option_row rows[] = {
    {'m', "mode", ARGUMENT_MODE, .number = &mode, .help = "new permission bits, octal"},
    {'u', "owner", ARGUMENT_OWNER, .text = &owner_text, .help = "new owner, and group if given"},
    {0, "lock", ARGUMENT_NONE, 'k', .flag = &lock, .help = "keep its pages in memory"},
    {0, "unlock", ARGUMENT_NONE, 'k', .flag = &unlock,
     .help = "let its pages be swapped out again"},
    {'v', "verbose", ARGUMENT_NONE, .flag = &verbose, .help = "say what was done"},
    {0},
};

static int explain_lock(const struct segment_name *name, int outcome)
{
    struct rlimit limit = {0};
    const int error = outcome == OUTCOME_ERRNO ? errno : 0;

    getrlimit(RLIMIT_MEMLOCK, &limit);
    if (error == ENOMEM || (error == EPERM && lock && limit.rlim_cur == 0))
        return fail(error == ENOMEM ? STATUS_LIMIT : STATUS_DENIED,
                    "%s: %s: locked memory is limited to %ju bytes (RLIMIT_MEMLOCK)", name->text,
                    strerror(error), (uintmax_t)limit.rlim_cur);
    return explain_segment(name, outcome);
}

static int change(const struct segment_name *name, const struct owner *owner)
{
    const unsigned bits = (unsigned)mode.value;
    int outcome = OUTCOME_DONE;

    // First, because a limit may forbid it, and then nothing should have changed.
    if (lock || unlock)
        outcome = segment_lock(name, lock);
    if (outcome != OUTCOME_DONE)
        return explain_lock(name, outcome);
    if (mode.given || owner)
        outcome = segment_change(name, owner, mode.given ? &bits : NULL);
    if (outcome != OUTCOME_DONE)
        return explain_segment(name, outcome);
    if (verbose)
        printf("changed %s\n", name->text);
    return STATUS_DONE;
}

static int run(int count, char **operands)
{
    struct owner owner;
    const char *why = owner_text ? account_parse_owner(owner_text, &owner) : NULL;
    const struct segment_name *names;
    int status = STATUS_DONE;

    if (why)
        misuse("USER[:GROUP] '%s': %s", owner_text, why);
    if (!mode.given && !owner_text && !lock && !unlock)
        misuse("nothing to set: one of '--mode', '--owner', '--lock' and '--unlock' is needed");
    names = command_segments(count, operands);
    for (int i = 0; i < count; i++)
        status = status_join(status, change(&names[i], owner_text ? &owner : NULL));
    return status;
}

const struct command cmd_set = {
    .name = "set",
    .summary = "Change owner, group, mode or lock of segments.",
    .operands = "SEGMENT...",
    .fewest = 1,
    .most = OPERANDS_ANY,
    .options = rows,
    .run = run,
};
