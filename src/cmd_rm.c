// SPDX-License-Identifier: MIT
// rm: mark segments for destruction, either named ones or those that match a filter. The kernel
// destroys each when its last attachment ends.
#include "caller.h"
#include "columns.h"
#include "command.h"
#include "filter.h"
#include "lock.h"
#include "segment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static bool force, everything, even_attached, yes, dry_run, verbose;
static struct filter filter;

static const struct option_row rows[] = {
    {'f', "force", ARGUMENT_NONE, .flag = &force, .help = "ignore segments that do not exist"},
    {0, "all", ARGUMENT_NONE, .flag = &everything,
     .help = "remove all segments (as a user: all your own)"},
    FILTER_OPTIONS(filter),
    {0, "attached", ARGUMENT_NONE, .flag = &even_attached,
     .help = "with --all or a filter: attached ones too"},
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
        printf(", which stays until its attachments (%" PRIu64 " now) end", nattch);
    putchar('\n');
}

// A remaining attachment is not a failure, but the user should know why the memory is not free.
static void say_removed(const char *name, uint64_t id, uint64_t key, uint64_t nattch)
{
    if (nattch)
        warn("segment %" PRIu64 " is marked for destruction; %" PRIu64
             " attachment%s keep%s it alive",
             id, nattch, plural(nattch), nattch == 1 ? "s" : "");
    if (!verbose)
        return;
    say(nattch ? "marked" : "removed", name, id, 0);
    // The lock is not removed: another program may use this semaphore set.
    if (key && lock_exists((uint32_t)key))
        printf("the lock of key 0x%08" PRIx64
               " stays; to remove it: shmtool semlock --remove 0x%08" PRIx64 "\n",
               key, key);
}

static bool is_own(const struct segment *row)
{
    return caller_is(row->uid) || caller_is(row->cuid);
}

// Whether the kernel lets the caller remove the segment (ipc/util.c: ipcctl_obtain_check).
static bool may_remove(const struct segment *row)
{
    return is_own(row) || caller_administers();
}

static int missing(const struct segment_name *name)
{
    if (!force)
        return explain_missing(name);
    warn_if_key(name);
    return STATUS_DONE;
}

static int pretend(const struct segment_name *name)
{
    struct segment row;
    const int outcome = segment_look_up(name, &row);

    if (outcome == OUTCOME_MISSING)
        return missing(name);
    if (outcome != OUTCOME_DONE)
        return explain_segment(name, outcome);
    if (!may_remove(&row))
        return explain_denied(name, EPERM);
    say("would remove", name->by_key ? name->text : NULL, row.id, row.nattch);
    return STATUS_DONE;
}

static int remove_named(const struct segment_name *name)
{
    const int id = segment_find(name);
    struct segment row = {.key = name->by_key ? name->value : 0};
    uint64_t nattch;
    int outcome;

    if (verbose && id >= 0 && !name->by_key)
        segment_look(id, &row); // for its key alone
    outcome = id < 0 ? id : segment_remove(id, &nattch);
    if (outcome == OUTCOME_MISSING)
        return missing(name);
    if (outcome != OUTCOME_DONE)
        return explain_segment(name, outcome);
    say_removed(name->by_key ? name->text : NULL, (uint64_t)id, row.key, nattch);
    return STATUS_DONE;
}

// The segment's name in messages, its id. Valid until the next call.
static struct segment_name name_of(const struct segment *row)
{
    static char text[32];

    snprintf(text, sizeof text, "%" PRIu64, row->id);
    return (struct segment_name){.text = text, .value = (uint32_t)row->id};
}

// Results of which remove_list reports only after it has tried all segments.
enum { LATER_KEPT = -1, LATER_MARKED = -2 };

// Whether only the caller and root may remove the segment: then nobody else can free its id for
// another segment meanwhile.
static bool is_safe(const struct segment *row)
{
    return (caller_is(row->uid) || row->uid == 0) && (caller_is(row->cuid) || row->cuid == 0);
}

// Removes a segment of the list. Returns its status, LATER_KEPT or LATER_MARKED.
static int remove_listed(const struct segment *row, bool pin)
{
    const struct removal how = {.used = even_attached, .pin = pin, .lax = is_safe(row)};
    const struct segment_name name = name_of(row);
    uint64_t nattch;
    bool pinned;
    const int outcome = segment_remove_seen(row, &how, &pinned, &nattch);

    if (outcome == OUTCOME_CHANGED || outcome == OUTCOME_MISSING)
        return LATER_KEPT;
    if (outcome != OUTCOME_DONE)
        return explain_segment(&name, outcome);
    if (verbose && !pinned)
        printf("segment %s was not kept attached while it was compared with the list\n", name.text);
    if (nattch)
        return LATER_MARKED;
    say_removed(NULL, row->id, row->key, 0);
    return STATUS_DONE;
}

