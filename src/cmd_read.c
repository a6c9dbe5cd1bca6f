// SPDX-License-Identifier: MIT
// read: the bytes of a segment, to stdout or to a file that appears only when it is complete.
#include "commands.h"
#include "copy.h"
#include "escape.h"
#include "hexdump.h"
#include "outfile.h"
#include "segment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 65536 // bytes looked at at a time, a multiple of 16

static struct number offset, length;
static bool hex, text, raw, force;
static const char *path;

static const struct option_row rows[] = {
    {'s', "offset", ARGUMENT_OFFSET, .number = &offset, .help = "begin at this byte; without: 0"},
    {'l', "length", ARGUMENT_LENGTH, .number = &length,
     .help = "copy this many bytes; without: to the end"},
    {'x', "hex", ARGUMENT_NONE, 'f', .flag = &hex,
     .help = "print hex and ASCII, as hexdump -C; usual on a terminal"},
    {'t', "text", ARGUMENT_NONE, 'f', .flag = &text,
     .help = "print up to the first NUL byte, and a newline"},
    {0, "raw", ARGUMENT_NONE, 'f', .flag = &raw,
     .help = "copy the bytes as they are, to a terminal too"},
    {'O', "file", ARGUMENT_FILE, .text = &path, .help = "write to FILE, which must not exist"},
    {'f', "force", ARGUMENT_NONE, .needs = "file", .flag = &force, .help = "replace FILE"},
    {0},
};

// What is read, and where it goes.
struct range {
    const struct segment_name *name;
    const char *memory;
    uint64_t length;
    const char *target; // its name in messages
    FILE *out;
};

static int report_copy(const struct range *range, uint64_t done)
{
    if (errno == EFAULT)
        return report(STATUS_FAILED,
                      "%s: a page of the segment cannot be had: %" PRIu64 " bytes were read",
                      range->name->text, done);
    return report(STATUS_FAILED, "%s: %s: %" PRIu64 " bytes were written", range->target,
                  strerror(errno), done);
}

static int put_raw(const struct range *range)
{
    uint64_t done = 0;

    if (copy_out(fileno(range->out), range->memory, range->length, &done) != 0)
        return report_copy(range, done);
    return STATUS_DONE;
}

static int put_hex(const struct range *range)
{
    struct hexdump dump = {.offset = offset.value};
    unsigned char block[BLOCK];

    for (uint64_t at = 0; at < range->length && !ferror(range->out); at += BLOCK) {
        size_t part = range->length - at < BLOCK ? (size_t)(range->length - at) : BLOCK;

        if (copy_peek(block, range->memory + at, part) != 0)
            return report_copy(range, at);
        hexdump_put(&dump, block, part, range->out);
    }
    hexdump_end(&dump, range->out);
    return STATUS_DONE;
}

static int put_text(const struct range *range)
{
    const bool exact = !isatty(fileno(range->out));
    char block[BLOCK], escaped[ESCAPE_MOST(BLOCK)];
    size_t part, stop, held = 0;
    bool ended = false;

    for (uint64_t at = 0; !ended && at < range->length && !ferror(range->out); at += part) {
        struct escaped text_part = {0};

        part = range->length - at < BLOCK - held ? (size_t)(range->length - at) : BLOCK - held;
        if (copy_peek(block + held, range->memory + at, part) != 0)
            return report_copy(range, at);
        stop = strnlen(block + held, part);
        ended = stop < part || at + part == range->length;
        held += stop;
        if (exact) {
            fwrite(block, 1, held, range->out);
            held = 0;
            continue;
        }
        text_part = escape_text(escaped, block, held, "\n\t\\", !ended);
        fwrite(escaped, 1, text_part.written, range->out);
        held -= text_part.taken;
        memmove(block, block + text_part.taken, held);
    }
    putc('\n', range->out);
    return STATUS_DONE;
}

static int put(const struct range *range)
{
    const bool terminal = !path && isatty(fileno(range->out));
    int status = text                        ? put_text(range)
                 : hex || (terminal && !raw) ? put_hex(range)
                                             : put_raw(range);

    if (status == STATUS_DONE && (fflush(range->out) != 0 || ferror(range->out)))
        status = report_file(range->target);
    return status;
}

static int put_file(struct range *range)
{
    struct outfile file;
    int copy, status;

    if (outfile_open(&file, path, force) != 0)
        return errno == EINVAL ? report(STATUS_FAILED,
                                        "%s: not a regular file; --force does not replace it", path)
                               : report_file(path);
    copy = dup(file.fd);
    range->out = copy < 0 ? NULL : fdopen(copy, "w");
    range->target = path;
    status = range->out ? put(range) : report_file(path);
    if (range->out)
        fclose(range->out);
    if (status != STATUS_DONE)
        outfile_discard(&file);
    else if (outfile_publish(&file, force) != 0)
        status = report_file(path);
    return status;
}

static int read_attached(const struct segment_name *name, const struct attached *attached)
{
    struct range range = {.name = name, .target = "stdout", .out = stdout};
    uint64_t room = attached->size - offset.value;

    if (offset.value > attached->size)
        return report(STATUS_FAILED,
                      "%s: offset %" PRIu64 " is past the end of the segment, %" PRIu64 " bytes",
                      name->text, offset.value, attached->size);
    if (length.given && length.value > room)
        return report(STATUS_FAILED,
                      "%s: length %" PRIu64 " from offset %" PRIu64
                      " is past the end of the segment, %" PRIu64 " bytes",
                      name->text, length.value, offset.value, attached->size);
    range.memory = attached->address + offset.value;
    range.length = length.given ? length.value : room;
    return path ? put_file(&range) : put(&range);
}

static int run(int count, char **operands)
{
    struct attached attached;
    int status;
    struct segment_name *name = command_segments(count, operands, &status);

    if (!name)
        return status;
    if (segment_attach(name, true, &attached) != 0) {
        status = report_segment(name);
    } else {
        status = read_attached(name, &attached);
        if (segment_detach(&attached) != 0)
            status = report_errno("shmdt");
    }
    free(name);
    return status;
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
