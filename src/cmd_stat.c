// SPDX-License-Identifier: MIT
// stat: show all that is known of the named segments. It reads the kernel's listing,
// because only that has rss and swap.
#include "columns.h"
#include "command.h"

extern const struct command cmd_stat;

static struct view_options options;

static const struct option_row rows[] = {
    {OPTION_JSON(options)},        {OPTION_RAW(options)},   {OPTION_COLUMNS(options)},
    {OPTION_NO_HEADINGS(options)}, {OPTION_BYTES(options)}, {0},
};

static int run(int count, char **operands)
{
    const struct view view = command_view(&cmd_stat, &options, LAYOUT_RECORDS);
    const struct segment_name *names = command_segments(count, operands);
    const struct segments all = command_list();
    struct segments wanted = {0};
    int status = STATUS_DONE;

    for (int i = 0; i < count; i++) {
        const struct segment *row = sysvipc_find(&all, names[i].by_key, names[i].value);

        if (row)
            sysvipc_add(&wanted, row);
        else
            status = explain_missing(&names[i]);
    }
    columns_fill(&view, &wanted);
    render(&view, wanted.rows, wanted.count);
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
