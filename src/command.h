// SPDX-License-Identifier: MIT
// What a subcommand is, as data, and what is derived from it: parsing, checks, synopsis, help.
#ifndef COMMAND_H
#define COMMAND_H

#include "explain.h"
#include "fail.h"
#include "parse.h"
#include "render.h"
#include "sysvipc.h"

#include <stdbool.h>
#include <stdint.h>

struct number {
    uint64_t value;
    bool given;
};

// What an option's argument or an operand is: how it is called, parsed and completed.
enum argument {
    ARGUMENT_NONE,
    ARGUMENT_AGE,
    ARGUMENT_BYTE,
    ARGUMENT_COLUMN,
    ARGUMENT_COLUMNS,
    ARGUMENT_FILE,
    ARGUMENT_HUGE,
    ARGUMENT_KEY,
    ARGUMENT_LENGTH,
    ARGUMENT_MODE,
    ARGUMENT_OFFSET,
    ARGUMENT_OWNER,
    ARGUMENT_PID,
    ARGUMENT_SECONDS,
    ARGUMENT_SIZE,
    ARGUMENT_TEXT,
    ARGUMENT_USER,
    ARGUMENT_COUNT,
};

struct option_row {
    char letter; // 0: long form only
    const char *name;
    enum argument argument;
    char excludes;     // rows with the same mark exclude one another
    const char *needs; // the long name of an option without which this one is misuse
    union {            // by argument: none, a number, or text
        bool *flag;
        struct number *number;
        const char **text;
    };
    const char *help;
};

struct command {
    const char *name;
    const char *summary;              // one line, a whole sentence
    const char *operands;             // as the synopsis has them
    int fewest, most;                 // operands
    const struct option_row *options; // ends with a row without a name
    const struct table *table;        // whose columns -o and -S take, or NULL
    bool starred; // shows the starred columns where -o does not say otherwise, else all
    // Runs its operands as another command: options end at the first of them, and the statuses of
    // its own are STATUS_MISUSE and from STATUS_TIMED_OUT on.
    bool runs_command;
    bool no_namespace;                      // does not take --ns
    int (*run)(int count, char **operands); // returns the exit status
};

#define OPERANDS_ANY     INT32_MAX
#define OPTION_ROWS_MOST 32 // of one command, with the common ones

extern struct number command_namespace; // --ns

// Fills in the rows of COMMAND's options, its own and then the common ones; NULL ends them.
void command_options(const struct command *command,
                     const struct option_row *rows[OPTION_ROWS_MOST + 1]);

// Parses ARGV (ARGV[0] is the command's name) and stores what the options say where their rows
// point; checks operand count and option rules. Returns the operands, *COUNT of them, or NULL where
// help is asked for. Ends the program where the line is wrong, as all below do.
char **command_parse(const struct command *command, int argc, char **argv, int *count);

// Prints the help of COMMAND on stdout: synopsis, options, columns.
void command_help(const struct command *command);

// What COUNT operands say that name segments.
const struct segment_name *command_segments(int count, char **operands);

// All segments of the namespace, in the kernel's order.
struct segments command_list(void);

// How rows are to be shown, as the options of several commands say it.
struct view_options {
    bool json, raw, noheadings, bytes;
    const char *columns, *sort;
};

#define OPTION_JSON(view)                                                                          \
    'J', "json", ARGUMENT_NONE, 'l', .flag = &(view).json, .help = "print JSON"
#define OPTION_RAW(view)                                                                           \
    'r', "raw", ARGUMENT_NONE, 'l', .flag = &(view).raw,                                           \
                                    .help = "print tab-separated text with plain numbers"
#define OPTION_COLUMNS(view)                                                                       \
    'o', "output", ARGUMENT_COLUMNS, .text = &(view).columns,                                      \
                                     .help = "show COL,COL...; +COL,... adds to the default"
#define OPTION_NO_HEADINGS(view)                                                                   \
    'n', "noheadings", ARGUMENT_NONE, .flag = &(view).noheadings, .help = "print no column names"
#define OPTION_ALL_NAMESPACES(all)                                                                 \
    0, "all-ns", ARGUMENT_NONE, 'n', .flag = &(all),                                               \
                                     .help = "cover the IPC namespace of every visible process"
#define OPTION_BYTES(view)                                                                         \
    'b', "bytes", ARGUMENT_NONE, .flag = &(view).bytes,                                            \
                                 .help = "print sizes in bytes, without units"

// The view that OPTIONS ask for of rows of COMMAND's table: LAYOUT where they name none, then the
// starred columns or (JSON, records) all.
struct view command_view(const struct command *command, const struct view_options *options,
                         enum layout layout);

// The candidate most like WORD, for "did you mean".
struct nearest {
    const char *word, *best; // best: NULL where none is near
    size_t distance;
};

void nearest_offer(struct nearest *nearest, const char *candidate);

#endif
