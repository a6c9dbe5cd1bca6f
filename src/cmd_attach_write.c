// SPDX-License-Identifier: MIT
// attach-write: attach a segment, copy data into it, detach. Never writes past its end; data that
// does not fit is an error.
#include "command.h"
#include "copy.h"
#include "segment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct number offset, length, fill;
static const char *text;
static bool nul, zero_rest, verbose;

static const struct option_row rows[] = {
    {'s', "offset", ARGUMENT_OFFSET, .number = &offset,
     .help = "start at this byte of the segment (default: 0)"},
    {'l', "length", ARGUMENT_LENGTH, .number = &length, .help = "write at most this many bytes"},
    {'t', "text", ARGUMENT_TEXT, 'd', .text = &text, .help = "write TEXT instead of a file"},
    {'0', "nul", ARGUMENT_NONE, .needs = "text", .flag = &nul,
     .help = "write a NUL byte after TEXT"},
    {0, "fill", ARGUMENT_BYTE, 'd', .number = &fill,
     .help = "write BYTE repeatedly, to the end or for LENGTH"},
    {0, "zero-rest", ARGUMENT_NONE, .flag = &zero_rest,
     .help = "zero the rest of the segment after the data"},
    {'v', "verbose", ARGUMENT_NONE, .flag = &verbose, .help = "say how much was written"},
    {0},
};

static struct source choose_source(int count, char **operands)
{
    struct source source = {.name = "data", .fd = -1, .known = text};

    if (!text)
        return fill.given ? source : copy_open(count > 1 ? operands[1] : "-");
    source.size = strlen(text) + nul;
    if (length.given && length.value < source.size)
        source.size = length.value;
    return source;
}

// After DONE of at most MOST bytes were copied: dies if that was not all of the input.
static void check_end(const char *name, const struct source *source, uint64_t most, uint64_t done)
{
    int more;

    if (done < most && done < source->size && copy_shrank(source))
        die(STATUS_FAILED,
            "%s: %s shrank while it was read: what was written after %" PRIu64
            " byte%s may not be its data",
            name, source->name, done, plural(done));
    more = done == most && !length.given ? copy_is_more(source->fd) : 0;
    if (more < 0)
        die_copy(name, source->name, done);
    if (more > 0)
        die(STATUS_FAILED,
            "%s: %s does not fit: wrote only %" PRIu64 " byte%s, up to the end of the segment",
            name, source->name, done, plural(done));
}

// Returns how many bytes were written.
static uint64_t write_data(const char *name, const struct source *source,
                           const struct mapping *mapping)
{
    const uint64_t most = length.given ? length.value : mapping->size - offset.value;
    char *to = mapping->address + offset.value;
    uint64_t done = 0;
    int result;

    if (fill.given)
        result = copy_fill(to, (int)fill.value, most, &done);
    else if (text)
        result = copy_poke(to, text, source->size, &done);
    else
        result = copy_source(mapping, offset.value, most, source, false, &done);
    if (result != 0)
        die_copy(name, source->name, done);
    if (!fill.given && !text)
        check_end(name, source, most, done);
    return done;
}

static void zero(const char *name, char *memory, uint64_t size, uint64_t done)
{
    uint64_t zeroed = 0;

    if (done == 0)
        die(STATUS_FAILED, "%s: the input is empty; --zero-rest left the segment as it was", name);
    if (copy_zero(memory + done, size - done, &zeroed) != 0)
        die_copy(name, "zeros", done + zeroed);
}

static int run(int count, char **operands)
{
    const struct segment_name *name = command_segments(1, operands);
    struct source source;
    struct mapping mapping;
    uint64_t room, done;
    int outcome;

    if (count > 1 && (text || fill.given))
        misuse("FILE '%s' and '--%s' cannot be used together", operands[1], text ? "text" : "fill");
    source = choose_source(count, operands);
    outcome = segment_attach(name, false, &mapping);
    if (outcome != OUTCOME_DONE)
        return explain_segment(name, outcome);
    die_unless_inside(name, offset.value, length.value, mapping.size);
    room = mapping.size - offset.value;
    if (source.known && source.size > room && !length.given)
        die(STATUS_FAILED,
            "%s: %" PRIu64 " byte%s will not fit: room for %" PRIu64 " from offset %" PRIu64
            " to the end of the segment; nothing was written",
            name->text, source.size, plural(source.size), room, offset.value);
    done = write_data(name->text, &source, &mapping);
    if (zero_rest)
        zero(name->text, mapping.address + offset.value, room, done);
    if (segment_detach(&mapping) != 0)
        die_errno("shmdt");
    if (verbose)
        printf("wrote %" PRIu64 " byte%s at offset %" PRIu64 " of segment %d\n", done, plural(done),
               offset.value, mapping.id);
    return STATUS_DONE;
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
