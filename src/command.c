// SPDX-License-Identifier: MIT
// Derives a command's parsing, checks, synopsis and help from its option rows.
#include "command.h"

#include "account.h"
#include "advice.h"
#include "sysv.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *(*parse)(const char *text, uint64_t *value); // NULL: text
} arguments[ARGUMENT_COUNT] = {
    [ARGUMENT_AGE] = {"AGE", parse_age},
    [ARGUMENT_BYTE] = {"BYTE", parse_byte},
    [ARGUMENT_COLUMN] = {"[-]COL", NULL},
    [ARGUMENT_COLUMNS] = {"COLS", NULL},
    [ARGUMENT_FILE] = {"FILE", NULL},
    [ARGUMENT_HUGE] = {"PAGESIZE", parse_size},
    [ARGUMENT_KEY] = {"KEY", parse_key},
    [ARGUMENT_LENGTH] = {"LENGTH", parse_size},
    [ARGUMENT_MODE] = {"MODE", parse_mode},
    [ARGUMENT_OFFSET] = {"OFFSET", parse_size},
    [ARGUMENT_OWNER] = {"USER[:GROUP]", NULL},
    [ARGUMENT_PID] = {"PID", parse_pid},
    [ARGUMENT_SECONDS] = {"SECS", parse_seconds},
    [ARGUMENT_SIZE] = {"SIZE", parse_size},
    [ARGUMENT_TEXT] = {"TEXT", NULL},
    [ARGUMENT_USER] = {"USER", account_parse_user},
};

struct number command_namespace;
static bool help_wanted;

static const struct option_row common_options[] = {
    {'h', "help", ARGUMENT_NONE, .flag = &help_wanted, .help = "show this help"},
    {0, "ns", ARGUMENT_PID, 'n', .number = &command_namespace,
     .help = "work in the IPC namespace of process PID"},
    {0, "trace", ARGUMENT_NONE, .flag = &sysv_trace, .help = "print each System V call on stderr"},
    {0},
};

// Levenshtein distance, row by row; a candidate longer than the row is not close to anything.
static size_t distance_between(const char *a, const char *b)
{
    size_t row[32], length = strlen(b);

    if (length >= sizeof row / sizeof *row)
        return SIZE_MAX;
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            row[j] = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            if (change < row[j])
                row[j] = change;
        }
    }
    return row[length];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    size_t length = strlen(nearest->word);
    // The beginning of a name counts as close; else a third of the letters may be wrong.
    bool begins = length > 1 && !strncmp(candidate, nearest->word, length) && candidate[length];
    // For shorter words, nearly anything would be close.
    size_t distance = begins       ? 1
                      : length < 4 ? SIZE_MAX
                                   : distance_between(nearest->word, candidate);
    size_t most = candidate[0] == nearest->word[0] ? (strlen(candidate) + 2) / 3 : 1;

    if (distance <= most && (!nearest->best || distance < nearest->distance)) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}

void command_options(const struct command *command,
                     const struct option_row *rows[OPTION_ROWS_MOST + 1])
{
    size_t count = 0;

    for (const struct option_row *row = command->options; row->name; row++)
        rows[count++] = row;
    for (const struct option_row *row = common_options; row->name; row++)
        if (!command->no_namespace || row->number != &command_namespace)
            rows[count++] = row;
    rows[count] = NULL;
}

struct parsing {
    const struct option_row *rows[OPTION_ROWS_MOST + 1];
    struct option longs[OPTION_ROWS_MOST + 1]; // val: LONG_BASE + the row's index
    char shorts[2 * OPTION_ROWS_MOST + 3];
    bool given[OPTION_ROWS_MOST];
};

enum { LONG_BASE = 256 };

static void prepare_getopt(struct parsing *parsing, bool stop_at_operand)
{
    char *to = parsing->shorts;

    if (stop_at_operand)
        *to++ = '+';
    *to++ = ':'; // getopt then returns ':' for a missing argument
    for (int i = 0; parsing->rows[i]; i++) {
        const struct option_row *row = parsing->rows[i];

        parsing->longs[i] =
            (struct option){row->name, row->argument != ARGUMENT_NONE, NULL, LONG_BASE + i};
        if (!row->letter)
            continue;
        *to++ = row->letter;
        if (row->argument != ARGUMENT_NONE)
            *to++ = ':';
    }
    *to = '\0';
}

static int find_row(const struct parsing *parsing, int value)
{
    int i = 0;

    if (value >= LONG_BASE)
        return value - LONG_BASE;
    while (parsing->rows[i] && parsing->rows[i]->letter != value)
        i++;
    return i;
}

static void advise(const struct command *command, const char *option)
{
    const char *use = advice_find(command->name, option);

    if (use)
        misuse("unknown option '%s'; use: %s", option, use);
}

