// SPDX-License-Identifier: MIT
// The name, field, kind and help of each column.
#include "columns.h"

#include "attachments.h"
#include "filter.h"
#include "process.h"

#include <stddef.h>
#include <sys/shm.h>

static const struct word status_words[] = {
    {SHM_DEST, "dest"},
    {SHM_LOCKED, "locked"},
    {0},
};

#define FIELD(name) .offset = offsetof(struct segment, name)

static const struct column segment_columns[] = {
    {"key", KIND_KEY, FIELD(key), .starred = true, .help = "IPC key; 0x00000000: private"},
    {"id", KIND_COUNT, FIELD(id), .starred = true, .help = "segment id (shmid)"},
    {"owner", KIND_USER, FIELD(uid), .starred = true, .help = "owner's user name"},
    {"group", KIND_GROUP, FIELD(gid), .help = "owner's group name"},
    {"creator", KIND_USER, FIELD(cuid), .help = "creator's user name"},
    {"creator_group", KIND_GROUP, FIELD(cgid), .help = "creator's group name"},
    {"uid", KIND_ID, FIELD(uid), .help = "owner's user id"},
    {"gid", KIND_ID, FIELD(gid), .help = "owner's group id"},
    {"cuid", KIND_ID, FIELD(cuid), .help = "creator's user id"},
    {"cgid", KIND_ID, FIELD(cgid), .help = "creator's group id"},
    {"mode", KIND_MODE, FIELD(mode), .starred = true, .help = "permission bits, octal"},
    {"size", KIND_BYTES, FIELD(size), .starred = true, .help = "bytes asked for (shm_segsz)"},
    {"nattch", KIND_COUNT, FIELD(nattch), .starred = true, .help = "mappings that are attached"},
    {"status", KIND_WORDS, FIELD(mode), .starred = true, .words = status_words,
     .help = "dest: marked for destruction; locked: not swapped"},
    {"atime", KIND_TIME, FIELD(atime), .help = "last attach"},
    {"dtime", KIND_TIME, FIELD(dtime), .help = "last detach"},
    {"ctime", KIND_TIME, FIELD(ctime), .help = "creation or last change of owner or mode"},
    {"cpid", KIND_COUNT, FIELD(cpid), .help = "process that created it"},
    {"lpid", KIND_COUNT, FIELD(lpid), .help = "last process that attached or detached"},
    {"rss", KIND_BYTES, FIELD(rss), .nullable = true, .help = "bytes in memory"},
    {"swap", KIND_BYTES, FIELD(swap), .nullable = true, .help = "bytes swapped out"},
    {"pages", KIND_COUNT, FIELD(pages), .help = "size in pages, as SHMALL counts them"},
    {"seq", KIND_COUNT, FIELD(seq), .nullable = true, .help = "sequence number of the id's slot"},
    {"orphan", KIND_BOOL, FIELD(orphan), .nullable = true, .on_request = true,
     .help = "not attached, and its creator and last user are gone"},
    {"idle", KIND_SPAN, FIELD(idle), .on_request = true,
     .help = "time since last attach (read counts), detach or change"},
    {"creator_command", KIND_TEXT, FIELD(creator_command), .on_request = true,
     .help = "command line of the process that has cpid now"},
    {"ns", KIND_COUNT, FIELD(ns), .nullable = true, .on_request = true,
     .help = "inode of its IPC namespace, with list --all-ns"},
    {"nspid", KIND_COUNT, FIELD(nspid), .nullable = true, .on_request = true,
     .help = "a process in that namespace"},
    {"cgroup", KIND_TEXT, FIELD(cgroup), .on_request = true,
     .help = "cgroup of that process: its container"},
};

const struct table segment_table = {
    .name = "segments",
    .columns = segment_columns,
    .column_count = sizeof segment_columns / sizeof *segment_columns,
    .row_size = sizeof(struct segment),
};

void columns_fill(const struct view *view, struct segments *all)
{
    const bool orphans = render_uses(view, offsetof(struct segment, orphan)),
               idle = render_uses(view, offsetof(struct segment, idle)),
               commands = render_uses(view, offsetof(struct segment, creator_command)),
               cgroups = render_uses(view, offsetof(struct segment, cgroup));

    for (size_t i = 0; i < all->count; i++) {
        struct segment *row = &all->rows[i];

        if (orphans)
            row->orphan = filter_orphan(row);
        if (idle)
            row->idle = filter_idle(row);
        if (commands)
            row->creator_command = process_command((pid_t)row->cpid);
        if (cgroups && row->nspid != SYSVIPC_UNKNOWN)
            row->cgroup = process_cgroup((pid_t)row->nspid);
    }
}

#define FIELD_OF_ATTACHMENT(name) .offset = offsetof(struct attachment, name)

static const struct column attachment_columns[] = {
    {"id", KIND_COUNT, FIELD_OF_ATTACHMENT(id), .help = "segment id (shmid)"},
    {"key", KIND_KEY, FIELD_OF_ATTACHMENT(key), .help = "IPC key; 0x00000000: private"},
    {"pid", KIND_COUNT, FIELD_OF_ATTACHMENT(pid), .help = "process that has it attached"},
    {"user", KIND_USER, FIELD_OF_ATTACHMENT(uid), .help = "the process's effective user"},
    {"access", KIND_TEXT, FIELD_OF_ATTACHMENT(access), .help = "rw: read and write; r: read only"},
    {"mappings", KIND_COUNT, FIELD_OF_ATTACHMENT(mappings), .help = "its share of nattch"},
    {"command", KIND_TEXT, FIELD_OF_ATTACHMENT(command), .help = "name of the process (comm)"},
    {"pagesize", KIND_BYTES, FIELD_OF_ATTACHMENT(page_size), .nullable = true, .on_request = true,
     .help = "page size in bytes; shown only if -o names it"},
    {"args", KIND_TEXT, FIELD_OF_ATTACHMENT(args), .on_request = true,
     .help = "command line of the process"},
    {"cgroup", KIND_TEXT, FIELD_OF_ATTACHMENT(cgroup), .on_request = true,
     .help = "cgroup of the process: its container"},
    {"ns", KIND_COUNT, FIELD_OF_ATTACHMENT(ns), .nullable = true, .on_request = true,
     .help = "inode of its IPC namespace, with --all-ns"},
};

const struct table attachment_table = {
    .name = "attachments",
    .columns = attachment_columns,
    .column_count = sizeof attachment_columns / sizeof *attachment_columns,
    .row_size = sizeof(struct attachment),
};
