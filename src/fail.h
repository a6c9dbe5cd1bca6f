// SPDX-License-Identifier: MIT
// How the program fails and how it ends: a line on stderr, what is half done undone, memory given
// back. What cannot go on calls die() where that is found out, so no caller passes a failure up.
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
    STATUS_LIMIT = 6, // of shared memory, or memory itself
    // Beside the status of a command that is run, as timeout(1) and env(1) have them.
    STATUS_TIMED_OUT = 124,
    STATUS_ITSELF = 125, // shmtool failed, not the command
    STATUS_NOT_EXECUTABLE = 126,
    STATUS_NOT_FOUND = 127,
};

// Every line begins with "shmtool: NAME: " from now on. Where the command RUNS_COMMAND whose status
// becomes the program's, what fails before is STATUS_ITSELF, but for STATUS_MISUSE.
void fail_in_command(const char *name, bool runs_command);

// This process is a child from now on: where it would die, it says nothing and exits with errno.
void fail_in_child(void);

// Prints the line that FORMAT spells, unprintable bytes escaped.
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The end of a word of which there are COUNT.
#define plural(count) ((count) == 1 ? "" : "s")

// As warn; returns STATUS: of an operand that fails while others are still to be tried.
#define fail(status, ...) (warn(__VA_ARGS__), (status))

// The status of several operands: what two of them have in common, or STATUS_FAILED.
int status_join(int status, int another);

// As warn, and the end of the program.
noreturn void die(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define misuse(...) die(STATUS_MISUSE, __VA_ARGS__)

// Ends with "WHAT: the text of errno" and the status that errno stands for.
noreturn void die_errno(const char *what);

// As die_errno for a file or a stream: its permissions are not those of shared memory, so the
// status is STATUS_EXISTS, STATUS_LIMIT (of memory) or STATUS_FAILED.
noreturn void die_file(const char *path);

// As die_file for stdout, before the end of the program looks at it.
noreturn void die_output(void);

// The one end of the program. Closes stdout, for a full disk may show up only now; what was lost is
// reported and makes the status STATUS_FAILED. Unless it is STATUS_DONE then, what is half done is
// undone. Returns the status for main to return.
int wind_up(int status);

// The same from anywhere else.
noreturn void finish(int status);

// From now on FUNCTION undoes what is half done, once: where the program fails, and where a signal
// ends it, other than one that is ignored, of a crash, or real-time. It may only call what
// signal-safety(7) lists, and system calls. Signals wait until undo_release, so that what is made
// and the note of it are one step.
void undo_hold(void (*function)(void));
void undo_release(void);

// Nothing is half done any more.
void undo_forget(void);

// As reallocarray(3), but dies where there is no memory. What is not freed, the end gives back.
void *memory_resize(void *block, size_t count, size_t size);

// ROWS, of which there is *ROOM for, moved where need be so that one more than COUNT has room.
void *memory_grow(void *rows, size_t *room, size_t count, size_t size);

void memory_free(void *block);

#endif
