// SPDX-License-Identifier: MIT
// list: the segments of the namespace, as a table.
#include "columns.h"
#include "commands.h"
#include "filter.h"
#include "namespaces.h"

#include <errno.h>
#include <stdlib.h>

static struct view_options options;
static struct filter filter;
static bool quiet, all_namespaces;

static const struct option_row rows[] = {
    FILTER_OPTIONS(filter),
    {0, "all-ns", ARGUMENT_NONE, .flag = &all_namespaces,
     .help = "of every IPC namespace that a visible process is in"},
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

static int read_all(struct segments *all)
{
    struct unseen unseen;

    if (!all_namespaces)
        return sysvipc_read(all) == 0 ? STATUS_DONE : report_listing();
    if (namespaces_read(all, &unseen) != 0)
        return errno == EBADMSG ? report_listing()
                                : report_errno("/proc does not tell of every IPC namespace");
    if (unseen.namespaces)
        report(STATUS_DONE, "IPC namespaces that may not be entered: %zu", unseen.namespaces);
    if (unseen.processes)
        report(STATUS_DONE, "processes whose IPC namespace may not be seen: %zu", unseen.processes);
    return STATUS_DONE;
}

static int prepare(struct view *view)
{
    const char *bad;
    size_t length;
    int status;

    if (quiet && options.columns)
        return misuse("options '--quiet' and '--output' exclude one another");
    if (all_namespaces && command_namespace.given)
        return misuse("options '--all-ns' and '--ns' exclude one another");
    if (quiet)
        options = (struct view_options){
            .raw = true, .noheadings = true, .columns = "id", .sort = options.sort};
    status = command_view(&cmd_list, &options, LAYOUT_TABLE, view);
    if (all_namespaces && (!options.columns || *options.columns == '+')) {
        // One that the user has named is there already, and so refused.
        render_choose(view, "+ns", &bad, &length);
        render_choose(view, "+nspid", &bad, &length);
    }
    return status == STATUS_DONE ? filter_prepare(&filter) : status;
}

static int run(int count, char **operands)
{
    struct segments all = {0};
    struct view view;
    int status = prepare(&view);

    (void)count, (void)operands;
    if (status == STATUS_DONE)
        status = read_all(&all);
    if (status != STATUS_DONE)
        return status;
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
