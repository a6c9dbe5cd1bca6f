// SPDX-License-Identifier: MIT
// list: the segments of the namespace, as a table.
#include "columns.h"
#include "commands.h"
#include "filter.h"
#include "sysvipc.h"

#include <stdlib.h>

static struct view_options options;
static struct filter filter;
static bool quiet;

static const struct option_row rows[] = {
    FILTER_OPTIONS(filter),
    OPTION_JSON(options),
    OPTION_RAW(options),
    {'q', "quiet", ARGUMENT_NONE, 'l', .flag = &quiet, .help = "print ids alone"},
    OPTION_COLUMNS(options),
    {'S', "sort", ARGUMENT_COLUMN, .text = &options.sort,
     .help = "sort by this column, with - from high to low"},
    OPTION_NO_HEADINGS(options),
    OPTION_BYTES(options),
    {0},
};

static int run(int count, char **operands)
{
    struct segments all = {0};
    struct view view;
    int status;

    (void)count, (void)operands;
    if (quiet && options.columns)
        return misuse("options '--quiet' and '--output' exclude one another");
    if (quiet)
        options = (struct view_options){
            .raw = true, .noheadings = true, .columns = "id", .sort = options.sort};
    status = command_view(&cmd_list, &options, LAYOUT_TABLE, &view);
    if (status == STATUS_DONE)
        status = filter_prepare(&filter);
    if (status != STATUS_DONE)
        return status;
    if (sysvipc_read(&all) != 0)
        return report_listing();
    filter_apply(&filter, &all);
    if (render_uses(&view, offsetof(struct segment, orphan)))
        filter_mark_orphans(&all);
    if (render(&view, all.rows, all.count, stdout) != 0)
        status = report_errno("output");
    free(all.rows);
    return status;
}

const struct command cmd_list = {
    .name = "list",
    .summary = "List the segments of the IPC namespace.",
    .operands = "",
    .options = rows,
    .table = &segment_table,
    .starred = true,
    .run = run,
};
