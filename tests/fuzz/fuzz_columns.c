// SPDX-License-Identifier: MIT
// The first line is what -o says, the second what -S says; a plain search of the table agrees.
#include "command.h"
#include "fuzz.h"

#include <strings.h>

extern const struct command cmd_list, cmd_ps;

static const struct column *plain_column(const struct table *table, const char *name)
{
    for (size_t c = 0; c < table->column_count; c++)
        if (!strcasecmp(table->columns[c].name, name))
            return &table->columns[c];
    return NULL;
}

// Whether SPEC is good; VIEW must then show what it says.
static bool plain_columns(const struct view *before, const struct view *view, const char *spec)
{
    const size_t kept = *spec == '+' ? before->column_count : 0;
    char *names = strdup(spec + (*spec == '+')), *rest = names, *name;
    const struct column *columns[RENDER_COLUMNS_MOST];
    size_t count = kept;
    bool good = true;

    assert(names);
    memcpy(columns, before->columns, sizeof columns);
    while (good && (name = strsep(&rest, ","))) {
        const struct column *column = plain_column(before->table, name);

        good = column;
        for (size_t c = 0; c < count; c++)
            good = good && columns[c] != column;
        if (good)
            columns[count++] = column;
    }
    free(names);
    assert(
        !good || !view ||
        (view->column_count == count && !memcmp(view->columns, columns, count * sizeof *columns)));
    return good;
}

static int view_of(const struct command *command, const struct view_options *options,
                   struct view *view)
{
    if (setjmp(fuzz_end))
        return fuzz_status;
    *view = command_view(command, options, LAYOUT_TABLE);
    return STATUS_DONE;
}

static void check_view(const struct command *command, const char *columns, const char *sort,
                       bool json)
{
    const struct view_options usual = {.json = json},
                              options = {.json = json, .columns = columns, .sort = sort};
    struct view before, view;
    bool good;
    int status;

    assert(view_of(command, &usual, &before) == STATUS_DONE);
    status = view_of(command, &options, &view);
    good = plain_columns(&before, status == STATUS_DONE ? &view : NULL, columns);
    if (sort) {
        const bool descending = *sort == '-';
        const struct column *column = plain_column(command->table, sort + descending);

        good = good && column;
        assert(!good || (view.sort == column && view.descending == descending));
    }
    assert(status == (good ? STATUS_DONE : STATUS_MISUSE));
    fuzz_check_line(!good);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
    const size_t length = newline ? (size_t)(newline - data) : size;
    char *columns = fuzz_text(data, length);
    char *sort = newline ? fuzz_text(newline + 1, size - length - 1) : NULL;

    if (sort)
        sort[strcspn(sort, "\n")] = '\0';
    for (int json = 0; json < 2; json++) {
        check_view(&cmd_list, columns, sort, json);
        check_view(&cmd_ps, columns, sort, json);
    }
    free(columns);
    free(sort);
    return 0;
}
