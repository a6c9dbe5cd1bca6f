// SPDX-License-Identifier: MIT
// create: a new segment, whose id alone goes to stdout. What cannot be announced is removed again.
#include "columns.h"
#include "commands.h"
#include "copy.h"
#include "interrupt.h"
#include "process.h"
#include "segment.h"
#include "sysv.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct number key, mode, huge;
static const char *owner_text, *from;
static bool reuse, noreserve, sized; // sized: SIZE was given
static struct view_options options;

static const struct option_row rows[] = {
    {'k', "key", ARGUMENT_KEY, .number = &key, .help = "give it this key; without: IPC_PRIVATE"},
    {0, "reuse", ARGUMENT_NONE, 'r', .needs = "key", .flag = &reuse,
     .help = "use the segment that has KEY, if one has"},
    {'m', "mode", ARGUMENT_MODE, .number = &mode, .help = "permission bits, octal; without: 0600"},
    {'u', "owner", ARGUMENT_OWNER, .text = &owner_text, .help = "give it to this owner"},
    {0, "from", ARGUMENT_FILE, 'r', .text = &from,
     .help = "fill it with FILE before anybody can attach it"},
    {0, "huge", ARGUMENT_SIZE, .number = &huge, .help = "use huge pages of this size"},
    {0, "noreserve", ARGUMENT_NONE, .flag = &noreserve,
     .help = "reserve no swap or huge pages for it"},
    OPTION_JSON(options),
    {0},
};

static bool is_trusted(uint64_t uid, const struct owner *owner)
{
    return process_is_self(uid) || (owner && uid == owner->user && process_is_certain(uid));
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
        status = report_create((uint32_t)row->key, size, 0);
    }
    free(all.rows);
    return status;
}

static int made = -1; // to be removed if the program does not come to announce it

static void undo_made(void)
{
    if (made >= 0)
        sysv_shmctl(made, IPC_RMID, NULL);
}

static int make(uint64_t size, int flags, const struct owner *owner)
{
    interrupt_undo(undo_made);
    interrupt_hold();
    made = segment_create((uint32_t)key.value, size, flags, owner);
    interrupt_release();
    return made;
}

static int obtain(uint64_t size, int flags, const struct owner *owner, int *id)
{
    const uint32_t number = (uint32_t)key.value;

    while ((*id = make(size, flags, owner)) < 0 && reuse && errno == EEXIST) {
        *id = segment_open(number);
        if (*id >= 0)
            return check_reused(*id, size, owner);
        if (errno != ENOENT) // else it was removed in between
            break;
    }
    if (*id >= 0)
        return STATUS_DONE;
    if (reuse && !sized && errno == EINVAL)
        return report(STATUS_MISSING,
                      "key 0x%08" PRIx32 ": no such segment, and none is created without SIZE",
                      number);
    return report_create(number, size, flags);
}

static int report_fill(const struct source *source, uint64_t done)
{
    if (errno == EFAULT)
        return report(STATUS_LIMIT, "a page of the segment cannot be had after %" PRIu64 " bytes",
                      done);
    return report_file(source->name);
}

static int copy_all(const struct source *source, const struct attached *attached)
{
    uint64_t done = 0;
    int more;

    if (copy_source(attached->address, attached->size, source, true, &done) != 0)
        return report_fill(source, done);
    if (source->known && done < source->size)
        return report(STATUS_FAILED, "%s: the file became shorter while it was read", source->name);
    more = done == attached->size && !source->known ? copy_is_more(source->fd) : 0;
    if (more < 0)
        return report_fill(source, done);
    return more ? report(STATUS_FAILED, "%s: longer than %" PRIu64 " bytes", source->name,
                         attached->size)
                : STATUS_DONE;
}

// Root and CAP_IPC_OWNER attach the segment as it is, with mode 0. Others have to open it to
// themselves for that moment.
static int attach_new(const struct segment_name *name, struct attached *attached)
{
    const unsigned mine = 0600, nobody = 0;

    if (segment_attach(name, false, attached) == 0)
        return 0;
    if (errno != EACCES || segment_change(name, NULL, &mine) != 0 ||
        segment_attach(name, false, attached) != 0)
        return -1;
    return segment_change(name, NULL, &nobody);
}

