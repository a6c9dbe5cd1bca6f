// SPDX-License-Identifier: MIT
// Small files of /proc and /sys.
#ifndef PROC_H
#define PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Reads the beginning of PATH, relative to DIRECTORY as in openat(2), into TEXT (room for SIZE) and
// adds a NUL. Returns the length, or -1 and errno, with TEXT empty.
ssize_t proc_read(int directory, const char *path, char *text, size_t size);

// Whether ERROR, an errno of open(2), means that a file of /proc is missing or hidden; any other
// errno is a failure.
bool proc_hides(int error);

// The number in PATH, a kernel setting, or OTHERWISE if it cannot be read.
uint64_t proc_setting(const char *path, uint64_t otherwise);

#endif
