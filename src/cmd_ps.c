// SPDX-License-Identifier: MIT
// ps: who has segments attached, as far as the mappings of processes may be read.
#include "attachments.h"
#include "columns.h"
#include "commands.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

static struct view_options options;

static const struct option_row rows[] = {
    OPTION_JSON(options),
    OPTION_RAW(options),
    OPTION_COLUMNS(options),
    OPTION_NO_HEADINGS(options),
    {0},
};

static bool is_named(const struct segment *row, const struct segment_name *names, int count)
{
    for (int i = 0; i < count; i++)
        if ((names[i].by_key ? row->key : row->id) == names[i].value)
            return true;
    return count == 0;
}

// Of ALL keeps the segments that are named, or all without names, sorted by id. Returns the status.
static int keep_named(struct segments *all, const struct segment_name *names, int count)
{
    int status = STATUS_DONE;
    size_t kept = 0;

    for (int i = 0; i < count; i++)
        if (!sysvipc_find(all, names[i].by_key, names[i].value))
            status = explain_missing(&names[i]);
    for (size_t i = 0; i < all->count; i++)
        if (is_named(&all->rows[i], names, count))
            all->rows[kept++] = all->rows[i];
    all->count = kept;
    sysvipc_sort(all);
    return status;
}

// Keeps the attachments of the segments shown, and completes them. Both are sorted by id.
static void keep_shown(struct attachments *all, const struct segments *shown)
{
    size_t kept = 0, s = 0;

    for (size_t i = 0; i < all->count; i++) {
        struct attachment *row = &all->rows[kept];

        *row = all->rows[i];
        while (s < shown->count && shown->rows[s].id < row->id)
            s++;
        if (s == shown->count || shown->rows[s].id != row->id ||
            (shown->rows[s].key != row->key && !(shown->rows[s].mode & SHM_DEST)))
            continue;
        row->key = shown->rows[s].key;
        row->command = row->name;
        if (kept == 0 || row[-1].id != row->id || row[-1].pid != row->pid) {
            kept++;
            continue;
        }
        // Both may be of the segment that has lost its key.
        row[-1].mappings += row->mappings;
        if (!strcmp(row->access, "rw"))
            row[-1].access = row->access;
    }
    all->count = kept;
}

static void warn_of_unseen(const struct attachments *all, const struct segments *shown)
{
    uint64_t found = 0, mappings = 0;

    for (size_t i = 0; i < all->count; i++)
        found += all->rows[i].mappings;
    for (size_t i = 0; i < shown->count; i++)
        mappings += shown->rows[i].nattch;
    if (found < mappings)
        warn("%" PRIu64 " of %" PRIu64 " mappings belong to processes that %s", mappings - found,
             mappings, all->unreadable ? "may not be read" : "are not seen from here");
}

static int run(int count, char **operands)
{
    const struct view view = command_view(&cmd_ps, &options, LAYOUT_TABLE);
    const struct segment_name *names = command_segments(count, operands);
    struct segments shown = command_list();
    const int status = keep_named(&shown, names, count);
    struct attachments all =
        attachments_read(render_uses(&view, offsetof(struct attachment, page_size)));

    keep_shown(&all, &shown);
    render(&view, all.rows, all.count);
    warn_of_unseen(&all, &shown);
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
