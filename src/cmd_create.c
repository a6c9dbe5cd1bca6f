// SPDX-License-Identifier: MIT
// create: make a segment and print its id alone. If the id cannot be printed, the segment is
// removed again.
#include "caller.h"
#include "columns.h"
#include "command.h"
#include "copy.h"
#include "huge.h"
#include "segment.h"
#include "sysv.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static struct number key, mode, huge;
static const char *owner_text, *from;
static bool reuse, noreserve, sized; // sized: SIZE was given
static struct view_options options;

static const struct option_row rows[] = {
    {'k', "key", ARGUMENT_KEY, .number = &key, .help = "give it this key (default: IPC_PRIVATE)"},
    {0, "reuse", ARGUMENT_NONE, 'r', .needs = "key", .flag = &reuse,
     .help = "use the segment with KEY if there is one"},
    {'m', "mode", ARGUMENT_MODE, .number = &mode, .help = "permission bits, octal (default: 0600)"},
    {'u', "owner", ARGUMENT_OWNER, .text = &owner_text, .help = "give it to this owner"},
    {0, "from", ARGUMENT_FILE, 'r', .text = &from,
     .help = "fill it with FILE before others can attach it"},
    {0, "huge", ARGUMENT_HUGE, .number = &huge, .help = "use huge pages of this size"},
    {0, "noreserve", ARGUMENT_NONE, .flag = &noreserve,
     .help = "reserve no swap or huge pages for it"},
    {OPTION_JSON(options)},
    {0},
};

static bool may_share_with(uint64_t uid, const struct owner *owner)
{
    return caller_is(uid) || (owner && uid == owner->user && caller_knows(uid));
}

// A key is no secret: anyone may have created a segment with it and so decide who can use it.
static void check_reused(const struct segment *row, uint64_t size, const struct owner *owner)
{
    if (!may_share_with(row->uid, owner) || !may_share_with(row->cuid, owner))
        die(STATUS_DENIED,
            "key 0x%08" PRIx64 ": segment %" PRIu64 " belongs to uid %" PRIu64
            " and was created by uid %" PRIu64
            ": --reuse takes only your own or, with -u, that user's",
            row->key, row->id, row->uid, row->cuid);
    if (row->size < size)
        die(STATUS_FAILED,
            "key 0x%08" PRIx64 ": segment %" PRIu64 " (mode %04o, %" PRIu64
            " byte%s) is smaller than the %" PRIu64 " bytes asked for",
            row->key, row->id, (unsigned)row->mode & 0777, row->size, plural(row->size), size);
}

static int made = -1; // the new segment, which is removed if its id is not printed

static void remove_made(void)
{
    if (made >= 0)
        sysv_shmctl(made, IPC_RMID, NULL);
}

// Returns like segment_create.
static int make(uint64_t size, int flags)
{
    undo_hold(remove_made);
    made = segment_create((uint32_t)key.value, size, flags);
    undo_release();
    return made;
}

// Returns the id of the segment that was created or found.
static int obtain(uint64_t size, int flags, const struct owner *owner)
{
    const struct segment_name name = {.by_key = true, .value = (uint32_t)key.value};
    struct segment row;
    int id, outcome;

    // OUTCOME_DYING: nothing new can be made, but what exists can be used.
    while ((id = make(size, flags)) < 0 && reuse && (id == OUTCOME_DYING || errno == EEXIST)) {
        outcome = segment_look_up(&name, &row);
        if (outcome == OUTCOME_DONE) {
            check_reused(&row, size, owner);
            return (int)row.id;
        }
        if (outcome != OUTCOME_MISSING || id == OUTCOME_DYING) // else it has just gone: try again
            break;
    }
    if (id == OUTCOME_ERRNO && errno == EINVAL && reuse && !sized)
        die(STATUS_MISSING, "key 0x%08" PRIx32 ": no such segment; to create one, give SIZE",
            name.value);
    if (id < 0)
        finish(explain_create(name.value, size, flags, id));
    return id;
}

static void copy_all(const struct source *source, const struct mapping *mapping)
{
    const char *name = "the new segment";
    uint64_t done = 0;
    int more;

    if (copy_source(mapping, 0, mapping->size, source, true, &done) != 0)
        die_copy(name, source->name, done);
    if (source->known && done < source->size)
        die(STATUS_FAILED, "%s: only %" PRIu64 " of its %" PRIu64 " byte%s could be read",
            source->name, done, source->size, plural(source->size));
    if (done == 0 && source->fd == STDIN_FILENO) // a pipeline broke: do not publish zeros
        die(STATUS_FAILED, "%s is empty", source->name);
    more = done == mapping->size && !source->known ? copy_is_more(source->fd) : 0;
    if (more < 0)
        die_copy(name, source->name, done);
    if (more)
        die(STATUS_FAILED, "%s: longer than %" PRIu64 " byte%s", source->name, mapping->size,
            plural(mapping->size));
}

