// SPDX-License-Identifier: MIT
// rm: mark segments for destruction, those named or those that a filter means. The kernel destroys
// each when its last attachment ends.
#include "commands.h"
#include "filter.h"
#include "process.h"
#include "segment.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <unistd.h>

static bool force, all_wanted, attached, yes, dry_run, verbose;
static struct filter filter;

static const struct option_row rows[] = {
    {'f', "force", ARGUMENT_NONE, .flag = &force, .help = "ignore segments that do not exist"},
    {0, "all", ARGUMENT_NONE, .flag = &all_wanted,
     .help = "remove all segments; a user only their own"},
    FILTER_OPTIONS(filter),
    {0, "attached", ARGUMENT_NONE, .flag = &attached,
     .help = "with --all or a filter: also those that somebody has attached"},
    {'y', "yes", ARGUMENT_NONE, .flag = &yes, .help = "with --all or a filter: do not ask"},
    {0, "dry-run", ARGUMENT_NONE, .flag = &dry_run,
     .help = "say what would be removed, remove nothing"},
    {'v', "verbose", ARGUMENT_NONE, .flag = &verbose, .help = "say what was removed"},
    {0},
};

static void say(const char *what, const char *name, uint64_t id, uint64_t nattch)
{
    printf("%s segment %" PRIu64, what, id);
    if (name)
        printf(" (%s)", name);
    if (nattch)
        printf(", which goes when its attachments, %" PRIu64 " now, have ended", nattch);
    putchar('\n');
}

// A remaining attachment is no failure, but the user should know why the memory is not free.
static void report_removed(const char *name, uint64_t id, uint64_t nattch)
{
    if (nattch)
        report(STATUS_DONE,
               "segment %" PRIu64 " is marked for destruction; %" PRIu64
               " attachment%s keep%s it alive",
               id, nattch, nattch == 1 ? "" : "s", nattch == 1 ? "s" : "");
    if (verbose)
        say(nattch ? "marked" : "removed", name, id, 0);
}

static bool is_own(const struct segment *row)
{
    return process_is_self(row->uid) || process_is_self(row->cuid);
}

// Whether the kernel lets the caller remove it (ipc/util.c: ipcctl_obtain_check).
static bool may_remove(const struct segment *row)
{
    return is_own(row) || process_has_capability(CAP_SYS_ADMIN);
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
        say("would remove", name->by_key ? name->text : NULL, row->id, row->nattch);
    else if (row || !force)
        status = report_segment(name);
    free(all.rows);
    return status;
}

static int remove_named(const struct segment_name *name)
{
    uint64_t nattch;
    int id = segment_find(name);

    if (id < 0 || segment_remove(id, &nattch) != 0)
        return force && errno == ENOENT ? STATUS_DONE : report_segment(name);
    report_removed(name->by_key ? name->text : NULL, (uint64_t)id, nattch);
    return STATUS_DONE;
}

static int remove_listed(const struct segment *row, bool pin)
{
    char text[32];
    const struct segment_name name = {.text = text, .value = (uint32_t)row->id};
    uint64_t nattch;
    bool pinned = pin;
    int result = segment_remove_seen(row, &pinned, &nattch);

    snprintf(text, sizeof text, "%" PRIu64, row->id);
    if (verbose && !pinned && (result == 0 || errno == ESTALE))
        printf("segment %s was compared without being attached meanwhile\n", text);
    if (result == 0)
        report_removed(NULL, row->id, nattch);
    else if (errno == ESTALE)
        return report(STATUS_FAILED, "%s: the segment has changed since it was listed: kept", text);
    else if (errno != ENOENT || !force)
        return report_segment(&name);
    return STATUS_DONE;
}

static void select_segments(struct segments *all)
{
    size_t kept = 0;

    filter_apply(&filter, all);
    for (size_t i = 0; i < all->count; i++) {
        const struct segment *row = &all->rows[i];

        if ((attached || row->nattch == 0) && !(row->mode & SHM_DEST) &&
            (is_own(row) || (geteuid() == 0 && may_remove(row))))
            all->rows[kept++] = *row;
    }
    all->count = kept;
}

static bool confirmed(size_t count)
{
    char answer[16];

    fprintf(stderr, "shmtool: rm: remove %zu segment%s? [y/N] ", count, count == 1 ? "" : "s");
    if (fgets(answer, sizeof answer, stdin))
        return answer[0] == 'y' || answer[0] == 'Y';
    putc('\n', stderr);
    return false;
}

// Shows what would go and returns whether it shall.
static bool agreed(const struct view *view, struct segments *all, int *status)
{
    if (render(view, all->rows, all->count, stdout) != 0)
        *status = report_errno("output");
    else if (fflush(stdout) != 0 || ferror(stdout))
        *status = report_file("stdout");
    else if (all->count && !dry_run && !yes && !confirmed(all->count))
        *status = report(STATUS_FAILED, "nothing was removed");
    return *status == STATUS_DONE && !dry_run;
}

static int remove_all(void)
{
    struct segments all = {0};
    struct view view;
    const bool pin = segment_dies_unattached() == 0;
    int status = command_view(&cmd_list, &(struct view_options){0}, LAYOUT_TABLE, &view);

    if (sysvipc_read(&all) != 0)
        return report_listing();
    select_segments(&all);
    if (agreed(&view, &all, &status))
        for (size_t i = 0; i < all.count; i++)
            status = report_combine(status, remove_listed(&all.rows[i], pin));
    free(all.rows);
    return status;
}

static int check_line(int count, char **operands)
{
    const bool bulk = all_wanted || filter_given(&filter);

    if (all_wanted && filter_given(&filter))
        return misuse("option '--all' and filters exclude one another");
    if (bulk && count)
        return misuse("SEGMENT '%s' and '--all' or filters exclude one another", operands[0]);
    if (!bulk && (attached || yes))
        return misuse("option '--%s' needs '--all' or a filter", attached ? "attached" : "yes");
    if (!bulk && !count)
        return misuse("missing operand: SEGMENT... (or '--all', or a filter)");
    // Whatever create makes is an orphan as soon as create has ended.
    if (filter.orphans && !filter.older_than.given)
        return misuse("option '--orphans' needs '--older-than' (0s: however young)");
    if (bulk && !yes && !dry_run && !isatty(STDIN_FILENO))
        return misuse("option '--yes' is needed where there is no terminal to ask on");
    return filter_prepare(&filter);
}

static int run(int count, char **operands)
{
    struct segment_name *names;
    int status = check_line(count, operands);

    if (status != STATUS_DONE)
        return status;
    if (!count)
        return remove_all();
    names = command_segments(count, operands, &status);
    for (int i = 0; names && i < count; i++)
        status = report_combine(status, (dry_run ? pretend : remove_named)(&names[i]));
    free(names);
    return status;
}

const struct command cmd_rm = {
    .name = "rm",
    .summary = "Mark segments for destruction; each goes when its last attachment ends.",
    .operands = "[SEGMENT]...",
    .fewest = 0,
    .most = OPERANDS_ANY,
    .options = rows,
    .run = run,
};
