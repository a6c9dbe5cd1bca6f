// SPDX-License-Identifier: MIT
// The lines of the input are the words after the name of each command: its command line is parsed,
// never run. A plain reading of the option rows must agree on options and operands.
#include "fuzz.h"

int shmtool_main(int argc, char **argv);
#define main shmtool_main
#include "main.c" // for the array of commands

#include <getopt.h>

enum { WORDS_MOST = 64 };

static const bool is_text[ARGUMENT_COUNT] = {
    [ARGUMENT_COLUMN] = true, [ARGUMENT_COLUMNS] = true, [ARGUMENT_FILE] = true,
    [ARGUMENT_OWNER] = true,  [ARGUMENT_TEXT] = true,
};

struct reading {
    const struct option_row *rows[OPTION_ROWS_MOST + 1];
    const char *said[OPTION_ROWS_MOST]; // NULL: not given
    char *operands[WORDS_MOST];
    int count;
    bool numbers; // are given, which may be refused
};

static void take_rows(struct reading *reading, const struct command *command)
{
    command_options(command, reading->rows);
    for (int i = 0; reading->rows[i]; i++) {
        const struct option_row *row = reading->rows[i];

        if (row->argument == ARGUMENT_NONE)
            *row->flag = false;
        else if (is_text[row->argument])
            *row->text = NULL;
        else
            *row->number = (struct number){0};
    }
}

// The row called by the LENGTH characters of NAME, or by LETTER where NAME is NULL, or -1.
static int find_row_of(const struct reading *reading, const char *name, size_t length, char letter)
{
    for (int i = 0; reading->rows[i]; i++)
        if (name ? strlen(reading->rows[i]->name) == length &&
                       !strncmp(reading->rows[i]->name, name, length)
                 : reading->rows[i]->letter == letter)
            return i;
    return -1;
}

static bool say(struct reading *reading, int row, const char *text)
{
    const enum argument argument = reading->rows[row]->argument;
    const bool again = argument != ARGUMENT_NONE && reading->said[row];

    reading->said[row] = text;
    reading->numbers |= argument != ARGUMENT_NONE && !is_text[argument];
    return text && !again;
}

static bool read_long(struct reading *reading, char **argv, int *at)
{
    const char *name = argv[*at] + 2, *equals = strchr(name, '=');
    const int row = find_row_of(reading, name, strcspn(name, "="), 0);

    if (row < 0)
        return false;
    if (reading->rows[row]->argument == ARGUMENT_NONE)
        return say(reading, row, equals ? NULL : "");
    return say(reading, row, equals ? equals + 1 : argv[++*at]);
}

static bool read_letters(struct reading *reading, char **argv, int *at)
{
    for (const char *letter = argv[*at] + 1; *letter; letter++) {
        const int row = find_row_of(reading, NULL, 0, *letter);

        if (row < 0)
            return false;
        if (reading->rows[row]->argument != ARGUMENT_NONE)
            return say(reading, row, letter[1] ? letter + 1 : argv[++*at]);
        say(reading, row, "");
    }
    return true;
}

static bool read_words(struct reading *reading, const struct command *command, char **argv)
{
    bool ended = false;

    for (int i = 1; argv[i]; i++) {
        if (!ended && !strcmp(argv[i], "--")) {
            ended = true;
        } else if (ended || argv[i][0] != '-' || !argv[i][1]) {
            reading->operands[reading->count++] = argv[i];
            ended |= command->runs_command;
        } else if (!(argv[i][1] == '-' ? read_long : read_letters)(reading, argv, &i)) {
            return false;
        }
    }
    return true;
}

static bool keeps_rules(const struct reading *reading, const struct command *command)
{
    for (int i = 0; reading->rows[i]; i++) {
        const char *needs = reading->said[i] ? reading->rows[i]->needs : NULL;

        if (needs && !reading->said[find_row_of(reading, needs, strlen(needs), 0)])
            return false;
        for (int j = 0; j < i; j++)
            if (reading->said[i] && reading->said[j] && reading->rows[i]->excludes &&
                reading->rows[i]->excludes == reading->rows[j]->excludes)
                return false;
    }
    return reading->count >= command->fewest && reading->count <= command->most;
}

static void check_stored(const struct reading *reading)
{
    for (int i = 0; reading->rows[i]; i++) {
        const struct option_row *row = reading->rows[i];

        if (row->argument == ARGUMENT_NONE)
            assert(*row->flag == !!reading->said[i]);
        else if (is_text[row->argument])
            assert(*row->text == reading->said[i]);
        else
            assert(row->number->given == !!reading->said[i]);
    }
}

enum { HELP = -1 }; // beside the statuses

static int parse(const struct command *command, int argc, char **argv, char ***operands, int *count)
{
    if (setjmp(fuzz_end))
        return fuzz_status;
    *operands = command_parse(command, argc, argv, count);
    return *operands ? STATUS_DONE : HELP;
}

static void check_command(const struct command *command, int argc, char **argv)
{
    struct reading reading = {0};
    char **operands = NULL;
    int count = 0, status, expected = STATUS_MISUSE;

    take_rows(&reading, command);
    if (read_words(&reading, command, argv))
        expected = reading.said[find_row_of(&reading, "help", 4, 0)] ? HELP
                   : keeps_rules(&reading, command)                  ? STATUS_DONE
                                                                     : STATUS_MISUSE;
    optind = 0;
    fail_in_command(command->name, false);
    status = parse(command, argc, argv, &operands, &count);
    fuzz_check_line(status == STATUS_MISUSE);
    assert(status == expected || (status == STATUS_MISUSE && reading.numbers));
    if (status != STATUS_DONE)
        return;
    check_stored(&reading);
    assert(count == reading.count);
    assert(!memcmp(operands, reading.operands, (size_t)count * sizeof *operands));
}

static const struct command *find(const char *name)
{
    return setjmp(fuzz_end) ? NULL : find_command(name);
}

static void check_name(const char *name)
{
    const struct command *found = find(name);

    for (int i = 0; commands[i]; i++)
        assert((found == commands[i]) == !strcmp(commands[i]->name, name));
    fuzz_check_line(!found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size), *rest = text, *words[WORDS_MOST + 1];
    int count = 1;

    while (rest && *rest && count < WORDS_MOST)
        words[count++] = strsep(&rest, "\n");
    words[count] = NULL;
    fail_in_command(NULL, false);
    if (count > 1)
        check_name(words[1]);
    for (int i = 0; commands[i]; i++) {
        char *argv[WORDS_MOST + 1];

        memcpy(argv, words, sizeof words);
        argv[0] = (char *)commands[i]->name;
        check_command(commands[i], count, argv);
    }
    free(text);
    return 0;
}
