// SPDX-License-Identifier: MIT
// Finds out what is being typed and offers the words that fit there.
#include "complete.h"

#include "account.h"
#include "escape.h"
#include "huge.h"
#include "process.h"
#include "sysvipc.h"

#include <dirent.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *namespace_typed; // the argument of --ns, or NULL

// Whether TEXT prints as it is: what the user types can contain control characters, and so can the
// name of an account.
static bool is_plain(const char *text)
{
    enum { LONGEST = 1024 };
    char escaped[ESCAPE_MOST(LONGEST)];
    const size_t length = strlen(text);

    return length <= LONGEST && escape_text(escaped, text, length, "\\", false).written == length;
}

// Offers LEAD and CANDIDATE if together they begin with WORD. LEAD is the part of the word before
// what is completed: "--output=" or "key,id,".
static void offer(const char *word, const char *lead, const char *candidate,
                  const char *description)
{
    size_t length = strlen(lead);

    if (!strncmp(word, lead, length) && !strncmp(word + length, candidate, strlen(word + length)) &&
        is_plain(lead) && is_plain(candidate))
        printf("%s%s\t%s\n", lead, candidate, description);
}

static void offer_commands(const struct command *const *commands, const char *word)
{
    for (; *commands; commands++)
        offer(word, "", (*commands)->name, (*commands)->summary);
}

static void offer_options(const struct option_row *const *rows, const char *word)
{
    for (; *rows; rows++) {
        const struct option_row *row = *rows;
        char candidate[64];

        snprintf(candidate, sizeof candidate, "--%s", row->name);
        offer(word, "", candidate, row->help);
        snprintf(candidate, sizeof candidate, "-%c", row->letter);
        if (row->letter && strncmp(word, "--", 2) != 0)
            offer(word, "", candidate, row->help);
    }
}

// Offers ids and keys, or KEYS_ONLY. VALUE is the part of WORD after LEAD.
static void offer_segments(const char *word, const char *lead, const char *value, bool keys_only)
{
    const bool by_id = !strncmp(value, "id:", 3), by_key = !strncmp(value, "key:", 4);
    struct segments all;
    uint64_t pid;

    if (namespace_typed && (parse_pid(namespace_typed, &pid) || process_enter_ipc((pid_t)pid) != 0))
        return;
    all = command_list();
    for (size_t i = 0; i < all.count; i++) {
        const struct segment *row = &all.rows[i];
        const char *owner = account_name(row->uid, false);
        char candidate[32], description[512], number[32];

        snprintf(number, sizeof number, "uid %" PRIu64, row->uid);
        snprintf(description, sizeof description,
                 "%s, mode %04o, %" PRIu64 " byte%s, nattch %" PRIu64, owner ? owner : number,
                 (unsigned)row->mode & 0777, row->size, plural(row->size), row->nattch);
        snprintf(candidate, sizeof candidate, "%s%" PRIu64, by_id ? "id:" : "", row->id);
        if (!keys_only)
            offer(word, lead, candidate, description);
        snprintf(candidate, sizeof candidate, "%s0x%08" PRIx64, by_key ? "key:" : "", row->key);
        if (row->key)
            offer(word, lead, candidate, description);
    }
}

static void offer_columns(const struct table *table, const char *word, const char *value)
{
    const char *comma = strrchr(value, ','),
               *last = comma ? comma + 1 : value + strspn(value, "+-");
    char lead[512];

    snprintf(lead, sizeof lead, "%.*s", (int)(last - word), word);
    for (size_t c = 0; table && c < table->column_count; c++)
        offer(word, lead, table->columns[c].name, table->columns[c].help);
}

static void offer_users(const char *word, const char *lead)
{
    const struct passwd *user;

    while ((user = getpwent()))
        offer(word, lead, user->pw_name, "user");
    endpwent();
}

// USER, or after a colon GROUP.
static void offer_owners(const char *word, const char *lead, const char *value)
{
    const char *colon = strchr(value, ':');
    const struct group *group;
    char longer[512];

    if (!colon) {
        offer_users(word, lead);
        return;
    }
    snprintf(longer, sizeof longer, "%.*s", (int)(colon + 1 - word), word);
    while ((group = getgrent()))
        offer(word, longer, group->gr_name, "group");
    endgrent();
}

static void offer_huge(const char *word, const char *lead)
{
    struct huge_size sizes[HUGE_SIZES_MOST];
    const size_t count = huge_sizes(sizes);

    for (size_t i = 0; i < count; i++)
        offer(word, lead, sizes[i].name, "huge pages");
}

