// SPDX-License-Identifier: MIT
// limits: show what the IPC namespace allows, how much is in use, and which sysctl sets it.
#include "command.h"
#include "sysv.h"

#include <unistd.h>

extern const struct command cmd_limits;

static struct view_options options;

static const struct option_row rows[] = {
    {OPTION_JSON(options)},        {OPTION_RAW(options)},   {OPTION_COLUMNS(options)},
    {OPTION_NO_HEADINGS(options)}, {OPTION_BYTES(options)}, {0},
};

struct limit {
    const char *name;
    uint64_t value, used; // in UNIT; used is UINT64_MAX if unknown
    uint64_t percent;     // hundredths of a percent, or UINT64_MAX
    const char *unit;
    uint64_t size;      // value in bytes, or UINT64_MAX
    const char *sysctl; // the one that sets it, or NULL
};

#define FIELD(name) .offset = offsetof(struct limit, name)

static const struct column limit_columns[] = {
    {"limit", KIND_TEXT, FIELD(name), .help = "name of the limit"},
    {"value", KIND_COUNT, FIELD(value), .limit = true, .help = "the limit, in its unit"},
    {"used", KIND_COUNT, FIELD(used), .nullable = true,
     .help = "what is in use; for SHMMAX: the largest segment"},
    {"percent", KIND_PERCENT, FIELD(percent), .nullable = true,
     .help = "percentage of the limit in use"},
    {"unit", KIND_TEXT, FIELD(unit), .help = "bytes, pages or segments"},
    {"size", KIND_BYTES, FIELD(size), .nullable = true, .limit = true,
     .help = "the limit in bytes, if that fits in 64 bits"},
    {"sysctl", KIND_TEXT, FIELD(sysctl), .help = "sysctl that sets it"},
};

static const struct table limit_table = {
    .name = "limits",
    .columns = limit_columns,
    .column_count = sizeof limit_columns / sizeof *limit_columns,
    .row_size = sizeof(struct limit),
};

static uint64_t saturate(unsigned __int128 value)
{
    return value < UINT64_MAX ? (uint64_t)value : UINT64_MAX;
}

static uint64_t percent(uint64_t used, uint64_t value)
{
    return used == UINT64_MAX || !value ? UINT64_MAX
                                        : saturate((unsigned __int128)used * 10000 / value);
}

static uint64_t largest_segment(void)
{
    const struct segments all = command_list();
    uint64_t size = 0;

    for (size_t i = 0; i < all.count; i++)
        if (all.rows[i].size > size)
            size = all.rows[i].size;
    return size;
}

static int run(int count, char **operands)
{
    const struct view view = command_view(&cmd_limits, &options, LAYOUT_TABLE);
    const uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE), none = UINT64_MAX;
    struct sysv_info info;

    (void)count, (void)operands;
    if (sysv_info(&info) != 0)
        die_errno("cannot read the limits (IPC_INFO, SHM_INFO)");
    struct limit shown[] = {
        {"SHMMAX", info.limits.shmmax, largest_segment(), none, "bytes", info.limits.shmmax,
         "kernel.shmmax"},
        {"SHMALL", info.limits.shmall, info.used.shm_tot, none, "pages",
         saturate((unsigned __int128)info.limits.shmall * page_size), "kernel.shmall"},
        {"SHMMNI", info.limits.shmmni, (uint64_t)info.used.used_ids, none, "segments", none,
         "kernel.shmmni"},
        {"SHMMIN", info.limits.shmmin, none, none, "bytes", info.limits.shmmin, NULL},
        {"PAGE_SIZE", page_size, none, none, "bytes", page_size, NULL},
    };
    const size_t shown_count = sizeof shown / sizeof *shown;

    for (size_t i = 0; i < shown_count; i++)
        shown[i].percent = percent(shown[i].used, shown[i].value);
    render(&view, shown, shown_count);
    return STATUS_DONE;
}

const struct command cmd_limits = {
    .name = "limits",
    .summary = "Show the limits of shared memory and how much is in use.",
    .operands = "",
    .options = rows,
    .table = &limit_table,
    .run = run,
};
