// SPDX-License-Identifier: MIT
// ps: show who has segments attached, as far as the caller may read the mappings of processes.
#include "attachments.h"
#include "clock.h"
#include "columns.h"
#include "command.h"
#include "namespaces.h"
#include "process.h"
#include "segment.h"

#include <inttypes.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

extern const struct command cmd_ps;

static struct view_options options;
static struct number user, process;

static const struct option_row rows[] = {
    {'u', "user", ARGUMENT_USER, .number = &user, .help = "only processes that run as USER"},
    {0, "pid", ARGUMENT_PID, .number = &process, .help = "only process PID"},
    {OPTION_ALL_NAMESPACES(options)},
    {OPTION_JSON(options)},
    {OPTION_RAW(options)},
    {OPTION_COLUMNS(options)},
    {'S', "sort", ARGUMENT_COLUMN, .text = &options.sort,
     .help = "sort by this column; -COL: from high to low"},
    {OPTION_NO_HEADINGS(options)},
    {0},
};

static bool is_named(const struct segment *row, const struct segment_name *names, int count)
{
    for (int i = 0; i < count; i++)
        if ((names[i].by_key ? row->key : row->id) == names[i].value)
            return true;
    return count == 0;
}

// The segments with one of NAMES, in any of the namespaces, or all if there are no names; sorted by
// ns and id.
static struct segments list_named(const struct segment_name *names, int count)
{
    struct segments all = options.all_namespaces ? namespaces_read(false).all : command_list();
    size_t kept = 0;

    for (size_t i = 0; i < all.count; i++)
        if (is_named(&all.rows[i], names, count))
            all.rows[kept++] = all.rows[i];
    all.count = kept;
    sysvipc_sort(&all);
    return all;
}

static bool is_of(const struct attachment *row, const struct segment *segment)
{
    return row->ns == segment->ns && row->id == segment->id;
}

// Whether the options select the process. An unknown user counts as selected.
static bool is_meant(uint64_t pid, uint64_t uid)
{
    return (!user.given || uid == user.value || uid == UINT64_MAX) &&
           (!process.given || pid == process.value);
}

// The attachments of the segments in SHOWN. Both lists are sorted by ns and id.
static struct attachments attachments_of(const struct segments *shown, bool page_sizes)
{
    const struct attachments_wanted wanted = {
        .page_sizes = page_sizes,
        .all_namespaces = options.all_namespaces,
        .is_meant = user.given || process.given ? is_meant : NULL,
    };
    struct attachments all = attachments_read(&wanted);
    size_t kept = 0, s = 0;

    for (size_t i = 0; i < all.count; i++) {
        struct attachment *row = &all.rows[kept];

        *row = all.rows[i];
        while (s < shown->count && (shown->rows[s].ns < row->ns ||
                                    (shown->rows[s].ns == row->ns && shown->rows[s].id < row->id)))
            s++;
        if (s == shown->count || !is_of(row, &shown->rows[s]) ||
            (shown->rows[s].key != row->key && !(shown->rows[s].mode & SHM_DEST)))
            continue;
        row->key = shown->rows[s].key;
        if (kept == 0 || !is_of(&row[-1], &shown->rows[s]) || row[-1].pid != row->pid) {
            kept++;
            continue;
        }
        // Two rows of a process with different keys can be the same segment if it has lost its key.
        row[-1].mappings += row->mappings;
        if (!strcmp(row->access, "rw"))
            row[-1].access = row->access;
    }
    all.count = kept;
    return all;
}

// AGAIN: it was looked at already.
static bool look(const struct segment *listed, bool again, struct segment *now)
{
    if (listed->ns != SYSVIPC_UNKNOWN && listed->ns != process_namespace(0, "ipc"))
        return namespaces_look(listed, again, now);
    return segment_look((int)listed->id, now) == OUTCOME_DONE;
}

// The lowest nattch that the segment has until END; stops early once that is not more than FOUND.
// Processes come and go, so nattch may have been different when /proc was read.
static uint64_t least_nattch(const struct segment *listed, uint64_t found, int64_t end)
{
    uint64_t least = listed->nattch;
    struct segment now;
    bool again = false;
    time_t recently;

    do {
        if (!look(listed, again, &now))
            return 0;
        again = true;
        if (now.nattch < least)
            least = now.nattch;
        recently = time(NULL) - 2;
        sched_yield();
    } while (least > found && clock_now() < end &&
             ((time_t)now.atime > recently || (time_t)now.dtime > recently));
    return least;
}

// If options select processes, mappings of other processes do not have to be visible.
static void warn_of_unseen(const struct segments *shown, const struct attachments *all)
{
    const int64_t end = clock_now() + CLOCK_SECOND / 5;
    uint64_t unseen = 0, mappings = 0;

    if (all->unreadable ? !all->unreadable_meant : process.given)
        return;
    for (size_t s = 0, i = 0; s < shown->count; s++) {
        const struct segment *row = &shown->rows[s];
        uint64_t found = 0, nattch = row->nattch;

        for (; i < all->count && is_of(&all->rows[i], row); i++)
            found += all->rows[i].mappings;
        mappings += nattch;
        if (found < nattch)
            nattch = least_nattch(row, found, end);
        unseen += found < nattch ? nattch - found : 0;
    }
    if (unseen)
        warn("mappings of processes that %s: %" PRIu64 " of %" PRIu64,
             all->unreadable ? "may not be read" : "are not visible from here", unseen, mappings);
}

// Keeps in *ALL only the processes that the options select.
static void select_processes(struct attachments *all)
{
    size_t kept = 0;

    for (size_t i = 0; i < all->count; i++) {
        const struct attachment *row = &all->rows[i];

        if (is_meant(row->pid, row->uid))
            all->rows[kept++] = *row;
    }
    all->count = kept;
}

static void fill(const struct view *view, struct attachments *all)
{
    const bool args = render_uses(view, offsetof(struct attachment, args)),
               cgroups = render_uses(view, offsetof(struct attachment, cgroup));

    for (size_t i = 0; i < all->count; i++) {
        struct attachment *row = &all->rows[i];

        row->args = args ? process_command((pid_t)row->pid) : NULL;
        row->cgroup = cgroups ? process_cgroup((pid_t)row->pid) : NULL;
    }
}

static int run(int count, char **operands)
{
    const struct view view = command_view(&cmd_ps, &options, LAYOUT_TABLE);
    const struct segment_name *names = command_segments(count, operands);
    struct segments shown;
    struct attachments all;
    int status = STATUS_DONE;

    shown = list_named(names, count);
    all = attachments_of(&shown, render_uses(&view, offsetof(struct attachment, page_size)));
    for (int i = 0; i < count; i++) {
        if (sysvipc_find(&shown, names[i].by_key, names[i].value))
            continue;
        status = explain_missing(&names[i]);
        if (names[i].bare && names[i].value && !process_gone((pid_t)names[i].value))
            warn("%s: that is a process: use --pid %s", names[i].text, names[i].text);
    }
    warn_of_unseen(&shown, &all);
    select_processes(&all);
    fill(&view, &all);
    render(&view, all.rows, all.count);
    return status;
}

const struct command cmd_ps = {
    .name = "ps",
    .summary = "Show which processes have segments attached.",
    .operands = "[SEGMENT...]",
    .most = OPERANDS_ANY,
    .options = rows,
    .table = &attachment_table,
    .run = run,
};
