// SPDX-License-Identifier: MIT
// The one place where the program ends, and the state that this needs.
#include "fail.h"

#include "escape.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *command_name;
static bool runs, is_child;

void fail_in_command(const char *name, bool runs_command)
{
    command_name = name;
    runs = runs_command;
}

void fail_in_child(void)
{
    is_child = true;
}

__attribute__((format(printf, 1, 0))) static void put_line(const char *format, va_list args)
{
    char line[PATH_MAX + 1024], escaped[ESCAPE_MOST(sizeof line) + 1];

    vsnprintf(line, sizeof line, format, args);
    escaped[escape_text(escaped, line, strlen(line), "\\", false).written] = '\0';
    fprintf(stderr, "shmtool: %s%s%s\n", command_name ? command_name : "", command_name ? ": " : "",
            escaped);
}

void warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_line(format, args);
    va_end(args);
}

int status_join(int status, int another)
{
    return status == STATUS_DONE || status == another ? another
           : another == STATUS_DONE                   ? status
                                                      : STATUS_FAILED;
}

void die(int status, const char *format, ...)
{
    va_list args;

    if (is_child)
        _exit(errno ? errno : EIO);
    va_start(args, format);
    put_line(format, args);
    va_end(args);
    finish(status);
}

void die_errno(const char *what)
{
    const int status = errno == EPERM || errno == EACCES ? STATUS_DENIED
                       : errno == ENOMEM                 ? STATUS_LIMIT
                                                         : STATUS_FAILED;

    die(status, "%s: %s", what, strerror(errno));
}

void die_file(const char *path)
{
    const int status = errno == EEXIST   ? STATUS_EXISTS
                       : errno == ENOMEM ? STATUS_LIMIT
                                         : STATUS_FAILED;

    die(status, "%s: %s", path, strerror(errno));
}

static bool loss_reported;

void die_output(void)
{
    loss_reported = true;
    die_file("stdout");
}

static const int signals[] = {
    SIGHUP,    SIGINT, SIGQUIT,   SIGPIPE, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2,
    SIGXCPU,   SIGIO,  SIGVTALRM, SIGPROF, SIGPWR,  SIGABRT, SIGTRAP, SIGSYS,
#ifdef SIGSTKFLT
    SIGSTKFLT,
#endif
};
enum { SIGNALS = sizeof signals / sizeof *signals };

static void (*undo_function)(void);
static sigset_t before_hold;

static void hold(void)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before_hold);
}

void undo_release(void)
{
    sigprocmask(SIG_SETMASK, &before_hold, NULL);
}

static void undo_once(void)
{
    void (*function)(void) = undo_function;

    undo_function = NULL;
    if (function)
        function();
}

static void undo_and_die(int number)
{
    hold();
    undo_once();
    undo_release();
    signal(number, SIG_DFL);
    raise(number);
}

void undo_hold(void (*function)(void))
{
    hold();
    undo_function = function;
    for (int i = 0; i < SIGNALS; i++)
        if (signal(signals[i], undo_and_die) == SIG_IGN)
            signal(signals[i], SIG_IGN);
}

void undo_forget(void)
{
    undo_function = NULL;
}

// Closes stdout. Returns why output was lost, or NULL.
static const char *close_stdout(void)
{
    const bool failed = ferror_unlocked(stdout); // inlined: looking up a function costs more

    if (fclose(stdout) != 0)
        return strerror(errno);
    return failed ? "output was lost" : NULL;
}

// A block of memory: its neighbours in a ring, and the part that the caller gets.
struct block {
    struct block *next, *previous;
    _Alignas(max_align_t) char data[];
};

static struct block blocks = {&blocks, &blocks};

static struct block *block_of(void *data)
{
    return (void *)((char *)data - offsetof(struct block, data));
}

void *memory_resize(void *data, size_t count, size_t size)
{
    struct block *block = data ? block_of(data) : NULL;

    if (__builtin_mul_overflow(count, size, &size) ||
        __builtin_add_overflow(size, sizeof *block, &size)) {
        errno = ENOMEM;
        die_errno("memory");
    }
    block = realloc(block, size);
    if (!block)
        die_errno("memory");
    if (!data) {
        block->next = blocks.next;
        block->previous = &blocks;
    }
    block->next->previous = block->previous->next = block;
    return block->data;
}

void *memory_grow(void *rows, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return rows;
    *room = *room ? *room * 2 : 64;
    return memory_resize(rows, *room, size);
}

void memory_free(void *data)
{
    struct block *block;

    if (!data)
        return;
    block = block_of(data);
    block->next->previous = block->previous;
    block->previous->next = block->next;
    free(block);
}

int wind_up(int status)
{
    const char *lost = loss_reported ? NULL : close_stdout();

    if (lost) {
        warn("stdout: %s", lost);
        status = STATUS_FAILED;
    }
    if (status == STATUS_DONE) {
        undo_forget();
    } else {
        hold();
        undo_once();
    }
    for (struct block *block = blocks.next, *next; block != &blocks; block = next) {
        next = block->next;
        free(block);
    }
    if (runs && status != STATUS_DONE && status != STATUS_MISUSE && status < STATUS_TIMED_OUT)
        return STATUS_ITSELF;
    return status;
}

void finish(int status)
{
    exit(wind_up(status));
}
