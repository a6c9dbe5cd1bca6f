// SPDX-License-Identifier: MIT
// watch: print a line for each change, found by comparing each look at all segments with the last.
#include "clock.h"
#include "columns.h"
#include "command.h"
#include "filter.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <time.h>
#include <unistd.h>

static bool json;
static struct filter filter;
static struct number interval = {.value = CLOCK_SECOND}; // nanoseconds

static const struct option_row rows[] = {
    FILTER_OPTIONS(filter),
    {'i', "interval", ARGUMENT_SECONDS, .number = &interval,
     .help = "seconds between two looks (default: 1)"},
    {'J', "json", ARGUMENT_NONE, .flag = &json, .help = "print one JSON object per line"},
    {0},
};

// What happened to a segment.
struct change {
    uint64_t time; // seconds since 1970
    const char *event;
    struct segment segment;
};

// The columns of struct change: time, event, and the starred columns of segments.
static const struct table *change_table(void)
{
    static struct column columns[RENDER_COLUMNS_MOST] = {
        {"time", KIND_TIME, .offset = offsetof(struct change, time)},
        {"event", KIND_TEXT, .offset = offsetof(struct change, event)},
    };
    static struct table table = {"changes", columns, 2, sizeof(struct change)};

    for (size_t c = 0; c < segment_table.column_count; c++) {
        if (!segment_table.columns[c].starred)
            continue;
        columns[table.column_count] = segment_table.columns[c];
        columns[table.column_count++].offset += offsetof(struct change, segment);
    }
    return &table;
}

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

// Ends the program unless stdout TOOK everything. It is not a failure if the reader has closed its
// end, or has stalled when a signal ends the watch: then the unread output is dropped.
static void check_output(bool took)
{
    if (took)
        return;
    if (errno != EPIPE && !(errno == EINTR && stopped))
        die_output();
    __fpurge(stdout);
    clearerr(stdout);
    finish(STATUS_DONE);
}

static void print_change(const struct view *view, const char *event, const struct segment *row)
{
    struct change change = {(uint64_t)time(NULL), event, *row};

    render(view, &change, 1);
    check_output(!ferror(stdout));
}

// All segments at one time, sorted by id, and which of them matched the filter then.
struct look {
    struct segments all;
    bool *passed;
};

static struct look look(void)
{
    struct look look = {.all = command_list()};

    sysvipc_sort(&look.all);
    look.passed = memory_resize(NULL, look.all.count, sizeof *look.passed);
    for (size_t i = 0; i < look.all.count; i++)
        look.passed[i] = filter_passes(&filter, &look.all.rows[i]);
    return look;
}

// Prints what happened to a segment that is in both looks.
static void compare_segment(const struct view *view, const struct segment *before,
                            const struct segment *now)
{
    const bool marked = now->mode & ~before->mode & SHM_DEST;

    if (now->nattch > before->nattch)
        print_change(view, "attached", now);
    if (marked)
        print_change(view, "marked", now);
    if (now->uid != before->uid || now->gid != before->gid ||
        (now->mode | SHM_DEST) != (before->mode | SHM_DEST))
        print_change(view, "changed", now);
    if (now->nattch < before->nattch)
        print_change(view, "detached", now);
}

static bool is_still(const struct segment *before, const struct segment *now)
{
    return before->id == now->id && before->cpid == now->cpid && before->cuid == now->cuid &&
           before->size == now->size && (before->key == now->key || (now->mode & SHM_DEST));
}

static void compare_looks(const struct view *view, const struct look *before,
                          const struct look *now)
{
    size_t b = 0, n = 0;

    while (b < before->all.count || n < now->all.count) {
        const struct segment *was = b < before->all.count ? &before->all.rows[b] : NULL;
        const struct segment *is = n < now->all.count ? &now->all.rows[n] : NULL;

        if (was && is && is_still(was, is)) {
            // One match is enough, so that the change into or out of the filter is shown too.
            if (before->passed[b] || now->passed[n])
                compare_segment(view, was, is);
            b++;
            n++;
        } else if (was && (!is || was->id <= is->id)) {
            if (before->passed[b++])
                print_change(view, "removed", was);
        } else if (is) {
            if (now->passed[n++])
                print_change(view, "created", is);
        }
    }
}

// Waits until the next look is due. Returns false if a signal, or the end of the process that reads
// the output, ends the watch. Signals are blocked outside ppoll, so that none is missed between the
// test of `stopped` and the wait.
static bool wait_for_look(void)
{
    const struct timespec pause = clock_span((int64_t)interval.value);
    struct pollfd output = {.fd = STDOUT_FILENO};
    sigset_t stopping, before;
    int ready;

    sigemptyset(&stopping);
    sigaddset(&stopping, SIGINT);
    sigaddset(&stopping, SIGTERM);
    sigprocmask(SIG_BLOCK, &stopping, &before);
    ready = stopped ? 1 : ppoll(&output, 1, &pause, &before);
    if (ready < 0 && errno != EINTR)
        die_errno("ppoll");
    sigprocmask(SIG_SETMASK, &before, NULL);
    return ready == 0;
}

static int run(int count, char **operands)
{
    const struct sigaction action = {.sa_handler = stop};
    struct view view = render_usual(change_table(), json ? LAYOUT_JSON_LINES : LAYOUT_TABLE, false);
    struct look before, now;

    (void)count, (void)operands;
    view.headings = false;
    if (interval.value < CLOCK_SECOND / 10)
        misuse("option '--interval' must be at least 0.1 seconds");
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    before = look();
    while (wait_for_look()) {
        now = look();
        compare_looks(&view, &before, &now);
        check_output(fflush(stdout) == 0);
        memory_free(before.all.rows);
        memory_free(before.passed);
        before = now;
    }
    return STATUS_DONE;
}

const struct command cmd_watch = {
    .name = "watch",
    .summary = "Print a line for each change of a segment.",
    .operands = "",
    .options = rows,
    .run = run,
};