// Until its last byte is there, only root and CAP_IPC_OWNER can look into the segment.
static int fill(int id, const struct source *source, const struct owner *owner)
{
    const struct segment_name name = {.text = "the new segment", .value = (uint32_t)id};
    const unsigned final = (unsigned)mode.value;
    struct attached attached;
    int status;

    if (attach_new(&name, &attached) != 0)
        return report_segment(&name);
    status = copy_all(source, &attached);
    if (status == STATUS_DONE && segment_change(&name, owner, &final) != 0)
        status = report_segment(&name);
    if (segment_detach(&attached) != 0 && status == STATUS_DONE)
        status = report_errno("shmdt");
    return status;
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
    return status == STATUS_DONE ? report_stdout() : status;
}

// The page sizes of this machine, "there are: 2M, 1G".
static void list_huge_sizes(char *text, size_t room)
{
    static const char prefix[] = "hugepages-"; // then the size in KiB
    DIR *folder = opendir("/sys/kernel/mm/hugepages");
    const struct dirent *entry;
    size_t used = 0;

    snprintf(text, room, "%s",
             folder || errno == ENOENT ? "there are none" : "which there are cannot be told");
    while (folder && (entry = readdir(folder)) && used < room) {
        unsigned long kib;
        int shift;

        if (strncmp(entry->d_name, prefix, sizeof prefix - 1) != 0)
            continue;
        kib = strtoul(entry->d_name + sizeof prefix - 1, NULL, 10);
        shift = kib >> 20 ? 20 : kib >> 10 ? 10 : 0;
        used += (size_t)snprintf(text + used, room - used, "%s%lu%c",
                                 used ? ", " : "there are: ", kib >> shift, "KMG"[shift / 10]);
    }
    if (folder)
        closedir(folder);
}

static int check_huge(void)
{
    char path[96], sizes[128];

    snprintf(path, sizeof path, "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB",
             huge.value / 1024);
    if (huge.value && !(huge.value & (huge.value - 1)) && access(path, F_OK) == 0)
        return STATUS_DONE;
    list_huge_sizes(sizes, sizeof sizes);
    return misuse("--huge %" PRIu64 ": not a size of huge pages here; %s", huge.value, sizes);
}

static int check_line(int count, char **operands, uint64_t *size, struct owner *owner)
{
    const char *why;

    sized = count;
    if (sized && (why = parse_size(operands[0], size)))
        return misuse("SIZE '%s': %s", operands[0], why);
    if (!sized && !reuse && !from)
        return misuse("missing operand: SIZE");
    if (reuse && key.value == 0)
        return misuse("key 0 is IPC_PRIVATE: there is nothing to reuse");
    if (owner_text && (why = account_parse_owner(owner_text, owner)))
        return report_account("USER[:GROUP]", owner_text, why);
    return huge.given ? check_huge() : STATUS_DONE;
}

static int open_from(struct source *source, uint64_t *size)
{
    if (copy_open(source, from) != 0)
        return report_file(from);
    if (!sized && !source->known)
        return misuse("%s: its size is not known, or 0: SIZE is needed", source->name);
    if (sized && source->known && source->size > *size)
        return report(STATUS_FAILED, "%s: its %" PRIu64 " bytes do not fit into %" PRIu64,
                      source->name, source->size, *size);
    if (!sized)
        *size = source->size;
    return STATUS_DONE;
}

static int run_checked(uint64_t size, const struct source *source, const struct owner *owner)
{
    int flags = (from ? 0 : (int)mode.value) | (noreserve ? SHM_NORESERVE : 0), id, status;

    if (huge.given)
        flags |= (int)(SHM_HUGETLB | (unsigned)__builtin_ctzll(huge.value) << SYSV_HUGE_SHIFT);
    status = obtain(size, flags, from ? NULL : owner, &id);
    if (status == STATUS_DONE && from)
        status = fill(id, source, owner);
    if (status == STATUS_DONE)
        status = announce(id);
    if (status != STATUS_DONE)
        undo_made();
    made = -1; // announced, so no signal takes it back any more
    return status;
}

static int run(int count, char **operands)
{
    struct owner owner = {0};
    struct source source = {.fd = -1};
    uint64_t size = 0;
    int status = check_line(count, operands, &size, &owner);

    if (!mode.given)
        mode.value = 0600;
    if (status == STATUS_DONE && from)
        status = open_from(&source, &size);
    if (status == STATUS_DONE)
        status = run_checked(size, &source, owner_text ? &owner : NULL);
    copy_close(&source);
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
