// SPDX-License-Identifier: MIT
// read: copy the bytes of a segment to stdout, or to a file that appears only when it is complete.
#include "command.h"
#include "copy.h"
#include "escape.h"
#include "hexdump.h"
#include "holes.h"
#include "outfile.h"
#include "progress.h"
#include "segment.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 65536 }; // bytes per step, a multiple of 16

static struct number offset, length;
static bool hex, text, raw, force;
static const char *path;

static const struct option_row rows[] = {
    {'s', "offset", ARGUMENT_OFFSET, .number = &offset, .help = "start at this byte (default: 0)"},
    {'l', "length", ARGUMENT_LENGTH, .number = &length,
     .help = "copy this many bytes (default: to the end)"},
    {'x', "hex", ARGUMENT_NONE, 'f', .flag = &hex,
     .help = "print like hexdump -C (default on a terminal)"},
    {'t', "text", ARGUMENT_NONE, 'f', .flag = &text,
     .help = "print up to the first NUL byte, and a newline"},
    {0, "raw", ARGUMENT_NONE, 'f', .flag = &raw,
     .help = "copy the bytes as they are, even to a terminal"},
    {'O', "file", ARGUMENT_FILE, .text = &path, .help = "write to FILE, which must not exist"},
    {'f', "force", ARGUMENT_NONE, .needs = "file", .flag = &force,
     .help = "replace FILE if it exists"},
    {0},
};

// What to read, and where to write it.
struct range {
    const char *name; // of the segment, as typed
    struct holes *holes;
    uint64_t start, end; // offsets in the segment
    const char *target;  // name of out in messages
    FILE *out;
    bool sparse; // out is a new file of ours, so holes need not be written
};

// Writes a hole: SIZE zeros, or nothing if out may be sparse.
static int put_hole(const struct range *range, uint64_t size, uint64_t *done)
{
    static const char zeros[BLOCK];
    const int fd = fileno(range->out);

    if (range->sparse) {
        *done += size;
        return lseek(fd, (off_t)size, SEEK_CUR) < 0 ? -1 : 0;
    }
    for (uint64_t left = size; left > 0;) {
        const uint64_t part = left < BLOCK ? left : BLOCK;

        if (copy_out(fd, zeros, part, done) != 0)
            return -1;
        left -= part;
    }
    return 0;
}

// The kernel copies fastest from the segment's own pages, which only root may open.
static int put_data(const struct range *range, struct extent data, bool regular, uint64_t *done)
{
    const int fd = fileno(range->out);
    const uint64_t size = (uint64_t)(data.end - data.start), before = *done;

    if (regular && range->holes->fd >= 0 &&
        (copy_send(fd, range->holes->fd, data.start, size, done) == 0 || errno != EINVAL ||
         *done > before))
        return *done - before == size ? 0 : -1;
    return copy_out(fd, range->holes->mapping->address + data.start, size, done);
}

static void put_raw(const struct range *range)
{
    const int fd = fileno(range->out);
    struct stat st;
    const bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    uint64_t done = 0;
    int result = 0;

    copy_enlarge(fd);
    progress_begin(range->end - range->start, isatty(fd));
    for (uint64_t at = range->start; result == 0 && at < range->end;) {
        const struct extent data = holes_next_data(range->holes, (off_t)at, (off_t)range->end);

        result = put_hole(range, (uint64_t)data.start - at, &done);
        if (result == 0)
            result = put_data(range, data, regular, &done);
        at = (uint64_t)data.end;
    }
    if (result == 0 && range->sparse)
        result = ftruncate(fd, (off_t)(range->end - range->start));
    progress_end();
    if (result != 0)
        die_copy(range->name, range->target, done);
}

// Copies SIZE bytes from AT to BLOCK, holes as zeros. Returns whether it is all hole.
static bool peek(const struct range *range, uint64_t at, char *block, size_t size)
{
    const off_t start = (off_t)at, end = start + (off_t)size;
    bool empty = true;

    memset(block, 0, size);
    for (off_t here = start; here < end;) {
        const struct extent data = holes_next_data(range->holes, here, end);
        const size_t part = (size_t)(data.end - data.start);

        empty = empty && part == 0;
        if (copy_peek(block + (data.start - start), range->holes->mapping->address + data.start,
                      part) != 0)
            die_copy(range->name, range->name, at - range->start);
        here = data.end;
    }
    return empty;
}