noreturn static void refuse_option(const struct command *command, const struct parsing *parsing,
                                   const char *typed)
{
    char name[64];
    struct nearest nearest = {.word = name + 2};

    advise(command, typed);
    if (optopt >= LONG_BASE)
        misuse("option '--%s' takes no argument", parsing->rows[find_row(parsing, optopt)]->name);
    if (optopt)
        snprintf(name, sizeof name, "-%c", optopt);
    else
        snprintf(name, sizeof name, "%.*s", (int)strcspn(typed, "="), typed);
    advise(command, name);
    for (int i = 0; !optopt && parsing->rows[i]; i++)
        nearest_offer(&nearest, parsing->rows[i]->name);
    if (nearest.best)
        misuse("unknown option '%s'; did you mean '--%s'?", name, nearest.best);
    misuse("unknown option '%s'", name);
}

static void store_option(const struct option_row *row, const char *text)
{
    const char *(*parse)(const char *, uint64_t *) = arguments[row->argument].parse;
    const char *why;

    if (row->argument == ARGUMENT_NONE)
        *row->flag = true;
    else if (!parse)
        *row->text = text;
    else if ((why = parse(text, &row->number->value)))
        misuse("%s '%s': %s", arguments[row->argument].name, text, why);
    else
        row->number->given = true;
}

// The word in which getopt_long has just found an option. Its argument may be the next word.
static const char *option_word(char **argv)
{
    const bool apart = optarg && optarg == argv[optind - 1];

    return argv[optind - 1 - apart];
}

static void parse_options(const struct command *command, struct parsing *parsing, int argc,
                          char **argv)
{
    int value;

    while ((value = getopt_long(argc, argv, parsing->shorts, parsing->longs, NULL)) != -1) {
        const char *typed = option_word(argv);
        const struct option_row *row;
        int i;

        if (value == '?')
            refuse_option(command, parsing, typed);
        i = find_row(parsing, value == ':' ? optopt : value);
        row = parsing->rows[i];
        if (value == ':')
            misuse("option '--%s' needs an argument: %s", row->name, arguments[row->argument].name);
        // getopt_long accepts abbreviated names; but a typing error must not run.
        if (value >= LONG_BASE && strcspn(typed + 2, "=") != strlen(row->name)) {
            optopt = 0;
            refuse_option(command, parsing, typed);
        }
        // Only the user knows which of the two arguments is meant, or whether both are.
        if (parsing->given[i] && row->argument != ARGUMENT_NONE)
            misuse("option '--%s' is given twice", row->name);
        parsing->given[i] = true;
        store_option(row, optarg);
    }
}

static void check_rules(const struct parsing *parsing)
{
    for (int i = 0; parsing->rows[i]; i++) {
        const struct option_row *row = parsing->rows[i];
        bool satisfied = !row->needs;

        if (!parsing->given[i])
            continue;
        for (int j = 0; parsing->rows[j]; j++) {
            if (!parsing->given[j] || j == i)
                continue;
            if (row->excludes && row->excludes == parsing->rows[j]->excludes)
                misuse("options '--%s' and '--%s' cannot be used together", row->name,
                       parsing->rows[j]->name);
            satisfied |= row->needs && !strcmp(row->needs, parsing->rows[j]->name);
        }
        if (!satisfied)
            misuse("option '--%s' needs '--%s'", row->name, row->needs);
    }
}

enum { HELP_WIDTH = 80, USAGE_INDENT = 15, PART_MOST = 256 };

// Prints PART of the usage at *COLUMN, or on a new line if the line has no room for it.
static void print_part(const char *part, int *column)
{
    const int length = (int)strlen(part);

    if (*column + 1 + length > HELP_WIDTH) {
        printf("\n%*s", USAGE_INDENT - 1, "");
        *column = USAGE_INDENT - 1;
    }
    *column += printf(" %s", part);
}

static void add(char part[PART_MOST], const char *text)
{
    const size_t length = strlen(part);

    snprintf(part + length, PART_MOST - length, "%s", text);
}

static void add_form(char part[PART_MOST], const struct option_row *row)
{
    const char letter[] = {'-', row->letter, '\0'};

    add(part, row->letter ? letter : "--");
    add(part, row->letter ? "" : row->name);
    if (row->argument == ARGUMENT_NONE)
        return;
    add(part, " ");
    add(part, arguments[row->argument].name);
}

// "[-t TEXT [-0] | --fill BYTE]": an option that needs the one before it goes inside its brackets,
// and options that cannot be used together share theirs.
static void print_usage(const struct command *command)
{
    const struct option_row *row = command->options;
    int column = printf("Usage: shmtool %s", command->name);

    while (row->name) {
        const struct option_row *head = row++;
        char part[PART_MOST] = "[";

        add_form(part, head);
        while (row->name) {
            bool nested = row->needs && !strcmp(row->needs, head->name);

            if (!nested && !(head->excludes && row->excludes == head->excludes))
                break;
            add(part, nested ? " [" : " | ");
            add_form(part, row);
            if (nested)
                add(part, "]");
            else
                head = row;
            row++;
        }
        add(part, "]");
        print_part(part, &column);
    }
    if (*command->operands)
        print_part(command->operands, &column);
    putchar('\n');
}

