// SPDX-License-Identifier: MIT
// read: the bytes of a segment, to stdout or to a file that appears only when it is complete.
#include "commands.h"
#include "copy.h"
#include "escape.h"
#include "hexdump.h"
#include "holes.h"
#include "outfile.h"
#include "progress.h"
#include "segment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
    const struct attached *attached;
    struct holes *holes;
    uint64_t start, end; // of the segment
    const char *target;  // its name in messages
    FILE *out;
    bool sparse; // out is an empty file of ours: holes need not be written
};

static int report_copy(const struct range *range, uint64_t done)
{
    if (errno == EFAULT)
        return report(STATUS_LIMIT,
                      "%s: a page of the segment cannot be had: %" PRIu64 " bytes were read",
                      range->name->text, done);
    return report(STATUS_FAILED, "%s: %s: %" PRIu64 " bytes were written", range->target,
                  strerror(errno), done);
}

// Puts out SIZE zeros for a hole.
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

    if (regular && range->holes->method == HOLES_BY_SEEKING &&
        (copy_send(fd, range->holes->fd, data.start, size, done) == 0 || errno != EINVAL ||
         *done > before))
        return *done - before == size ? 0 : -1;
    return copy_out(fd, range->attached->address + data.start, size, done);
}

static int put_raw(const struct range *range)
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
    return result == 0 ? STATUS_DONE : report_copy(range, done);
}

// Copies SIZE bytes from AT to BLOCK, a hole as zeros; *EMPTY tells whether all is one hole.
static int peek(const struct range *range, uint64_t at, char *block, size_t size, bool *empty)
{
    const off_t start = (off_t)at, end = start + (off_t)size;

    *empty = true;
    memset(block, 0, size);
    for (off_t here = start; here < end;) {
        const struct extent data = holes_next_data(range->holes, here, end);
        const size_t part = (size_t)(data.end - data.start);

        *empty = *empty && part == 0;
        if (copy_peek(block + (data.start - start), range->attached->address + data.start, part) !=
            0)
            return -1;
        here = data.end;
    }
    return 0;
}

static int put_hex(const struct range *range)
{
    struct hexdump dump = {.offset = range->start};
    char block[BLOCK];
    bool empty;

    for (uint64_t at = range->start; at < range->end && !ferror(range->out);) {
        const size_t part = range->end - at < BLOCK ? (size_t)(range->end - at) : BLOCK;

        if (peek(range, at, block, part, &empty) != 0)
            return report_copy(range, at - range->start);
        hexdump_put(&dump, (const unsigned char *)block, part, range->out);
        at += part;
        if (empty && part == BLOCK) { // the lines of the rest of a hole are all alike
            const struct extent data = holes_next_data(range->holes, (off_t)at, (off_t)range->end);
            const uint64_t alike = ((uint64_t)data.start - at) & ~(uint64_t)(BLOCK - 1);

            at += alike;
            dump.offset += alike;
        }
    }
    hexdump_end(&dump, range->out);
    return STATUS_DONE;
}

static int put_text(const struct range *range)
{
    // Not on the stack, which a limit of the address space may keep from growing.
    static char block[BLOCK], escaped[ESCAPE_MOST(BLOCK)];
    const bool exact = !isatty(fileno(range->out));
    size_t part, stop, held = 0;
    bool ended = false, empty;

    for (uint64_t at = range->start; !ended && at < range->end && !ferror(range->out); at += part) {
        struct escaped text_part = {0};

        part = range->end - at < BLOCK - held ? (size_t)(range->end - at) : BLOCK - held;
        if (peek(range, at, block + held, part, &empty) != 0)
            return report_copy(range, at - range->start);
        stop = strnlen(block + held, part);
        ended = stop < part || at + part == range->end;
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
    range->sparse = true;
    status = range->out ? put(range) : report_file(path);
    if (range->out && fclose(range->out) != 0 && status == STATUS_DONE)
        status = report_file(path);
    if (status != STATUS_DONE)
        outfile_discard(&file);
    else if (outfile_publish(&file, force) != 0)
        status = report_file(path);
    return status;
}

// Reading where holes cannot be told has filled them; the user should know.
static void report_growth(const struct segment_name *name, struct holes *holes)
{
    if (holes_grew(holes))
        report(STATUS_DONE, "%s: its holes could not be told from data: reading made it grow",
               name->text);
}

static int read_attached(const struct segment_name *name, const struct attached *attached)
{
    const uint64_t room = attached->size - offset.value;
    struct range range = {.name = name,
                          .attached = attached,
                          .target = "stdout",
                          .out = stdout,
                          .start = offset.value};
    struct holes holes;
    int status;

    if (report_range(name, offset.value, length.value, attached->size) != STATUS_DONE)
        return STATUS_FAILED;
    range.end = range.start + (length.given ? length.value : room);
    range.holes = &holes;
    if (holes_open(&holes, attached) != 0)
        return report_errno("memory");
    status = path ? put_file(&range) : put(&range);
    report_growth(name, &holes);
    holes_close(&holes);
    return status;
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
