// SPDX-License-Identifier: MIT
// ps: who has segments attached, as far as the mappings of processes may be read.
#include "account.h"
#include "attachments.h"
#include "clock.h"
#include "columns.h"
#include "command.h"
#include "process.h"
#include "segment.h"

#include <inttypes.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

extern const struct command cmd_ps;

static struct view_options options;
static const char *user;
static uint64_t user_id;
static struct number process;

static const struct option_row rows[] = {
    {'u', "user", ARGUMENT_USER, .text = &user, .help = "only processes that run as USER"},
    {0, "pid", ARGUMENT_PID, .number = &process, .help = "only process PID"},
    {OPTION_JSON(options)},
    {OPTION_RAW(options)},
    {OPTION_COLUMNS(options)},
    {'S', "sort", ARGUMENT_COLUMN, .text = &options.sort,
     .help = "sort by this column, with - from high to low"},
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

// All segments that are named, or all without names, sorted by id.
static struct segments list_named(const struct segment_name *names, int count)
{
    struct segments all = command_list();
    size_t kept = 0;

    for (size_t i = 0; i < all.count; i++)
        if (is_named(&all.rows[i], names, count))
            all.rows[kept++] = all.rows[i];
    all.count = kept;
    sysvipc_sort(&all);
    return all;
}

// The attachments of the segments shown, which are sorted by id too.
static struct attachments attachments_of(const struct segments *shown, bool page_sizes)
{
    struct attachments all = attachments_read(page_sizes);
    size_t kept = 0, s = 0;

    for (size_t i = 0; i < all.count; i++) {
        struct attachment *row = &all.rows[kept];

        *row = all.rows[i];
        while (s < shown->count && shown->rows[s].id < row->id)
            s++;
        if (s == shown->count || shown->rows[s].id != row->id ||
            (shown->rows[s].key != row->key && !(shown->rows[s].mode & SHM_DEST)))
            continue;
        row->key = shown->rows[s].key;
        if (kept == 0 || row[-1].id != row->id || row[-1].pid != row->pid) {
            kept++;
            continue;
        }
        // Both may be of the segment that has lost its key.
        row[-1].mappings += row->mappings;
        if (!strcmp(row->access, "rw"))
            row[-1].access = row->access;
    }
    all.count = kept;
    return all;
}

// The least number of mappings that the segment has up to END, or one that is not over FOUND. Where
// processes come and go, others were there when /proc was read.
static uint64_t least_nattch(const struct segment *listed, uint64_t found, int64_t end)
{
    uint64_t least = listed->nattch;
    struct segment now;
    time_t recently;

    do {
        if (segment_look((int)listed->id, &now) != OUTCOME_DONE)
            return 0;
        if (now.nattch < least)
            least = now.nattch;
        recently = time(NULL) - 2;
        sched_yield();
    } while (least > found && clock_now() < end &&
             ((time_t)now.atime > recently || (time_t)now.dtime > recently));
    return least;
}

static void warn_of_unseen(const struct segments *shown, const struct attachments *all)
{
    const int64_t end = clock_now() + CLOCK_SECOND / 5;
    uint64_t unseen = 0, mappings = 0;

    for (size_t s = 0, i = 0; s < shown->count; s++) {
        const struct segment *row = &shown->rows[s];
        uint64_t found = 0, nattch = row->nattch;

        for (; i < all->count && all->rows[i].id == row->id; i++)
            found += all->rows[i].mappings;
        mappings += nattch;
        if (found < nattch)
            nattch = least_nattch(row, found, end);
        unseen += found < nattch ? nattch - found : 0;
    }
    if (unseen)
        warn("mappings of processes that %s: %" PRIu64 " of %" PRIu64,
             all->unreadable ? "may not be read" : "are not seen from here", unseen, mappings);
}

// Keeps in *ALL the processes that the options mean.
static void select_processes(struct attachments *all)
{
    size_t kept = 0;

    for (size_t i = 0; i < all->count; i++) {
        const struct attachment *row = &all->rows[i];

        if ((!user || row->uid == user_id) && (!process.given || row->pid == process.value))
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
    const char *why = user ? account_parse_user(user, &user_id) : NULL;
    struct segments shown;
    struct attachments all;
    int status = STATUS_DONE;

    if (why)
        misuse("USER '%s': %s", user, why);
    shown = list_named(names, count);
    all = attachments_of(&shown, render_uses(&view, offsetof(struct attachment, page_size)));
    for (int i = 0; i < count; i++)
        if (!sysvipc_find(&shown, names[i].by_key, names[i].value))
            status = explain_missing(&names[i]);
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
