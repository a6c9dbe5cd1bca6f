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

static char fuzz_stderr[1 << 14], fuzz_stdout[1 << 18];
static const char *fuzz_reported, *fuzz_printed; // on their way to stderr and stdout

// Makes BUFFER that of STREAM. Returns where STREAM puts what is printed: musl leaves room before.
static const char *fuzz_buffer(FILE *stream, char *buffer, size_t size)
{
    const char *start;

    assert(setvbuf(stream, buffer, _IOFBF, size) == 0);
    assert(fputc('x', stream) == 'x');
    start = memchr(buffer, 'x', size);
    assert(start);
    __fpurge(stream);
    return start;
}

// Before main, because only a process of one thread may make a user namespace.
__attribute__((constructor)) static void fuzz_prepare(void)
{
    // tests/run has found a namespace already.
    assert(getenv("NAMESPACE") || unshare(CLONE_NEWIPC) == 0 ||
           unshare(CLONE_NEWUSER | CLONE_NEWIPC) == 0);
    fuzz_reported = fuzz_buffer(stderr, fuzz_stderr, sizeof fuzz_stderr);
    fuzz_printed = fuzz_buffer(stdout, fuzz_stdout, sizeof fuzz_stdout);
}

static jmp_buf fuzz_end; // where the program goes in place of its end
static int fuzz_status;

// In place of die (ld --wrap): prints the line and goes to fuzz_end.
__attribute__((format(printf, 2, 3))) noreturn void __wrap_die(int status, const char *format, ...);
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

    assert(length < sizeof fuzz_stderr && (length > 0) == wanted);
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

    assert(length < sizeof fuzz_stdout);
    text = fuzz_text((const uint8_t *)fuzz_printed, length);
    assert(strlen(text) == length);
    __fpurge(stdout);
    return text;
}

#endif
