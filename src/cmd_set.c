// SPDX-License-Identifier: MIT
// set: owner, group and mode of segments (IPC_SET), and whether they may be swapped (SHM_LOCK).
#include "commands.h"
#include "segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static struct number mode;
static const char *owner_text;
static bool lock, unlock, verbose;

static const struct option_row rows[] = {
    {'m', "mode", ARGUMENT_MODE, .number = &mode, .help = "permission bits, octal"},
    {'u', "owner", ARGUMENT_OWNER, .text = &owner_text,
     .help = "owner, and group where it is given"},
    {0, "lock", ARGUMENT_NONE, 'k', .flag = &lock, .help = "keep its pages in memory"},
    {0, "unlock", ARGUMENT_NONE, 'k', .flag = &unlock,
     .help = "let its pages be swapped out again"},
    {'v', "verbose", ARGUMENT_NONE, .flag = &verbose, .help = "say what was done"},
    {0},
};

static int report_lock(const struct segment_name *name)
{
    struct rlimit limit = {0};
    const int error = errno;

    getrlimit(RLIMIT_MEMLOCK, &limit);
    errno = error;
    if (error == ENOMEM || (error == EPERM && lock && limit.rlim_cur == 0))
        return report(error == ENOMEM ? STATUS_LIMIT : STATUS_DENIED,
                      "%s: %s: locked memory is limited to %ju bytes (RLIMIT_MEMLOCK)", name->text,
                      strerror(error), (uintmax_t)limit.rlim_cur);
    return report_segment(name);
}

static int change(const struct segment_name *name, const struct owner *owner)
{
    const unsigned bits = (unsigned)mode.value;

    // First what a limit may forbid, so that nothing is changed then.
    if ((lock || unlock) && segment_lock(name, lock) != 0)
        return report_lock(name);
    if ((mode.given || owner) && segment_change(name, owner, mode.given ? &bits : NULL) != 0)
        return report_segment(name);
    if (verbose)
        printf("changed %s\n", name->text);
    return STATUS_DONE;
}

static int run(int count, char **operands)
{
    struct owner owner = {0};
    const char *why = owner_text ? account_parse_owner(owner_text, &owner) : NULL;
    struct segment_name *names;
    int status;

    if (why)
        return report_account("USER[:GROUP]", owner_text, why);
    if (!mode.given && !owner_text && !lock && !unlock)
        return misuse(
            "nothing to set: one of '--mode', '--owner', '--lock' and '--unlock' is needed");
    names = command_segments(count, operands, &status);
    for (int i = 0; names && i < count; i++)
        status = report_combine(status, change(&names[i], owner_text ? &owner : NULL));
    free(names);
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
