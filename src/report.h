// SPDX-License-Identifier: MIT
// What went wrong → one line on stderr, with the limit or the remedy, and the exit status.
#ifndef REPORT_H
#define REPORT_H

#include "parse.h"

#include <stddef.h>
#include <stdint.h>

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

// Every line begins with "shmtool: NAME: " from now on.
void report_set_command(const char *name);

// Prints the line that FORMAT spells and returns STATUS.
int report(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Prints "WHAT: the text of errno" and returns the status that errno stands for.
int report_errno(const char *what);

// As report_errno, for sysvipc_read.
int report_listing(void);

// As report_errno for a file or a standard stream: its permissions and full disks are not those of
// shared memory, so the status is STATUS_EXISTS, STATUS_LIMIT (of memory) or STATUS_FAILED.
int report_file(const char *path);

// Closes stdout, once; a full disk may show up only now. Returns STATUS_DONE or STATUS_FAILED.
int report_stdout(void);

// As report_errno, for a call of segment.h on an existing segment: why, and whose segment it is.
int report_segment(const struct segment_name *name);

// As report_segment, for segment_create with these arguments.
int report_create(uint32_t key, uint64_t size, int flags);

// That no segment is called NAME, and what the user may have meant. Returns STATUS_MISSING.
int report_missing(const struct segment_name *name);

// That TEXT cannot be WHAT, an account, and WHY. Returns STATUS_MISUSE; where the account could not
// be looked up, STATUS_LIMIT or STATUS_FAILED.
int report_account(const char *what, const char *text, const char *why);

// STATUS_DONE, or as report_errno where the name of an account could not be looked up.
int report_accounts(void);

// STATUS_DONE where LENGTH bytes (0: not given) from OFFSET lie in a segment of SIZE bytes; else
// says so and returns STATUS_FAILED.
int report_range(const struct segment_name *name, uint64_t offset, uint64_t length, uint64_t size);

// The status of several operands: what they have in common, or STATUS_FAILED where they differ.
int report_combine(int status, int another);

#endif
