// SPDX-License-Identifier: MIT
// The array of commands, their lookup and their help.
#include "advice.h"
#include "command.h"
#include "complete.h"
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

extern const struct command cmd_attach_write, cmd_create, cmd_ftok, cmd_limits, cmd_list,
    cmd_metrics, cmd_ps, cmd_read, cmd_rm, cmd_semlock, cmd_set, cmd_stat, cmd_wait, cmd_watch;

static const struct command *const commands[] = {
    &cmd_create,  &cmd_attach_write, &cmd_read,  &cmd_list,    &cmd_stat,
    &cmd_ps,      &cmd_set,          &cmd_rm,    &cmd_limits,  &cmd_ftok,
    &cmd_semlock, &cmd_wait,         &cmd_watch, &cmd_metrics, NULL,
};

// A file opened later must not get the descriptor of a closed stream. So each closed stream gets a
// descriptor on which its reads or writes fail with EBADF.
static void open_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            die_file("/dev/null");
}

static const struct command *find_command(const char *name)
{
    struct nearest nearest = {.word = name};
    const char *use;

    for (int i = 0; commands[i]; i++)
        if (!strcmp(commands[i]->name, name))
            return commands[i];
    use = advice_find(NULL, name);
    if (use)
        misuse("unknown command '%s'; use: %s", name, use);
    for (int i = 0; commands[i]; i++)
        nearest_offer(&nearest, commands[i]->name);
    if (nearest.best)
        misuse("unknown command '%s'; did you mean '%s'?", name, nearest.best);
    misuse("unknown command '%s'; 'shmtool help' lists the commands", name);
}

static bool asks_help(const char *word)
{
    return !strcmp(word, "help") || !strcmp(word, "-h") || !strcmp(word, "--help");
}

static void list_commands(FILE *to)
{
    fprintf(to,
            "Usage: shmtool COMMAND [OPTION]... [OPERAND]...\n"
            "       shmtool help [COMMAND]\n"
            "       shmtool --help | --version\n"
            "Create, write, read, list and remove System V shared memory segments.\n\nCommands:\n");
    for (int i = 0; commands[i]; i++)
        fprintf(to, "  %-14s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(to, "\nA SEGMENT is an id (42, id:42) or a key (0x2a, key:42). See shmtool(1).\n");
}

static void help(int count, char **names)
{
    if (count > 1)
        misuse("unexpected operand '%s'", names[1]);
    if (count && !asks_help(names[0])) {
        command_help(find_command(names[0]));
        return;
    }
    list_commands(stdout);
}

static void enter_namespace(pid_t pid)
{
    char what[64];

    if (process_enter_ipc(pid) == 0)
        return;
    if (errno == ENOENT)
        die(STATUS_FAILED, "--ns %d: /proc shows no such process", (int)pid);
    snprintf(what, sizeof what, "--ns %d: its IPC namespace", (int)pid);
    die_errno(what);
}

static int run(const struct command *command, int argc, char **argv)
{
    char **operands;
    int count;

    fail_in_command(command->name, command->runs_command);
    operands = command_parse(command, argc, argv, &count);
    if (!operands) {
        command_help(command);
        return STATUS_DONE;
    }
    if (command_namespace.given)
        enter_namespace((pid_t)command_namespace.value);
    return command->run(count, operands);
}

static int dispatch(int argc, char **argv)
{
    const char *first = argv[1];

    if (argc < 2) {
        list_commands(stderr);
        return STATUS_MISUSE;
    }
    if (!strcmp(first, "--version") && argc > 2)
        misuse("unexpected operand '%s'", argv[2]);
    if (!strcmp(first, "--version"))
        printf("shmtool " SHMTOOL_VERSION "\n");
    else if (asks_help(first))
        help(argc - 2, argv + 2);
    else if (!strcmp(first, "__complete"))
        complete(commands, argc - 2, argv + 2);
    else if (first[0] == '-' && !advice_find(NULL, first))
        misuse("unknown option '%s'; options follow the command", first);
    else
        return run(find_command(first), argc - 1, argv + 1);
    return STATUS_DONE;
}

static void let_write_fail(int number)
{
    (void)number;
}

int main(int argc, char **argv)
{
    open_streams();
    // With a handler, write(2) beyond RLIMIT_FSIZE just fails. SIG_IGN would be passed on by
    // exec(3).
    if (signal(SIGXFSZ, let_write_fail) == SIG_IGN)
        signal(SIGXFSZ, SIG_IGN);
    // The checks of who the caller is assume that the program has only the caller's rights.
    if (getauxval(AT_SECURE))
        die(STATUS_DENIED, "refusing to run set-user-ID, set-group-ID or with file capabilities");
    return wind_up(dispatch(argc, argv));
}
