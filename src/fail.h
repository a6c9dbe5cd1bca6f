// SPDX-License-Identifier: MIT
// How the program fails and ends: it prints a line on stderr, undoes what is half done and frees
// its memory. Code that cannot go on calls die() on the spot, so no caller passes a failure up.
#ifndef FAIL_H
#define FAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdnoreturn.h>

enum status {
    STATUS_DONE = 0,
    STATUS_FAILED = 1,
    STATUS_MISUSE = 2,  // the command line is wrong; nothing was done
    STATUS_MISSING = 3, // no such segment
    STATUS_DENIED = 4,
    STATUS_EXISTS = 5,
    STATUS_LIMIT = 6, // a limit of shared memory is reached, or memory is exhausted
    // For commands that run another command, as in timeout(1) and env(1).
    STATUS_TIMED_OUT = 124,
    STATUS_ITSELF = 125, // shmtool failed, not the command
    STATUS_NOT_EXECUTABLE = 126,
    STATUS_NOT_FOUND = 127,
};

// From now on every line begins with "shmtool: NAME: ". If the command RUNS_COMMAND, whose status
// becomes the program's, its own failures below STATUS_TIMED_OUT become STATUS_ITSELF, except
// STATUS_MISUSE.
void fail_in_command(const char *name, bool runs_command);

// From now on this process is a child: die() prints nothing and exits with errno as the status.
void fail_in_child(void);

// Prints one line on stderr, with unprintable bytes escaped.
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The plural ending of a noun after COUNT.
#define plural(count) ((count) == 1 ? "" : "s")

// Like warn, and returns STATUS: for an operand that fails while others are still to be tried.
#define fail(status, ...) (warn(__VA_ARGS__), (status))

// Combines the statuses of two operands: STATUS_DONE counts for nothing, equal ones stay, different
// ones become STATUS_FAILED.
int status_join(int status, int another);

// Like warn, then ends the program with STATUS.
noreturn void die(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define misuse(...) die(STATUS_MISUSE, __VA_ARGS__)

// Dies with "WHAT: text of errno" and the status for errno.
noreturn void die_errno(const char *what);

// Like die_errno, for a file or stream: STATUS_DENIED is only for shared memory, so the status is
// STATUS_EXISTS, STATUS_LIMIT (out of memory) or STATUS_FAILED.
noreturn void die_file(const char *path);

// Like die_file, for stdout; the end of the program then does not report it again.
noreturn void die_output(void);

// The one end of the program. Closes stdout, because a full disk may show up only then; if output
// was lost, reports it and makes the status STATUS_FAILED. Unless the status is STATUS_DONE, undoes
// what is half done. Returns the status for main to return.
int wind_up(int status);

// Calls wind_up and exits with its status.
noreturn void finish(int status);

// From now on FUNCTION undoes what is half done, once, if the program fails or a signal ends it
// (except ignored signals, crashes and real-time signals). It may only call functions listed in
// signal-safety(7), and system calls. Signals are blocked until undo_release, so that none comes
// between making something and recording it.
void undo_hold(void (*function)(void));
void undo_release(void);

// Nothing is half done any more: forgets the function.
void undo_forget(void);

// Like reallocarray(3), but dies if there is no memory. The end of the program frees what is left.
void *memory_resize(void *block, size_t count, size_t size);

// Returns ROWS, an array with room for *ROOM rows of SIZE bytes, enlarged and perhaps moved if it
// has no room for one more than COUNT. Dies if there is no memory.
void *memory_grow(void *rows, size_t *room, size_t count, size_t size);

// Frees BLOCK, which is from the two above or NULL.
void memory_free(void *block);

#endif