static void put_hex(const struct range *range)
{
    struct hexdump dump = {.offset = range->start};
    char block[BLOCK];

    for (uint64_t at = range->start; at < range->end && !ferror(range->out);) {
        const size_t part = range->end - at < BLOCK ? (size_t)(range->end - at) : BLOCK;
        const bool empty = peek(range, at, block, part);

        hexdump_put(&dump, (const unsigned char *)block, part, range->out);
        at += part;
        if (empty && part == BLOCK) { // skip the rest of the hole: its lines are all alike
            const struct extent data = holes_next_data(range->holes, (off_t)at, (off_t)range->end);
            const uint64_t alike = ((uint64_t)data.start - at) & ~(uint64_t)(BLOCK - 1);

            at += alike;
            dump.offset += alike;
        }
    }
    hexdump_end(&dump, range->out);
}

static void put_text(const struct range *range)
{
    // Static, because a limit on the address space may keep the stack from growing.
    static char block[BLOCK], escaped[ESCAPE_MOST(BLOCK)];
    const bool exact = !isatty(fileno(range->out));
    bool ended = false;
    size_t taken;

    for (uint64_t at = range->start; !ended && at < range->end && !ferror(range->out);
         at += taken) {
        const size_t part = range->end - at < BLOCK ? (size_t)(range->end - at) : BLOCK;

        peek(range, at, block, part);
        taken = strnlen(block, part);
        ended = taken < part || at + part == range->end;
        if (exact) {
            fwrite(block, 1, taken, range->out);
        } else {
            const struct escaped text_part = escape_text(escaped, block, taken, "\n\t\\", !ended);

            fwrite(escaped, 1, text_part.written, range->out);
            taken = text_part.taken; // a character cut off by the block comes with the next one
        }
    }
    putc('\n', range->out);
}

static void put(const struct range *range)
{
    const bool terminal = !path && isatty(fileno(range->out));

    if (text)
        put_text(range);
    else if (hex || (terminal && !raw))
        put_hex(range);
    else
        put_raw(range);
}

static void put_file(struct range *range)
{
    const int copy = dup(outfile_open(path, force));

    range->out = copy < 0 ? NULL : fdopen(copy, "w");
    range->target = path;
    range->sparse = true;
    if (!range->out)
        die_file(path);
    put(range);
    if (fflush(range->out) != 0 || ferror(range->out) || fclose(range->out) != 0)
        die_file(path);
    outfile_publish(force);
}

static int run(int count, char **operands)
{
    const struct segment_name *name = command_segments(count, operands);
    struct mapping mapping;
    struct holes holes;
    struct range range = {.name = name->text,
                          .holes = &holes,
                          .target = "stdout",
                          .out = stdout,
                          .start = offset.value};
    int outcome;

    if (path && !strcmp(path, "-"))
        misuse("FILE '-': for stdout, leave out '-O'; for a file of that name, type './-'");
    outcome = segment_attach(name, true, &mapping);
    if (outcome != OUTCOME_DONE)
        return explain_segment(name, outcome);
    die_unless_inside(name, offset.value, length.value, mapping.size);
    range.end = length.given ? range.start + length.value : mapping.size;
    holes_open(&holes, &mapping, (off_t)range.end);
    if (path)
        put_file(&range);
    else
        put(&range);
    // Reading has filled holes that could not be told; the user should know.
    if (holes_grew(&holes))
        warn("%s: its holes could not be told from data, so reading made it grow", name->text);
    if (segment_detach(&mapping) != 0)
        die_errno("shmdt");
    return STATUS_DONE;
}

const struct command cmd_read = {
    .name = "read",
    .summary = "Print the bytes of a segment, or write them to a file.",
    .operands = "SEGMENT",
    .fewest = 1,
    .most = 1,
    .options = rows,
    .run = run,
};
