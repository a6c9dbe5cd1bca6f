// SPDX-License-Identifier: MIT
// wait: look at one segment until it is as the user wants it. The kernel tells nobody of changes,
// so this looks again and again, at first every few milliseconds.
#include "clock.h"
#include "command.h"
#include "segment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

// Describes in *ROW the segment that NAME names now. A key may have passed to another segment since
// its id was found, or the segment may have lost it.
static int look_once(const struct segment_name *name, struct segment *row)
{
    const int id = segment_find(name);
    const int outcome = id < 0 ? id : segment_peek(id, row);

    return outcome == OUTCOME_DONE && name->by_key && row->key != name->value ? OUTCOME_MISSING
                                                                              : outcome;
}

// What still keeps the user waiting, from the OUTCOME of a look, or NULL.
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

// Waits before the next look, at most until END, for *PAUSE, which becomes longer. Returns false
// where END has come.
static bool pause_until(int64_t end, int64_t *pause)
{
    const int64_t left = end - clock_now();
    const struct timespec span = clock_span(patience.given && left < *pause ? left : *pause);

    if (patience.given && left <= 0)
        return false;
    // Where it was stopped and continued, it looks earlier; how long it was is for the clock to
    // say.
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
        outcome = look_once(name, &row);
        // An id that is missing does not come back.
        if (outcome != OUTCOME_DONE && !(outcome == OUTCOME_MISSING && (gone || name->by_key)))
            return explain_segment(name, outcome);
        why = obstacle(outcome, &row);
    } while (why && pause_until(end, &pause));
    if (why)
        return fail(STATUS_TIMED_OUT, "%s: %s", name->text, why);
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
