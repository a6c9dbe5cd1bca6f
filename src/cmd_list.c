// SPDX-License-Identifier: MIT
// list: show the segments of the namespace as a table.
#include "columns.h"
#include "command.h"
#include "filter.h"
#include "namespaces.h"

extern const struct command cmd_list;

static struct view_options options;
static struct filter filter;
static bool quiet;

static const struct option_row rows[] = {
    FILTER_OPTIONS(filter),
    {OPTION_ALL_NAMESPACES(options)},
    {OPTION_JSON(options)},
    {OPTION_RAW(options)},
    {'q', "quiet", ARGUMENT_NONE, 'l', .flag = &quiet, .help = "print only ids"},
    {OPTION_COLUMNS(options)},
    {'S', "sort", ARGUMENT_COLUMN, .text = &options.sort,
     .help = "sort by this column; -COL: from high to low"},
    {OPTION_NO_HEADINGS(options)},
    {OPTION_BYTES(options)},
    {0},
};

static struct view choose_view(void)
{
    if (quiet && options.columns)
        misuse("options '--quiet' and '--output' cannot be used together");
    if (quiet) {
        options.raw = options.noheadings = true;
        options.columns = "id";
    }
    return command_view(&cmd_list, &options, LAYOUT_TABLE);
}

static int run(int count, char **operands)
{
    const struct view view = choose_view();
    struct segments all;

    (void)count, (void)operands;
    all = options.all_namespaces ? namespaces_read(false).all : command_list();
    filter_apply(&filter, &all);
    columns_fill(&view, &all);
    render(&view, all.rows, all.count);
    return STATUS_DONE;
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
