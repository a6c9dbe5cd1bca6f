// SPDX-License-Identifier: MIT
// A subcommand as data, and what is derived from it: parsing, checks, synopsis, help.
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

// The kind of an option's argument, which decides its name, parser and completion.
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
    char letter; // 0 if there is only the long form
    const char *name;
    enum argument argument;
    char excludes;     // options with the same mark cannot be used together
    const char *needs; // the long name of an option that has to be given too
    union {            // where the argument goes: none, a number, or text
        bool *flag;
        struct number *number;
        const char **text;
    };
    const char *help;
};

struct command {
    const char *name;
    const char *summary;              // one line, a whole sentence
    const char *operands;             // as shown in the synopsis
    int fewest, most;                 // number of operands
    const struct option_row *options; // ends with a row without a name
    const struct table *table;        // with the columns for -o and -S, or NULL
    bool starred;                     // without -o, shows only the starred columns, but in JSON all
    // Runs its operands as another command: options end at the first operand, and its own exit
    // statuses are STATUS_MISUSE and those from STATUS_TIMED_OUT on.
    bool runs_command;
    bool no_namespace;                      // does not take --ns
    int (*run)(int count, char **operands); // returns the exit status
};

#define OPERANDS_ANY     INT32_MAX
#define OPTION_ROWS_MOST 32 // per command, with the common ones

extern struct number command_namespace; // --ns

// Fills ROWS with COMMAND's own options, then the common ones, then NULL.
void command_options(const struct command *command,
                     const struct option_row *rows[OPTION_ROWS_MOST + 1]);

// Parses ARGV (ARGV[0] is the command's name), stores option values where their rows point, and
// checks the number of operands and the option rules. Returns the operands, *COUNT of them, or NULL
// if help is asked for. This and all functions below end the program if the command line is wrong.
char **command_parse(const struct command *command, int argc, char **argv, int *count);

// Prints the help of COMMAND on stdout: synopsis, options, columns.
void command_help(const struct command *command);

// Parses COUNT operands that name segments.
const struct segment_name *command_segments(int count, char **operands);

// All segments of the namespace, in the kernel's order. Ends the program if they cannot be listed.
struct segments command_list(void);

// The output options that several commands share.
struct view_options {
    bool json, raw, noheadings, bytes, all_namespaces;
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
#define OPTION_ALL_NAMESPACES(view)                                                                \
    0, "all-ns", ARGUMENT_NONE, 'n', .flag = &(view).all_namespaces,                               \
                                     .help = "cover the IPC namespace of every visible process"
#define OPTION_BYTES(view)                                                                         \
    'b', "bytes", ARGUMENT_NONE, .flag = &(view).bytes,                                            \
                                 .help = "print sizes in bytes, without units"

// The view of COMMAND's table that OPTIONS ask for. LAYOUT is the default layout. The default
// columns are the starred ones if COMMAND is starred and the layout is not JSON, else all that are
// not on request; with --all-ns also ns and nspid.
struct view command_view(const struct command *command, const struct view_options *options,
                         enum layout layout);

// The candidate most similar to WORD, for "did you mean".
struct nearest {
    const char *word, *best; // best is NULL if none is close enough
    size_t distance;
};

// Makes CANDIDATE the best one if it is close enough to the word and closer than the best so far.
void nearest_offer(struct nearest *nearest, const char *candidate);

#endif