static void offer_pids(const char *word, const char *lead)
{
    enum { SHOWN = 50 }; // bytes of a command line
    DIR *proc = opendir("/proc");
    const struct dirent *entry;

    while (proc && (entry = readdir(proc))) {
        const long pid = strtol(entry->d_name, NULL, 10);
        const char *command = pid > 0 && pid != getpid() ? process_command((pid_t)pid) : NULL;
        char description[ESCAPE_MOST(SHOWN) + 1];

        if (!command)
            continue;
        description[escape_text(description, command, strnlen(command, SHOWN), "\\", true)
                        .written] = 0;
        offer(word, lead, entry->d_name, description);
    }
    if (proc)
        closedir(proc);
}

static void offer_ages(const char *word, const char *lead)
{
    static const char *const ages[][2] = {
        {"10m", "ten minutes"}, {"1h", "an hour"}, {"1d", "a day"}, {"7d", "a week"}};

    for (size_t i = 0; i < sizeof ages / sizeof *ages; i++)
        offer(word, lead, ages[i][0], ages[i][1]);
}

// VALUE is the part of WORD after the equals sign, or all of it.
static void offer_argument(const struct command *command, enum argument argument, const char *word,
                           const char *value)
{
    char lead[512];

    snprintf(lead, sizeof lead, "%.*s", (int)(value - word), word);
    switch (argument) {
    case ARGUMENT_AGE:
        offer_ages(word, lead);
        break;
    case ARGUMENT_COLUMN:
    case ARGUMENT_COLUMNS:
        offer_columns(command->table, word, value);
        break;
    case ARGUMENT_FILE:
        puts("file");
        break;
    case ARGUMENT_HUGE:
        offer_huge(word, lead);
        break;
    case ARGUMENT_KEY:
        offer_segments(word, lead, value, true);
        break;
    case ARGUMENT_OWNER:
        offer_owners(word, lead, value);
        break;
    case ARGUMENT_PID:
        offer_pids(word, lead);
        break;
    case ARGUMENT_USER:
        offer_users(word, lead);
        break;
    default:
        break;
    }
}

// The row of the option in WORD ("-o", "--output" or "--output=…"), or NULL.
static const struct option_row *option_of(const struct option_row *const *rows, const char *word)
{
    for (; *rows; rows++) {
        const struct option_row *row = *rows;
        size_t length = strlen(row->name);

        if (row->letter && word[0] == '-' && word[1] == row->letter && !word[2])
            return row;
        if (!strncmp(word, "--", 2) && !strncmp(word + 2, row->name, length) &&
            strchr("=", word[2 + length]))
            return row;
    }
    return NULL;
}

// The synopsis from operand NUMBER on, counted from 0.
static const char *operand_at(const struct command *command, int number)
{
    const char *at = command->operands, *next;

    for (; number && (next = strchr(at, ' ')); number--)
        at = next + 1;
    return number && command->most != OPERANDS_ANY ? "" : at + (*at == '[');
}

static void offer_operand(const struct command *command, int number, const char *word)
{
    const char *operand = operand_at(command, number);

    if (!strncmp(operand, "SEGMENT", 7))
        offer_segments(word, "", word, false);
    else if (!strncmp(operand, "FILE", 4) || !strncmp(operand, "PATH", 4))
        puts("file");
}

// What follows the equals sign in WORD, or NULL.
static const char *value_in(const char *word)
{
    const char *equals = strchr(word, '=');

    return equals ? equals + 1 : NULL;
}

static void complete_words(const struct command *command, int count, char **words)
{
    const struct option_row *rows[OPTION_ROWS_MOST + 1], *row;
    const char *word = words[count - 1], *value;
    int operands = 0;

    namespace_typed = NULL;
    command_options(command, rows);
    for (int i = 0; i < count - 1; i++) {
        row = option_of(rows, words[i]);
        value = value_in(words[i]);
        if (row && row->argument != ARGUMENT_NONE && !value) {
            if (i == count - 2) {
                offer_argument(command, row->argument, word, word);
                return;
            }
            value = words[++i];
        } else if (words[i][0] != '-') {
            operands++;
        }
        if (row && row->number == &command_namespace)
            namespace_typed = value;
        if (operands && command->runs_command) {
            printf("command %d\n", i + 3);
            return;
        }
    }
    row = option_of(rows, word);
    value = value_in(word);
    if (row && value)
        offer_argument(command, row->argument, word, value);
    else if (word[0] == '-')
        offer_options(rows, word);
    else
        offer_operand(command, operands, word);
}

void complete(const struct command *const *commands, int count, char **words)
{
    if (count == 1) {
        offer_commands(commands, words[0]);
        offer(words[0], "", "help", "Show help.");
        offer(words[0], "", "--help", "Show help.");
        offer(words[0], "", "--version", "Show the version.");
    } else if (count == 2 && !strcmp(words[0], "help")) {
        offer_commands(commands, words[1]);
    }
    for (; count > 1 && *commands; commands++)
        if (!strcmp((*commands)->name, words[0]))
            complete_words(*commands, count - 1, words + 1);
}
