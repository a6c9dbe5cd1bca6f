// SPDX-License-Identifier: MIT
// rm: mark segments for destruction. The kernel destroys each when its last attachment ends.
#include "columns.h"
#include "commands.h"
#include "process.h"
#include "segment.h"
#include "sysvipc.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <unistd.h>

static bool force, dry_run, verbose;

static const struct option_row rows[] = {
    {'f', "force", ARGUMENT_NONE, .flag = &force, .help = "ignore segments that do not exist"},
    {0, "dry-run", ARGUMENT_NONE, .flag = &dry_run,
     .help = "say what would be removed, remove nothing"},
    {'v', "verbose", ARGUMENT_NONE, .flag = &verbose, .help = "say what was removed"},
    {0},
};

static void say(const char *what, const struct segment_name *name, int id, uint64_t nattch)
{
    printf("%s segment %d", what, id);
    if (name->by_key)
        printf(" (key 0x%08" PRIx32 ")", name->value);
    if (nattch)
        printf(", once its %" PRIu64 " attachments have ended", nattch);
    putchar('\n');
}

// Whether the kernel would let the caller remove it (ipc/util.c: ipcctl_obtain_check).
static bool may_remove(const struct segment *row)
{
    return row->uid == geteuid() || row->cuid == geteuid() || process_has_capability(CAP_SYS_ADMIN);
}

static int pretend(const struct segment_name *name)
{
    struct segments all = {0};
    const struct segment *row;
    int status = STATUS_DONE;

    if (sysvipc_read(&all) != 0)
        return report_listing();
    row = sysvipc_find(&all, name->by_key, name->value);
    errno = row ? EPERM : ENOENT;
    if (row && may_remove(row))
        say("would remove", name, (int)row->id, row->nattch);
    else if (row || !force)
        status = report_segment(name);
    free(all.rows);
    return status;
}

static int rm(const struct segment_name *name)
{
    uint64_t nattch;
    int id = segment_find(name);

    if (id < 0 || segment_remove(id, &nattch) != 0)
        return force && errno == ENOENT ? STATUS_DONE : report_segment(name);
    if (nattch)
        report(STATUS_DONE,
               "%s: segment %d is marked for destruction and stays until its %" PRIu64 " %s",
               name->text, id, nattch,
               nattch == 1 ? "attachment has ended" : "attachments have ended");
    if (verbose)
        say("removed", name, id, 0);
    return STATUS_DONE;
}

static int run(int count, char **operands)
{
    int status;
    struct segment_name *names = command_segments(count, operands, &status);

    for (int i = 0; names && i < count; i++)
        status = report_combine(status, (dry_run ? pretend : rm)(&names[i]));
    free(names);
    return status;
}

const struct command cmd_rm = {
    .name = "rm",
    .summary = "Mark segments for destruction; each goes when its last attachment ends.",
    .operands = "SEGMENT...",
    .fewest = 1,
    .most = OPERANDS_ANY,
    .options = rows,
    .run = run,
};
