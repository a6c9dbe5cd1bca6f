// SPDX-License-Identifier: MIT
// watch: a line for each change, found by comparing one look at all segments with the one before.
#include "columns.h"
#include "commands.h"
#include "filter.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static struct view_options options;
static struct filter filter;
static struct number interval = {.value = 1};

static const struct option_row rows[] = {
    FILTER_OPTIONS(filter),
    {'i', "interval", ARGUMENT_SECONDS, .number = &interval,
     .help = "look again after this many seconds; without: 1"},
    {'J', "json", ARGUMENT_NONE, .flag = &options.json, .help = "print a JSON object a line"},
    {0},
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static int failure; // the status of what could not be printed or waited for
static bool mute;   // nothing more can be printed

// Takes note of what stdout did not take. A reader that has seen enough is no failure, nor is one
// that stalls until a signal ends the watch.
static void check_output(bool taken)
{
    if (taken)
        return;
    if (errno != EPIPE && !(errno == EINTR && stopped))
        failure = report_file("stdout");
    mute = true;
    __fpurge(stdout);
    clearerr(stdout);
}

static void print_change(const struct view *view, const char *event, const struct segment *row)
{
    struct change change = {(uint64_t)time(NULL), event, *row};

    if (mute)
        return;
    if (render(view, &change, 1, stdout) != 0) {
        failure = report_errno("output");
        mute = true;
    }
    check_output(!ferror(stdout));
}

// What happened to one segment that both looks show.
static void compare_segment(const struct view *view, const struct segment *before,
                            const struct segment *now)
{
    const bool marked = now->mode & ~before->mode & SHM_DEST;

    // Seen from both sides, so that a filter shows that a segment comes and that it goes.
    if (!filter_passes(&filter, before) && !filter_passes(&filter, now))
        return;
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

static bool is_same(const struct segment *before, const struct segment *now)
{
    return before->id == now->id && before->cpid == now->cpid && before->cuid == now->cuid &&
           before->size == now->size && (before->key == now->key || (now->mode & SHM_DEST));
}

static void print_if(const struct view *view, const char *event, const struct segment *row)
{
    if (filter_passes(&filter, row))
        print_change(view, event, row);
}

// Both looks are sorted by id.
static void compare_looks(const struct view *view, const struct segments *before,
                          const struct segments *now)
{
    size_t b = 0, n = 0;

    while (b < before->count || n < now->count) {
        const struct segment *old = b < before->count ? &before->rows[b] : NULL;
        const struct segment *new = n < now->count ? &now->rows[n] : NULL;

        if (old && new &&is_same(old, new)) {
            compare_segment(view, old, new);
            b++;
            n++;
        } else if (old && (!new || old->id <= new->id)) {
            print_if(view, "removed", old);
            b++;
        } else if (new) {
            print_if(view, "created", new);
            n++;
        }
    }
}

static int look(struct segments *all)
{
    *all = (struct segments){0};
    if (sysvipc_read(all) != 0)
        return report_listing();
    sysvipc_sort(all);
    return STATUS_DONE;
}

// Waits for the next look. Returns false where a signal, or the end of whoever reads the output,
// ends the watch. A signal that comes between the test and the wait must not be missed.
static bool wait_for_look(void)
{
    const struct timespec pause = {.tv_sec = (time_t)interval.value};
    struct pollfd output = {.fd = STDOUT_FILENO};
    sigset_t stopping, before;
    int ready;

    sigemptyset(&stopping);
    sigaddset(&stopping, SIGINT);
    sigaddset(&stopping, SIGTERM);
    sigprocmask(SIG_BLOCK, &stopping, &before);
    ready = stopped || mute ? 1 : ppoll(&output, 1, &pause, &before);
    if (ready < 0 && errno != EINTR)
        failure = report_errno("ppoll");
    sigprocmask(SIG_SETMASK, &before, NULL);
    return ready == 0;
}

static int watch(const struct view *view)
{
    struct segments before, now;
    int status = look(&before);

    while (status == STATUS_DONE && wait_for_look() && (status = look(&now)) == STATUS_DONE) {
        compare_looks(view, &before, &now);
        free(before.rows);
        before = now;
        check_output(fflush(stdout) == 0);
    }
    free(before.rows);
    return status == STATUS_DONE ? failure : status;
}

static int run(int count, char **operands)
{
    struct sigaction action = {.sa_handler = stop};
    struct view view = {.table = change_table(),
                        .layout = options.json ? LAYOUT_JSON_LINES : LAYOUT_TABLE};
    int status = filter_prepare(&filter);

    (void)count, (void)operands;
    if (status == STATUS_DONE && interval.value == 0)
        status = misuse("SECS '0': at least 1");
    if (status != STATUS_DONE)
        return status;
    render_default(&view, false);
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return watch(&view);
}

const struct command cmd_watch = {
    .name = "watch",
    .summary = "Print a line for each change of a segment.",
    .operands = "",
    .options = rows,
    .run = run,
};
