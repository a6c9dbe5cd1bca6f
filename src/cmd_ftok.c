// SPDX-License-Identifier: MIT
// ftok: print the key of a path, and warn if it leads to somebody else's segment.
#include "caller.h"
#include "command.h"
#include "segment.h"
#include "sysv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static const struct option_row rows[] = {{0}};

// A key has only 16 bits of the inode number, so files can share a key; and anyone can use any key.
static void warn_of_others(uint32_t key)
{
    const struct segment_name name = {.by_key = true, .value = key};
    struct segment row;
    const int outcome = segment_look_up(&name, &row);

    if (outcome != OUTCOME_DONE && outcome != OUTCOME_MISSING)
        warn("warning: key 0x%08" PRIx32 ": cannot tell whether a segment has it", key);
    if (outcome == OUTCOME_DONE && (!caller_is(row.uid) || !caller_is(row.cuid)))
        warn("warning: key 0x%08" PRIx32 ": segment %" PRIu64 " belongs to uid %" PRIu64
             " and was created by uid %" PRIu64,
             key, row.id, row.uid, row.cuid);
}

static int run(int count, char **operands)
{
    uint64_t proj = 1;
    const char *why = count > 1 ? parse_proj(operands[1], &proj) : NULL;
    key_t key;

    if (why)
        misuse("PROJ '%s': %s", operands[1], why);
    key = sysv_ftok(operands[0], (int)proj);
    if (key == -1 && errno)
        die_file(operands[0]);
    printf("0x%08" PRIx32 "\n", (uint32_t)key);
    warn_of_others((uint32_t)key);
    return STATUS_DONE;
}

const struct command cmd_ftok = {
    .name = "ftok",
    .summary = "Print the key that ftok(3) makes from a path.",
    .operands = "PATH [PROJ]",
    .fewest = 1,
    .most = 2,
    .options = rows,
    .no_namespace = true,
    .run = run,
};
