// SPDX-License-Identifier: MIT
// metrics: gauges in Prometheus' text format, as node_exporter's textfile collector takes them.
#include "account.h"
#include "command.h"
#include "filter.h"
#include "sysv.h"
#include "sysvipc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option_row rows[] = {{0}};

static void put_family(const char *name, const char *help)
{
    printf("# HELP shmtool_%s %s\n# TYPE shmtool_%s gauge\n", name, help, name);
}

static void put_gauge(const char *name, const char *help, uint64_t value)
{
    put_family(name, help);
    printf("shmtool_%s %" PRIu64 "\n", name, value);
}

static const char *spell_owner(uint64_t uid, char number[24])
{
    const char *name = account_name(uid, false);

    snprintf(number, 24, "%" PRIu64, uid);
    return name ? name : number;
}

// The owner as a label; names are escaped as text already, now as the format wants it.
static void put_owner(uint64_t uid)
{
    char number[24];

    printf("{owner=\"");
    for (const char *at = spell_owner(uid, number); *at; at++)
        printf(*at == '\\' || *at == '"' ? "\\%c" : "%c", *at);
    printf("\"} ");
}

// Several user ids can have one name, and a series may come but once.
static int compare_owners(const void *left, const void *right)
{
    const struct segment *a = left, *b = right;
    char numbers[2][24];

    return a->uid == b->uid
               ? 0
               : strcmp(spell_owner(a->uid, numbers[0]), spell_owner(b->uid, numbers[1]));
}

#define EACH SIZE_MAX // in place of a field: 1 for each segment

static uint64_t measure(const struct segment *row, size_t offset)
{
    uint64_t value = 1;

    if (offset != EACH)
        memcpy(&value, (const char *)row + offset, sizeof value);
    return value;
}

// The sum of the field at OFFSET for each owner; ALL is sorted by owner.
static void put_by_owner(const char *name, const char *help, const struct segments *all,
                         size_t offset)
{
    if (all->count && measure(&all->rows[0], offset) == SYSVIPC_UNKNOWN)
        return;
    put_family(name, help);
    for (size_t i = 0, next; i < all->count; i = next) {
        uint64_t sum = 0;

        for (next = i; next < all->count && !compare_owners(&all->rows[next], &all->rows[i]);
             next++)
            if (__builtin_add_overflow(sum, measure(&all->rows[next], offset), &sum))
                sum = UINT64_MAX; // three segments without reserve can be larger than that
        printf("shmtool_%s", name);
        put_owner(all->rows[i].uid);
        printf("%" PRIu64 "\n", sum);
    }
}

static void put_states(const struct segments *all)
{
    uint64_t in_use = 0, marked = 0, mappings = 0, orphaned = 0;

    for (size_t i = 0; i < all->count; i++) {
        const struct segment *row = &all->rows[i];

        in_use += row->nattch > 0;
        marked += (row->mode & SHM_DEST) != 0;
        mappings += row->nattch;
        orphaned += filter_orphan(row) == 1;
    }
    put_gauge("segments_attached", "Segments that are attached.", in_use);
    put_gauge("segments_marked", "Segments that are marked for destruction.", marked);
    put_gauge("segments_orphaned", "Segments not attached whose creator and last user are gone.",
              orphaned);
    put_gauge("attachments", "Mappings of segments.", mappings);
}

static void put_limits(const struct shminfo *limits, const struct shm_info *used)
{
    put_gauge("pages_used", "Pages that segments count for against SHMALL.", used->shm_tot);
    put_gauge("limit_segments", "Most segments (SHMMNI).", limits->shmmni);
    put_gauge("limit_pages", "Most pages of all segments together (SHMALL).", limits->shmall);
    put_gauge("limit_segment_bytes", "Largest size of a segment (SHMMAX).", limits->shmmax);
}

static int run(int count, char **operands)
{
    struct segments all;
    struct shminfo limits = {0};
    struct shm_info used = {0};

    (void)count, (void)operands;
    if (sysv_shmctl(0, IPC_INFO, (void *)&limits) < 0 ||
        sysv_shmctl(0, SHM_INFO, (void *)&used) < 0)
        die_errno("cannot read the limits (IPC_INFO, SHM_INFO)");
    all = command_list();
    if (all.count)
        qsort(all.rows, all.count, sizeof *all.rows, compare_owners);
    put_by_owner("segments", "Segments by owner.", &all, EACH);
    put_by_owner("segment_bytes", "Sizes of segments by owner.", &all,
                 offsetof(struct segment, size));
    put_by_owner("resident_bytes", "Memory that segments take by owner.", &all,
                 offsetof(struct segment, rss));
    put_by_owner("swapped_bytes", "Swap that segments take by owner.", &all,
                 offsetof(struct segment, swap));
    put_states(&all);
    put_limits(&limits, &used);
    return STATUS_DONE;
}

const struct command cmd_metrics = {
    .name = "metrics",
    .summary = "Print counts, sizes and limits as Prometheus metrics.",
    .operands = "",
    .options = rows,
    .run = run,
};
