// SPDX-License-Identifier: MIT
// attach-write: attach a segment, copy data into it, detach. Never past its end, and what does not
// fit is an error.
#include "commands.h"
#include "copy.h"
#include "segment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct number offset, length, fill;
static const char *text;
static bool nul, zero_rest, verbose;

static const struct option_row rows[] = {
    {'s', "offset", ARGUMENT_OFFSET, .number = &offset,
     .help = "begin at this byte of the segment; without: 0"},
    {'l', "length", ARGUMENT_LENGTH, .number = &length, .help = "write at most this many bytes"},
    {'t', "text", ARGUMENT_TEXT, 'd', .text = &text, .help = "write TEXT instead of a file"},
    {'0', "nul", ARGUMENT_NONE, .needs = "text", .flag = &nul,
     .help = "write a NUL byte after TEXT"},
    {0, "fill", ARGUMENT_BYTE, 'd', .number = &fill,
     .help = "write BYTE again and again, to the end or LENGTH"},
    {0, "zero-rest", ARGUMENT_NONE, .flag = &zero_rest, .help = "zero what follows the data"},
    {'v', "verbose", ARGUMENT_NONE, .flag = &verbose, .help = "say how much was written"},
    {0},
};

static int report_partial(const struct segment_name *name, const char *what, uint64_t done)
{
    const char *why = errno == EFAULT ? "a page of the segment cannot be had" : strerror(errno);
    const int status = errno == EFAULT || errno == ENOMEM ? STATUS_LIMIT : STATUS_FAILED;

    if (done == 0)
        return report(status, "%s: %s: nothing was written", what, why);
    return report(status, "%s: %s: %s after %" PRIu64 " bytes were written", name->text, what, why,
                  done);
}

// Of at most MOST bytes DONE were there: is that all of the input?
static int check_end(const struct segment_name *name, const struct source *source, uint64_t most,
                     uint64_t done)
{
    int more;

    if (done < most && done < source->size && copy_shrank(source))
        return report(STATUS_FAILED,
                      "%s: %s became shorter while it was read: what is written after %" PRIu64
                      " bytes may not be its data",
                      name->text, source->name, done);
    more = done == most && !length.given ? copy_is_more(source->fd) : 0;
    if (more < 0)
        return report_partial(name, source->name, done);
    if (more > 0)
        return report(STATUS_FAILED,
                      "%s: %s does not fit: %" PRIu64
                      " bytes were written, up to the end of the segment, and the rest was not",
                      name->text, source->name, done);
    return STATUS_DONE;
}

static int write_data(const struct segment_name *name, const struct source *source, char *to,
                      uint64_t room, uint64_t *done)
{
    const uint64_t most = length.given ? length.value : room;
    int result;

    if (fill.given)
        result = copy_fill(to, (int)fill.value, most, done);
    else if (text)
        result = copy_poke(to, text, source->size, done);
    else
        result = copy_source(to, most, source, false, done);
    if (result != 0)
        return report_partial(name, source->name, *done);
    return fill.given || text ? STATUS_DONE : check_end(name, source, most, *done);
}

// Everything that can be known to be wrong before a byte is written.
static int check_room(const struct segment_name *name, const struct source *source, uint64_t size)
{
    uint64_t room = size - offset.value;

    if (report_range(name, offset.value, length.value, size) != STATUS_DONE)
        return STATUS_FAILED;
    if (source->known && source->size > room && !length.given)
        return report(STATUS_FAILED,
                      "%s: %" PRIu64 " bytes do not fit: %" PRIu64 " from offset %" PRIu64
                      " to the end of the segment; nothing was written",
                      name->text, source->size, room, offset.value);
    return STATUS_DONE;
}

static int write_attached(const struct segment_name *name, const struct source *source,
                          const struct attached *attached)
{
    uint64_t done = 0, zeroed = 0;
    char *to = attached->address + offset.value;
    uint64_t room = attached->size - offset.value;
    int status = write_data(name, source, to, room, &done);

    if (status != STATUS_DONE)
        return status;
    if (zero_rest && done == 0)
        return report(STATUS_FAILED,
                      "%s: the input is empty; --zero-rest left the segment as it was", name->text);
    if (zero_rest && copy_zero(to + done, room - done, &zeroed) != 0)
        return report_partial(name, "zeros", done + zeroed);
    if (verbose)
        printf("wrote %" PRIu64 " bytes at offset %" PRIu64 " of segment %d\n", done, offset.value,
               attached->id);
    return STATUS_DONE;
}

static int write_segment(const struct segment_name *name, const struct source *source)
{
    struct attached attached;
    int status;

    if (segment_attach(name, false, &attached) != 0)
        return report_segment(name);
    status = check_room(name, source, attached.size);
    if (status == STATUS_DONE)
        status = write_attached(name, source, &attached);
    if (segment_detach(&attached) != 0)
        status = report_errno("shmdt");
    return status;
}

static int run(int count, char **operands)
{
    struct source source = {.name = "data", .fd = -1, .known = text};
    struct segment_name *names;
    int status;

    if (count > 1 && (text || fill.given))
        return misuse("FILE '%s' and '--%s' exclude one another", operands[1],
                      text ? "text" : "fill");
    names = command_segments(1, operands, &status);
    if (!names)
        return status;
    if (text) {
        source.size = strlen(text) + nul;
        if (length.given && length.value < source.size)
            source.size = length.value;
    } else if (!fill.given) {
        const char *path = count > 1 ? operands[1] : "-";

        status = copy_open(&source, path) == 0 ? STATUS_DONE : report_file(path);
    }
    if (status == STATUS_DONE)
        status = write_segment(names, &source);
    copy_close(&source);
    free(names);
    return status;
}

const struct command cmd_attach_write = {
    .name = "attach-write",
    .summary = "Attach a segment, copy a file, stdin or text into it, detach.",
    .operands = "SEGMENT [FILE]",
    .fewest = 1,
    .most = 2,
    .options = rows,
    .run = run,
};
