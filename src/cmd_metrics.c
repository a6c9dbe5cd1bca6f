// SPDX-License-Identifier: MIT
// metrics: print gauges in Prometheus' text format, for node_exporter's textfile collector.
#include "account.h"
#include "command.h"
#include "filter.h"
#include "namespaces.h"
#include "sysvipc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct view_options options;

static const struct option_row rows[] = {
    {OPTION_ALL_NAMESPACES(options)},
    {0},
};

static void put_family(const char *name, const char *help)
{
    printf("# HELP shmtool_%s %s\n# TYPE shmtool_%s gauge\n", name, help, name);
}

static const char *spell_owner(uint64_t uid, char number[24])
{
    const char *name = uid & RENDER_FOREIGN ? NULL : account_name(uid, false);

    snprintf(number, 24, "%" PRIu32, (uint32_t)uid);
    return name ? name : number;
}

// Prints a series: its labels, if any, and its value. Names are already escaped for terminals; here
// they are escaped for the format.
static void put_series(const char *name, uint64_t ns, const char *owner, uint64_t value)
{
    const bool namespaced = ns != SYSVIPC_UNKNOWN;

    printf("shmtool_%s%s", name, namespaced || owner ? "{" : "");
    if (namespaced)
        printf("ns=\"%" PRIu64 "\"%s", ns, owner ? "," : "");
    if (owner)
        printf("owner=\"");
    for (const char *at = owner; at && *at; at++)
        printf(*at == '\\' || *at == '"' ? "\\%c" : "%c", *at);
    printf("%s%s %" PRIu64 "\n", owner ? "\"" : "", namespaced || owner ? "}" : "", value);
}

// By namespace, then owner's name: several user ids can share a name, and a series may appear only
// once.
static int compare_owners(const void *left, const void *right)
{
    const struct segment *a = left, *b = right;
    char numbers[2][24];

    if (a->ns != b->ns)
        return a->ns > b->ns ? 1 : -1;
    return a->uid == b->uid
               ? 0
               : strcmp(spell_owner(a->uid, numbers[0]), spell_owner(b->uid, numbers[1]));
}

#define EACH SIZE_MAX // instead of a field's offset: count 1 for each segment

static uint64_t measure(const struct segment *row, size_t offset)
{
    uint64_t value = 1;

    if (offset != EACH)
        memcpy(&value, (const char *)row + offset, sizeof value);
    return value;
}

// Prints the sum of the field at OFFSET for each owner; ALL is sorted by owner.
static void put_by_owner(const char *name, const char *help, const struct segments *all,
                         size_t offset)
{
    if (all->count && measure(&all->rows[0], offset) == SYSVIPC_UNKNOWN)
        return;
    put_family(name, help);
    for (size_t i = 0, next; i < all->count; i = next) {
        const struct segment *row = &all->rows[i];
        char number[24];
        uint64_t sum = 0;

        for (next = i; next < all->count && !compare_owners(&all->rows[next], row); next++)
            if (__builtin_add_overflow(sum, measure(&all->rows[next], offset), &sum))
                sum = UINT64_MAX; // three segments with SHM_NORESERVE can exceed that
        put_series(name, row->ns, spell_owner(row->uid, number), sum);
    }
}

// The gauges that have one value per namespace.
enum { ATTACHED, MARKED, ORPHANED, MAPPINGS, PAGES, MOST_SEGMENTS, MOST_PAGES, MOST_BYTES, GAUGES };

static const struct {
    const char *name, *help;
} gauges[GAUGES] = {
    [ATTACHED] = {"segments_attached", "Segments that are attached."},
    [MARKED] = {"segments_marked", "Segments that are marked for destruction."},
    [ORPHANED] = {"segments_orphaned", "Unattached segments whose creator and last user are gone."},
    [MAPPINGS] = {"attachments", "Mappings of segments."},
    [PAGES] = {"pages_used", "Pages of segments, as SHMALL counts them."},
    [MOST_SEGMENTS] = {"limit_segments", "Maximum number of segments (SHMMNI)."},
    [MOST_PAGES] = {"limit_pages", "Maximum pages of all segments together (SHMALL)."},
    [MOST_BYTES] = {"limit_segment_bytes", "Maximum bytes of one segment (SHMMAX)."},
};

static void measure_place(const struct ipc_namespace *place, const struct segments *all,
                          uint64_t values[GAUGES])
{
    for (size_t i = 0; i < all->count; i++) {
        const struct segment *row = &all->rows[i];

        if (row->ns != place->ns)
            continue;
        values[ATTACHED] += row->nattch > 0;
        values[MARKED] += (row->mode & SHM_DEST) != 0;
        values[ORPHANED] += filter_orphan(row) == 1;
        values[MAPPINGS] += row->nattch;
    }
    values[PAGES] = place->info.used.shm_tot;
    values[MOST_SEGMENTS] = place->info.limits.shmmni;
    values[MOST_PAGES] = place->info.limits.shmall;
    values[MOST_BYTES] = place->info.limits.shmmax;
}

static void put_gauges(const struct namespaces *places)
{
    uint64_t(*values)[GAUGES] = memory_resize(NULL, places->count, sizeof *values);

    memset(values, 0, places->count * sizeof *values);
    for (size_t i = 0; i < places->count; i++)
        measure_place(&places->rows[i], &places->all, values[i]);
    for (int gauge = 0; gauge < GAUGES; gauge++) {
        put_family(gauges[gauge].name, gauges[gauge].help);
        for (size_t i = 0; i < places->count; i++)
            if (!places->rows[i].closed)
                put_series(gauges[gauge].name, places->rows[i].ns, NULL, values[i][gauge]);
    }
}

// This namespace alone; without ns, its series have no ns label.
static struct namespaces read_own(void)
{
    static struct ipc_namespace own = {.ns = SYSVIPC_UNKNOWN};

    if (sysv_info(&own.info) != 0)
        die_errno("cannot read the limits (IPC_INFO, SHM_INFO)");
    return (struct namespaces){.rows = &own, .count = 1, .all = command_list()};
}

static int run(int count, char **operands)
{
    const struct namespaces places = options.all_namespaces ? namespaces_read(true) : read_own();
    const struct segments *all = &places.all;

    (void)count, (void)operands;
    if (all->count)
        qsort(all->rows, all->count, sizeof *all->rows, compare_owners);
    put_by_owner("segments", "Segments by owner.", all, EACH);
    put_by_owner("segment_bytes", "Bytes of segments by owner.", all,
                 offsetof(struct segment, size));
    put_by_owner("resident_bytes", "Bytes of segments in memory by owner.", all,
                 offsetof(struct segment, rss));
    put_by_owner("swapped_bytes", "Bytes of segments in swap by owner.", all,
                 offsetof(struct segment, swap));
    put_gauges(&places);
    return STATUS_DONE;
}

const struct command cmd_metrics = {
    .name = "metrics",
    .summary = "Print counts, sizes and limits as Prometheus metrics.",
    .operands = "",
    .options = rows,
    .run = run,
};