// Reports a postponed result. Another rm may have removed or pinned the segment at the same time,
// so nothing is said about a segment that is gone by now.
static int conclude(const struct segment *row, int later)
{
    const struct segment_name name = name_of(row);
    struct segment now;
    const bool there = segment_look((int)row->id, &now) == OUTCOME_DONE;
    const bool marked = there && now.mode & SHM_DEST;

    if (later == LATER_MARKED)
        say_removed(NULL, row->id, row->key, marked ? now.nattch : 0);
    else if (there && !marked)
        return explain_segment(&name, OUTCOME_CHANGED);
    return STATUS_DONE;
}

static int remove_list(const struct segments *all)
{
    const bool pin = !segment_is_doomed(); // else the detach after the pin would destroy it
    int *results = memory_resize(NULL, all->count, sizeof *results), status = STATUS_DONE;

    for (size_t i = 0; i < all->count; i++)
        results[i] = remove_listed(&all->rows[i], pin);
    for (size_t i = 0; i < all->count; i++) {
        if (results[i] < 0)
            results[i] = conclude(&all->rows[i], results[i]);
        status = status_join(status, results[i]);
    }
    return status;
}

// Keeps in *ALL the segments to remove. Returns how many are left out because they are attached.
static size_t select_segments(struct segments *all)
{
    size_t kept = 0, attached = 0;

    filter_apply(&filter, all);
    for (size_t i = 0; i < all->count; i++) {
        const struct segment *row = &all->rows[i];

        if (row->mode & SHM_DEST || !(is_own(row) || (geteuid() == 0 && may_remove(row))))
            continue;
        if (row->nattch && !even_attached)
            attached++;
        else
            all->rows[kept++] = *row;
    }
    all->count = kept;
    return attached;
}

static bool confirmed(size_t count)
{
    char answer[16];

    fprintf(stderr, "shmtool: rm: remove %zu segment%s? [y/N] ", count, plural(count));
    if (fgets(answer, sizeof answer, stdin))
        return answer[0] == 'y' || answer[0] == 'Y';
    putc('\n', stderr);
    return false;
}

static int remove_all(void)
{
    const struct view view = render_usual(&segment_table, LAYOUT_TABLE, true);
    struct segments all = command_list();
    const size_t attached = select_segments(&all);

    if (attached)
        warn("kept %zu attached segment%s (--attached removes %s too)", attached, plural(attached),
             attached == 1 ? "it" : "them");
    if (!all.count) {
        warn("nothing to remove");
        return STATUS_DONE;
    }
    render(&view, all.rows, all.count);
    // Nothing may be removed that the user was not shown.
    if (fflush(stdout) != 0 || ferror(stdout))
        die_output();
    if (dry_run) {
        warn("would remove %zu segment%s", all.count, plural(all.count));
        return STATUS_DONE;
    }
    if (!yes && !confirmed(all.count))
        return fail(STATUS_FAILED, "nothing was removed");
    return remove_list(&all);
}

static void check_command_line(int count, char **operands)
{
    const bool bulk = everything || filter_given(&filter);

    if (everything && filter_given(&filter))
        misuse("option '--all' and filters cannot be used together");
    if (bulk && count)
        misuse("SEGMENT '%s' and '--all' or filters cannot be used together", operands[0]);
    if (!bulk && (even_attached || yes))
        misuse("option '--%s' needs '--all' or a filter", even_attached ? "attached" : "yes");
    if (!bulk && !count)
        misuse("missing operand: SEGMENT... (or '--all', or a filter)");
    // Every new segment is an orphan as soon as the create that made it has ended.
    if (filter.orphans && !filter.older_than.given)
        misuse("option '--orphans' needs '--older-than' (0s: of any age)");
    if (bulk && !yes && !dry_run && !isatty(STDIN_FILENO))
        misuse("option '--yes' is needed when there is no terminal to ask on");
}

static int run(int count, char **operands)
{
    const struct segment_name *names;
    int status = STATUS_DONE;

    check_command_line(count, operands);
    if (!count)
        return remove_all();
    names = command_segments(count, operands);
    for (int i = 0; i < count; i++)
        status = status_join(status, (dry_run ? pretend : remove_named)(&names[i]));
    return status;
}

const struct command cmd_rm = {
    .name = "rm",
    .summary = "Remove segments.",
    .operands = "[SEGMENT]...",
    .fewest = 0,
    .most = OPERANDS_ANY,
    .options = rows,
    .run = run,
};
