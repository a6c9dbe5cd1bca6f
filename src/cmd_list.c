// SPDX-License-Identifier: MIT
// list: show the segments of the namespace as a table.
#include "columns.h"
#include "command.h"
#include "filter.h"
#include "namespaces.h"

extern const struct command cmd_list;

static struct view_options options;
static struct filter filter;
static bool quiet, all_namespaces;

static const struct option_row rows[] = {
    FILTER_OPTIONS(filter),
    {OPTION_ALL_NAMESPACES(all_namespaces)},
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
    const char *bad;
    size_t length;
    struct view view;

    if (quiet && options.columns)
        misuse("options '--quiet' and '--output' cannot be used together");
    if (quiet)
        options = (struct view_options){
            .raw = true, .noheadings = true, .columns = "id", .sort = options.sort};
    view = command_view(&cmd_list, &options, LAYOUT_TABLE);
    if (all_namespaces && (!options.columns || *options.columns == '+')) {
        // If the user has named one of them, adding it again fails, and it is shown anyway.
        render_choose(&view, "+ns", &bad, &length);
        render_choose(&view, "+nspid", &bad, &length);
    }
    return view;
}

static int run(int count, char **operands)
{
    const struct view view = choose_view();
    struct segments all;

    (void)count, (void)operands;
    filter_prepare(&filter);
    all = all_namespaces ? namespaces_read(false).all : command_list();
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
