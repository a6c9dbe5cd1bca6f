// SPDX-License-Identifier: MIT
// stat: all that is known of the segments named. It reads the kernel's listing, because IPC_STAT
// is denied for a segment whose mode does not let the caller read it.
#include "columns.h"
#include "commands.h"
#include "filter.h"
#include "sysvipc.h"

#include <stdlib.h>

static struct view_options options;

static const struct option_row rows[] = {
    OPTION_JSON(options),        OPTION_RAW(options),   OPTION_COLUMNS(options),
    OPTION_NO_HEADINGS(options), OPTION_BYTES(options), {0},
};

static int show(const struct view *view, const struct segment_name *names, int count)
{
    struct segments all = {0};
    struct segment *wanted = calloc((size_t)count, sizeof *wanted);
    size_t found = 0;
    int status = STATUS_DONE;

    if (!wanted)
        return report_errno("memory");
    if (sysvipc_read(&all) != 0) {
        status = report_listing();
        free(wanted);
        return status;
    }
    for (int i = 0; i < count; i++) {
        const struct segment *row = sysvipc_find(&all, names[i].by_key, names[i].value);

        if (row)
            wanted[found++] = *row;
        else
            status = STATUS_MISSING;
    }
    if (render_uses(view, offsetof(struct segment, orphan)))
        filter_mark_orphans(&(struct segments){.rows = wanted, .count = found});
    if (render(view, wanted, found, stdout) != 0)
        status = report_errno("output");
    for (int i = 0; i < count && status == STATUS_MISSING; i++)
        if (!sysvipc_find(&all, names[i].by_key, names[i].value))
            report_missing(&names[i]);
    free(all.rows);
    free(wanted);
    return status;
}

static int run(int count, char **operands)
{
    struct view view;
    int status = command_view(&cmd_stat, &options, LAYOUT_RECORDS, &view);
    struct segment_name *names =
        status == STATUS_DONE ? command_segments(count, operands, &status) : NULL;

    if (names)
        status = show(&view, names, count);
    free(names);
    return status;
}

const struct command cmd_stat = {
    .name = "stat",
    .summary = "Show everything known about segments.",
    .operands = "SEGMENT...",
    .fewest = 1,
    .most = OPERANDS_ANY,
    .options = rows,
    .table = &segment_table,
    .run = run,
};