noreturn static void refuse_operand(const struct command *command, const char *operand)
{
    const char *use = advice_find(command->name, ADVICE_SEGMENT);
    struct segment_name name;

    if (use && !parse_segment(operand, &name))
        misuse("unexpected operand '%s'; use: %s %s", operand, use, operand);
    misuse("unexpected operand '%s'", operand);
}

char **command_parse(const struct command *command, int argc, char **argv, int *count)
{
    struct parsing parsing = {0};
    char **operands;

    command_options(command, parsing.rows);
    prepare_getopt(&parsing, command->runs_command);
    opterr = 0;
    parse_options(command, &parsing, argc, argv);
    if (help_wanted)
        return NULL;
    check_rules(&parsing);
    operands = argv + optind;
    *count = argc - optind;
    if (*count > command->most)
        refuse_operand(command, operands[command->most]);
    if (*count < command->fewest)
        misuse("missing operand: %s", command->operands);
    return operands;
}

static void print_option(const struct option_row *row)
{
    const char *argument = row->argument == ARGUMENT_NONE ? "" : arguments[row->argument].name;
    int width;

    if (row->letter)
        printf("  -%c, ", row->letter);
    else
        printf("      ");
    width = printf("--%s%s%s", row->name, *argument ? " " : "", argument);
    printf("%*s%s\n", width < 25 ? 26 - width : 2, "", row->help);
}

void command_help(const struct command *command)
{
    const struct option_row *rows[OPTION_ROWS_MOST + 1];

    print_usage(command);
    printf("%s\n\nOptions:\n", command->summary);
    command_options(command, rows);
    for (int i = 0; rows[i]; i++)
        print_option(rows[i]);
    if (!command->table)
        return;
    printf("\nColumns%s:\n", command->starred ? " (* shown by default)" : "");
    for (size_t c = 0; c < command->table->column_count; c++) {
        const struct column *column = &command->table->columns[c];

        printf("  %c %-15s %s\n", column->starred && command->starred ? '*' : ' ', column->name,
               column->help);
    }
}

const struct segment_name *command_segments(int count, char **operands)
{
    struct segment_name *names = memory_resize(NULL, (size_t)count, sizeof *names);

    for (int i = 0; i < count; i++) {
        const char *why = parse_segment(operands[i], &names[i]);

        if (why)
            misuse("SEGMENT '%s': %s", operands[i], why);
    }
    return names;
}

struct segments command_list(void)
{
    struct segments all = {0};
    const int result = sysvipc_read(&all);

    if (result != 0)
        sysvipc_die(result);
    return all;
}

noreturn static void refuse_column(const struct table *table, const char *name, size_t length,
                                   const char *why)
{
    char word[64], names[RENDER_COLUMNS_MOST * 18];
    struct nearest nearest = {.word = word};
    size_t at = 0;

    snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word), name);
    if (render_column(table, name, length))
        misuse("column '%s': %s", word, why);
    for (size_t c = 0; c < table->column_count; c++)
        nearest_offer(&nearest, table->columns[c].name);
    if (nearest.best)
        misuse("column '%s': %s; did you mean '%s'?", word, why, nearest.best);
    for (size_t c = 0; c < table->column_count; c++)
        at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", c ? ", " : "",
                               table->columns[c].name);
    misuse("column '%s': %s; the columns are %s", word, why, names);
}

struct view command_view(const struct command *command, const struct view_options *options,
                         enum layout layout)
{
    const char *bad, *why, *sort = options->sort;
    size_t length;
    struct view view;

    layout = options->json ? LAYOUT_JSON : options->raw ? LAYOUT_RAW : layout;
    view = render_usual(command->table, layout, command->starred && layout != LAYOUT_JSON);
    view.headings = !options->noheadings;
    view.exact = options->bytes;
    if (options->columns && (why = render_choose(&view, options->columns, &bad, &length)))
        refuse_column(view.table, bad, length, why);
    if (options->all_namespaces && (!options->columns || *options->columns == '+')) {
        // Refused if it is shown already or the table lacks it.
        render_choose(&view, "+ns", &bad, &length);
        render_choose(&view, "+nspid", &bad, &length);
    }
    if (!sort)
        return view;
    view.descending = *sort == '-';
    sort += view.descending;
    view.sort = render_column(view.table, sort, strlen(sort));
    if (!view.sort)
        refuse_column(view.table, sort, strlen(sort), "no such column");
    return view;
}
