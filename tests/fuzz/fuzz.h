// SPDX-License-Identifier: MIT
// What all fuzz targets share: the entry that libFuzzer or replay.c calls, and checks that abort.
#ifndef FUZZ_H
#define FUZZ_H

#include "fail.h"

#undef NDEBUG
#include <assert.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char fuzz_reported[1 << 14], fuzz_printed[1 << 18]; // on their way to stderr and stdout

// Before main, because only a process of one thread may make a user namespace.
__attribute__((constructor)) static void fuzz_prepare(void)
{
    assert(unshare(CLONE_NEWIPC) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWIPC) == 0);
    assert(setvbuf(stderr, fuzz_reported, _IOFBF, sizeof fuzz_reported) == 0);
    assert(setvbuf(stdout, fuzz_printed, _IOFBF, sizeof fuzz_printed) == 0);
}

static jmp_buf fuzz_end; // where the program goes in place of its end
static int fuzz_status;

// In place of die (ld --wrap): prints the line and goes to fuzz_end.
noreturn void __wrap_die(int status, const char *format, ...);
noreturn void __wrap_die(int status, const char *format, ...)
{
    char line[1 << 13];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    warn("%s", line);
    fuzz_status = status;
    longjmp(fuzz_end, 1);
}

// Takes what was reported since the last call: one printable line where one is WANTED, or nothing.
static inline void fuzz_check_line(bool wanted)
{
    const size_t length = __fpending(stderr);

    assert(length < sizeof fuzz_reported && (length > 0) == wanted);
    for (size_t i = 0; i < length; i++)
        assert((fuzz_reported[i] == '\n') == (i == length - 1) &&
               ((fuzz_reported[i] & 0xe0) != 0 || i == length - 1));
    assert(!wanted || !strncmp(fuzz_reported, "shmtool: ", 9));
    __fpurge(stderr);
}

// The bytes up to the first NUL as a string that ends where its memory does; to be freed.
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    const size_t length = size ? strnlen((const char *)data, size) : 0;
    char *text = malloc(length + 1);

    assert(text);
    if (length)
        memcpy(text, data, length);
    text[length] = '\0';
    return text;
}

// What was printed on stdout since the last call, as a string; to be freed.
static inline char *fuzz_take_printed(void)
{
    const size_t length = __fpending(stdout);
    char *text;

    assert(length < sizeof fuzz_printed);
    text = fuzz_text((const uint8_t *)fuzz_printed, length);
    assert(strlen(text) == length);
    __fpurge(stdout);
    return text;
}

#endif
