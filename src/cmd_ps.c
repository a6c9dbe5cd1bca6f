// SPDX-License-Identifier: MIT
// ps: who has segments attached, as far as the mappings of processes may be read.
#include "attachments.h"
#include "columns.h"
#include "commands.h"
#include "sysvipc.h"

#include <inttypes.h>
#include <stdlib.h>
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

// Sets *SHOWN to the segments that are named, sorted by id; without names to all.
static int choose(struct segments *shown, const struct segment_name *names, int count)
{
    int status = STATUS_DONE;
    size_t kept = 0;

    if (sysvipc_read(shown) != 0)
        return report_listing();
    for (int i = 0; i < count; i++)
        if (!sysvipc_find(shown, names[i].by_key, names[i].value))
            status = report_missing(&names[i]);
    for (size_t i = 0; i < shown->count; i++)
        if (is_named(&shown->rows[i], names, count))
            shown->rows[kept++] = shown->rows[i];
    shown->count = kept;
    sysvipc_sort(shown);
    return status;
}

// Keeps the attachments of the segments shown, and completes them. Both are sorted by id.
static void keep_shown(struct attachments *attached, const struct segments *shown)
{
    size_t kept = 0, s = 0;

    for (size_t i = 0; i < attached->count; i++) {
        struct attachment *row = &attached->rows[kept];

        *row = attached->rows[i];
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
    attached->count = kept;
}

static void report_unseen(const struct attachments *attached, const struct segments *shown)
{
    uint64_t found = 0, all = 0;

    for (size_t i = 0; i < attached->count; i++)
        found += attached->rows[i].mappings;
    for (size_t i = 0; i < shown->count; i++)
        all += shown->rows[i].nattch;
    if (found < all)
        report(STATUS_DONE, "%" PRIu64 " of %" PRIu64 " mappings belong to processes that %s",
               all - found, all,
               attached->unreadable ? "may not be read" : "are not seen from here");
}

static int show(const struct view *view, const struct segment_name *names, int count)
{
    struct segments shown = {0};
    struct attachments attached = {0};
    int status = choose(&shown, names, count);

    if (status != STATUS_DONE && status != STATUS_MISSING)
        return status;
    if (attachments_read(&attached, render_uses(view, offsetof(struct attachment, page_size))) !=
        0) {
        status = report_errno("/proc does not tell who is attached");
    } else {
        keep_shown(&attached, &shown);
        if (render(view, attached.rows, attached.count, stdout) != 0)
            status = report_errno("output");
        report_unseen(&attached, &shown);
    }
    free(attached.rows);
    free(shown.rows);
    return status;
}

static int run(int count, char **operands)
{
    struct segment_name *names = NULL;
    struct view view;
    int status = command_view(&cmd_ps, &options, LAYOUT_TABLE, &view);

    if (status == STATUS_DONE && count)
        names = command_segments(count, operands, &status);
    if (status == STATUS_DONE)
        status = show(&view, names, count);
    free(names);
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
