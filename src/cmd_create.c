// SPDX-License-Identifier: MIT
// create: a new segment, whose id alone goes to stdout. What cannot be announced is removed again.
#include "columns.h"
#include "commands.h"
#include "segment.h"
#include "sysvipc.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static struct number key, mode;
static const char *owner_text;
static bool reuse;
static struct view_options options;

static const struct option_row rows[] = {
    {'k', "key", ARGUMENT_KEY, .number = &key, .help = "give it this key; without: IPC_PRIVATE"},
    {0, "reuse", ARGUMENT_NONE, .needs = "key", .flag = &reuse,
     .help = "use the segment that has KEY, if one has"},
    {'m', "mode", ARGUMENT_MODE, .number = &mode, .help = "permission bits, octal; without: 0600"},
    {'u', "owner", ARGUMENT_OWNER, .text = &owner_text, .help = "give it to this owner"},
    OPTION_JSON(options),
    {0},
};

static bool is_trusted(uint64_t uid, const struct owner *owner)
{
    return uid == geteuid() || (owner && uid == owner->user);
}

// A key is no secret: whoever created its segment first decides who else reads and writes it.
static int check_reused(int id, uint64_t size, const struct owner *owner)
{
    struct segments all = {0};
    const struct segment *row;
    int status = STATUS_DONE;

    if (sysvipc_read(&all) != 0)
        return report_listing();
    row = sysvipc_find(&all, false, (uint32_t)id);
    if (!row)
        status = report(STATUS_MISSING, "segment %d: no such segment: it was removed just now", id);
    else if (!is_trusted(row->uid, owner) || !is_trusted(row->cuid, owner))
        status = report(STATUS_DENIED,
                        "key 0x%08" PRIx64 ": segment %d belongs to uid %" PRIu64
                        " and was created by uid %" PRIu64
                        ": --reuse takes only your own or, with -u, that user's",
                        row->key, id, row->uid, row->cuid);
    else if (row->size < size) {
        errno = EINVAL;
        status = report_create((uint32_t)row->key, size);
    }
    free(all.rows);
    return status;
}

static int obtain(uint64_t size, const struct owner *owner, int *id, bool *created)
{
    const uint32_t number = (uint32_t)key.value;

    for (;;) {
        *id = segment_create(number, size, (unsigned)mode.value, owner);
        *created = *id >= 0;
        if (*created || !reuse || errno != EEXIST)
            break;
        *id = segment_open(number);
        if (*id >= 0)
            return check_reused(*id, size, owner);
        if (errno != ENOENT) // else it was removed in between
            break;
    }
    if (*created)
        return STATUS_DONE;
    if (reuse && size == 0 && errno == EINVAL)
        return report(STATUS_MISSING,
                      "key 0x%08" PRIx32 ": no such segment, and none is created without SIZE",
                      number);
    return report_create(number, size);
}

static int print_json(int id)
{
    struct segments all = {0};
    struct view view;
    const struct segment *row;
    int status = command_view(&cmd_stat, &options, LAYOUT_JSON, &view);

    if (sysvipc_read(&all) != 0)
        return report_listing();
    row = sysvipc_find(&all, false, (uint32_t)id);
    if (!row)
        status = report(STATUS_MISSING, "segment %d: no such segment: it was removed just now", id);
    else if (render(&view, (void *)row, 1, stdout) != 0)
        status = report_errno("output");
    free(all.rows);
    return status;
}

static int announce(int id)
{
    int status = STATUS_DONE;

    // A reader that went away must not leave behind a segment that nobody knows of.
    signal(SIGPIPE, SIG_IGN);
    if (options.json)
        status = print_json(id);
    else
        printf("%d\n", id);
    if (fflush(stdout) != 0 && status == STATUS_DONE)
        status = report_file("stdout");
    return status;
}

static int check_line(int count, char **operands, uint64_t *size, struct owner *owner)
{
    const char *why;

    if (count && (why = parse_size(operands[0], size)))
        return misuse("SIZE '%s': %s", operands[0], why);
    if (!count && !reuse)
        return misuse("missing operand: SIZE");
    if (reuse && key.value == 0)
        return misuse("key 0 is IPC_PRIVATE: there is nothing to reuse");
    if (owner_text && (why = account_parse_owner(owner_text, owner)))
        return misuse("USER[:GROUP] '%s': %s", owner_text, why);
    return STATUS_DONE;
}

static int run(int count, char **operands)
{
    struct owner owner = {0};
    uint64_t size = 0, nattch;
    bool created;
    int id, status = check_line(count, operands, &size, &owner);

    if (!mode.given)
        mode.value = 0600;
    if (status == STATUS_DONE)
        status = obtain(size, owner_text ? &owner : NULL, &id, &created);
    if (status != STATUS_DONE)
        return status;
    status = announce(id);
    if (status != STATUS_DONE && created && segment_remove(id, &nattch) != 0)
        report_errno("removing the segment again");
    return status;
}

const struct command cmd_create = {
    .name = "create",
    .summary = "Create a segment and print its id.",
    .operands = "[SIZE]",
    .fewest = 0,
    .most = 1,
    .options = rows,
    .run = run,
};
