// SPDX-License-Identifier: MIT
// wait: wait until a segment is in the state that the user wants. The kernel does not notify of
// changes, so this polls, at first every few milliseconds.
#include "clock.h"
#include "command.h"
#include "segment.h"

#include <inttypes.h>
#include <stdio.h>

static bool gone, unattached, attached;
static struct number patience; // nanoseconds

static const struct option_row rows[] = {
    {0, "gone", ARGUMENT_NONE, 'f', .flag = &gone, .help = "wait until there is no such segment"},
    {0, "unattached", ARGUMENT_NONE, 'f', .flag = &unattached,
     .help = "wait until it exists and nobody has it attached"},
    {0, "attached", ARGUMENT_NONE, 'f', .flag = &attached,
     .help = "wait until it exists and is attached"},
    {'w', "wait", ARGUMENT_SECONDS, .number = &patience,
     .help = "give up after this long, with status 124"},
    {0},
};

enum { SHORTEST = CLOCK_SECOND / 1000, LONGEST = CLOCK_SECOND / 10 };

// Why the wait is not over, given the OUTCOME of a look and its ROW, or NULL if it is.
static const char *obstacle(int outcome, const struct segment *row)
{
    if (gone)
        return outcome == OUTCOME_MISSING ? NULL : "it is still there";
    if (outcome == OUTCOME_MISSING)
        return "no such segment yet";
    if (!segment_is_published(row))
        return "it is not published yet";
    if (attached && row->nattch == 0)
        return "nobody has it attached yet";
    return unattached && row->nattch ? "it is still attached" : NULL;
}

// Sleeps for *PAUSE, at most until END, and lengthens *PAUSE. Returns false if END has already
// come.
static bool pause_until(int64_t end, int64_t *pause)
{
    const int64_t left = end - clock_now();
    const struct timespec span = clock_span(patience.given && left < *pause ? left : *pause);

    if (patience.given && left <= 0)
        return false;
    // If this process is stopped and continued, the sleep may end early, which does no harm.
    clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL);
    *pause = *pause * 2 < LONGEST ? *pause * 2 : LONGEST;
    return true;
}

static int run(int count, char **operands)
{
    const struct segment_name *name = command_segments(count, operands);
    const int64_t end = clock_now() + (int64_t)patience.value;
    int64_t pause = SHORTEST;
    struct segment row = {0};
    const char *why;
    int outcome;

    do {
        outcome = segment_look_up(name, &row);
        // A missing id does not come back, so it is not worth waiting for.
        if (outcome == OUTCOME_MISSING && name->bare && !gone)
            return fail(STATUS_MISSING, "%s: no such segment; to wait for key %s, use key:%s",
                        name->text, name->text, name->text);
        if (outcome != OUTCOME_DONE && !(outcome == OUTCOME_MISSING && (gone || name->by_key)))
            return explain_segment(name, outcome);
        why = obstacle(outcome, &row);
    } while (why && pause_until(end, &pause));
    if (why)
        return fail(STATUS_TIMED_OUT, "%s: %s", name->text, why);
    if (gone && pause == SHORTEST)
        warn_if_key(name);
    if (!gone)
        printf("%" PRIu64 "\n", row.id);
    return STATUS_DONE;
}

const struct command cmd_wait = {
    .name = "wait",
    .summary = "Wait until a segment exists, is attached, is free or is gone.",
    .operands = "SEGMENT",
    .fewest = 1,
    .most = 1,
    .options = rows,
    .run = run,
};