// With CAP_IPC_OWNER the segment can be attached as it is, with mode 0. Others have to permit
// themselves for a moment: the x bit in that mode grants nothing, but marks it as not published.
static int attach_new(const struct segment_name *name, struct mapping *mapping)
{
    const unsigned mine = SEGMENT_MODE_FILLING, nobody = 0;
    int outcome = segment_attach(name, false, mapping);

    if (outcome != OUTCOME_ERRNO || errno != EACCES)
        return outcome;
    outcome = segment_change(name, NULL, &mine);
    if (outcome == OUTCOME_DONE)
        outcome = segment_attach(name, false, mapping);
    return outcome == OUTCOME_DONE ? segment_change(name, NULL, &nobody) : outcome;
}

// Publishes the segment only when it is full; until then, only root and CAP_IPC_OWNER can read it.
static void finish_new(const struct source *source, const struct owner *owner)
{
    const struct segment_name name = {.text = "the new segment", .value = (uint32_t)made};
    const unsigned final = (unsigned)mode.value;
    struct mapping mapping;
    int outcome = from ? attach_new(&name, &mapping) : OUTCOME_DONE;

    if (outcome == OUTCOME_DONE && from)
        copy_all(source, &mapping);
    if (outcome == OUTCOME_DONE)
        outcome = segment_change(&name, owner, &final);
    if (outcome != OUTCOME_DONE)
        finish(explain_segment(&name, outcome));
    if (from && segment_detach(&mapping) != 0)
        die_errno("shmdt");
}

static void print_json(int id)
{
    const struct view view = render_usual(&segment_table, LAYOUT_JSON, false);
    const struct segments all = command_list();
    const struct segment *row = sysvipc_find(&all, false, (uint32_t)id);

    if (!row)
        die(STATUS_MISSING, "segment %d: no such segment: it has just been removed", id);
    render(&view, (void *)row, 1);
}

static void check_huge(void)
{
    struct huge_size sizes[HUGE_SIZES_MOST];
    const size_t count = huge_sizes(sizes);
    char text[HUGE_SIZES_MOST * sizeof sizes->name] = "";
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        if (sizes[i].bytes == huge.value)
            return;
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, " %s", sizes[i].name);
    misuse("--huge %" PRIu64 ": not a huge page size of this machine; available:%s", huge.value,
           used ? text : " none that /sys shows");
}

static void take_options(int count, char **operands, uint64_t *size, struct owner *owner)
{
    const char *why;

    sized = count;
    if (sized && (why = parse_size(operands[0], size)))
        misuse("SIZE '%s': %s", operands[0], why);
    if (!sized && !reuse && !from)
        misuse("missing operand: SIZE");
    if (reuse && key.value == 0)
        misuse("key 0 is IPC_PRIVATE: there is nothing to reuse");
    if (owner_text && (why = account_parse_owner(owner_text, owner)))
        misuse("USER[:GROUP] '%s': %s", owner_text, why);
    if (huge.given)
        check_huge();
    if (!mode.given)
        mode.value = 0600;
}

static struct source open_from(uint64_t *size)
{
    const struct source source = copy_open(from);

    if (!sized && !source.known)
        misuse("%s: its size is unknown or 0: give SIZE", source.name);
    if (sized && source.known && source.size > *size)
        die(STATUS_FAILED, "%s: its %" PRIu64 " bytes do not fit into %" PRIu64, source.name,
            source.size, *size);
    if (!sized)
        *size = source.size;
    return source;
}

static int run(int count, char **operands)
{
    struct owner named = {0}, *owner;
    struct source source = {0};
    uint64_t size = 0;
    int flags, id;

    take_options(count, operands, &size, &named);
    owner = owner_text ? &named : NULL;
    if (from)
        source = open_from(&size);
    flags = (from ? 0 : (int)mode.value) | (noreserve ? SHM_NORESERVE : 0);
    if (huge.given)
        flags |= (int)(SHM_HUGETLB | (unsigned)__builtin_ctzll(huge.value) << SYSV_HUGE_SHIFT);
    id = obtain(size, flags, owner);
    if (made >= 0 && (from || owner))
        finish_new(&source, owner);
    // If the reader is gone, printing has to fail, so that the segment is removed.
    signal(SIGPIPE, SIG_IGN);
    if (options.json)
        print_json(id);
    else
        printf("%d\n", id);
    return STATUS_DONE;
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
