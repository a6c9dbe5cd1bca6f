// SPDX-License-Identifier: MIT
// limits: what the IPC namespace allows, how much of it is in use, and which sysctl sets it.
#include "columns.h"
#include "commands.h"
#include "sysv.h"
#include "sysvipc.h"

#include <stdlib.h>
#include <unistd.h>

static struct view_options options;

static const struct option_row rows[] = {
    OPTION_JSON(options),
    OPTION_RAW(options),
    OPTION_NO_HEADINGS(options),
    OPTION_BYTES(options),
    {0},
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

// Raises *SIZE to that of the largest segment. Returns the status.
static int largest_segment(uint64_t *size)
{
    struct segments all = {0};

    if (sysvipc_read(&all) != 0)
        return report_listing();
    for (size_t i = 0; i < all.count; i++)
        if (all.rows[i].size > *size)
            *size = all.rows[i].size;
    free(all.rows);
    return STATUS_DONE;
}

static int show(const struct view *view)
{
    const uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE), none = UINT64_MAX;
    struct shminfo limits = {0};
    struct shm_info used = {0};
    uint64_t largest = 0;
    int status;

    if (sysv_shmctl(0, IPC_INFO, (void *)&limits) < 0)
        return report_errno("the limits cannot be had by IPC_INFO");
    if (sysv_shmctl(0, SHM_INFO, (void *)&used) < 0)
        return report_errno("what is in use cannot be had by SHM_INFO");
    status = largest_segment(&largest);
    if (status != STATUS_DONE)
        return status;
    struct limit shown[] = {
        {"SHMMAX", limits.shmmax, largest, none, "bytes", limits.shmmax, "kernel.shmmax"},
        {"SHMALL", limits.shmall, used.shm_tot, none, "pages",
         saturate((unsigned __int128)limits.shmall * page_size), "kernel.shmall"},
        {"SHMMNI", limits.shmmni, (uint64_t)used.used_ids, none, "segments", none, "kernel.shmmni"},
        {"SHMMIN", limits.shmmin, none, none, "bytes", limits.shmmin, NULL},
        {"PAGE_SIZE", page_size, none, none, "bytes", page_size, NULL},
    };
    const size_t count = sizeof shown / sizeof *shown;

    for (size_t i = 0; i < count; i++)
        shown[i].percent = percent(shown[i].used, shown[i].value);
    return render(view, shown, count, stdout) == 0 ? STATUS_DONE : report_errno("output");
}

static int run(int count, char **operands)
{
    struct view view;
    int status = command_view(&cmd_limits, &options, LAYOUT_TABLE, &view);

    (void)count, (void)operands;
    return status == STATUS_DONE ? show(&view) : status;
}

const struct command cmd_limits = {
    .name = "limits",
    .summary = "Show the limits of shared memory and how much of them is in use.",
    .operands = "",
    .options = rows,
    .table = &limit_table,
    .run = run,
};
