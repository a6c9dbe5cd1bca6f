// SPDX-License-Identifier: MIT
// The array of commands, their lookup, help, and the one check of stdout.
#include "commands.h"
#include "complete.h"
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static const struct command *const commands[] = {
    &cmd_create, &cmd_attach_write, &cmd_read, &cmd_stat,    &cmd_list,  &cmd_rm,      &cmd_set,
    &cmd_ps,     &cmd_limits,       &cmd_ftok, &cmd_semlock, &cmd_watch, &cmd_metrics, NULL,
};

// A file opened later must not take the place of a closed stream. Each gets a descriptor on which
// what it is for fails with EBADF.
static int open_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            return -1;
    return 0;
}

static const struct command *find_command(const char *name)
{
    struct nearest nearest = {.word = name};

    for (int i = 0; commands[i]; i++) {
        if (!strcmp(commands[i]->name, name))
            return commands[i];
        nearest_offer(&nearest, commands[i]->name);
    }
    if (nearest.best)
        misuse("unknown command '%s'; did you mean '%s'?", name, nearest.best);
    else
        misuse("unknown command '%s'; 'shmtool help' lists the commands", name);
    return NULL;
}

static bool asks_help(const char *word)
{
    return !strcmp(word, "help") || !strcmp(word, "-h") || !strcmp(word, "--help");
}

static int help(int count, char **names)
{
    const struct command *command;

    if (count > 1)
        return misuse("unexpected operand '%s'", names[1]);
    if (count && !asks_help(names[0])) {
        command = find_command(names[0]);
        if (!command)
            return STATUS_MISUSE;
        command_help(command);
        return STATUS_DONE;
    }
    printf("Usage: shmtool COMMAND [OPTION]... [OPERAND]...\n"
           "       shmtool help [COMMAND]\n"
           "       shmtool --help | --version\n"
           "Create, write, read, list and remove System V shared memory segments.\n\nCommands:\n");
    for (int i = 0; commands[i]; i++)
        printf("  %-14s %s\n", commands[i]->name, commands[i]->summary);
    printf("\nA SEGMENT is an id (42, id:42) or a key (0x2a, key:42). See shmtool(1).\n");
    return STATUS_DONE;
}

static int enter_namespace(pid_t pid)
{
    char what[64];

    if (process_enter_ipc(pid) == 0)
        return STATUS_DONE;
    snprintf(what, sizeof what, "--ns %d: its IPC namespace", (int)pid);
    return errno == ENOENT ? report(STATUS_FAILED, "--ns %d: /proc shows no such process", (int)pid)
                           : report_errno(what);
}

static int run(const struct command *command, int argc, char **argv)
{
    char **operands;
    int count, status;

    report_set_command(command->name);
    status = command_parse(command, argc, argv, &operands, &count);
    if (status == COMMAND_HELP) {
        command_help(command);
        return STATUS_DONE;
    }
    if (status != STATUS_DONE)
        return status;
    if (command_namespace.given) {
        status = enter_namespace((pid_t)command_namespace.value);
        if (status != STATUS_DONE)
            return command->runs_command ? STATUS_ITSELF : status;
    }
    return command->run(count, operands);
}

static int dispatch(int argc, char **argv)
{
    const char *first = argv[1];
    const struct command *command;

    if (argc < 2)
        return misuse("missing command; 'shmtool help' lists the commands");
    if (!strcmp(first, "--version")) {
        printf("shmtool " SHMTOOL_VERSION "\n");
        return STATUS_DONE;
    }
    if (asks_help(first))
        return help(argc - 2, argv + 2);
    if (!strcmp(first, "__complete"))
        return complete(commands, argc - 2, argv + 2);
    if (first[0] == '-')
        return misuse("unknown option '%s'; options follow the command", first);
    command = find_command(first);
    return command ? run(command, argc - 1, argv + 1) : STATUS_MISUSE;
}

static void let_write_fail(int number)
{
    (void)number;
}

int main(int argc, char **argv)
{
    int status;

    if (open_streams() != 0)
        return report_file("/dev/null");
    // Over RLIMIT_FSIZE write(2) then fails. Unlike SIG_IGN, exec(3) does not pass on a handler.
    if (signal(SIGXFSZ, let_write_fail) == SIG_IGN)
        signal(SIGXFSZ, SIG_IGN);
    // Its checks of who calls are not made for a program that is more than its caller.
    if (getauxval(AT_SECURE))
        return report(
            STATUS_DENIED,
            "this program does not run set-user-ID, set-group-ID or with file capabilities");
    status = dispatch(argc, argv);
    return status == STATUS_DONE ? report_stdout() : status;
}
