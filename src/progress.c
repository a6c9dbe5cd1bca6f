// SPDX-License-Identifier: MIT
// One line that overwrites itself.
#include "progress.h"

#include "clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static struct {
    bool wanted, shown;
    uint64_t total;
    double began, last; // seconds
} state;

// More than a user types: between typed lines, a line of progress would be in the way.
enum { TYPED_MOST = 1 << 20 };

// Whether this program may use the terminal: in the background the line there is the shell's.
static bool in_foreground(void)
{
    return tcgetpgrp(STDERR_FILENO) == getpgrp();
}

static double seconds(void)
{
    return (double)clock_now() / CLOCK_SECOND;
}

void progress_begin(uint64_t total, bool to_terminal)
{
    state.wanted = !to_terminal && isatty(STDERR_FILENO);
    state.total = total;
    if (state.wanted)
        state.began = state.last = seconds();
}

void progress_at(uint64_t done)
{
    double now;

    if (!state.wanted)
        return;
    now = seconds();
    if (done < TYPED_MOST || now - state.began < 1 || now - state.last < 0.2 || !in_foreground())
        return;
    state.last = now;
    state.shown = true;
    fprintf(stderr, "\r%" PRIu64 " bytes", done);
    if (state.total)
        fprintf(stderr, ", %.0f %%", 100.0 * (double)done / (double)state.total);
    fprintf(stderr, ", %.0f MiB/s \033[K", (double)done / (now - state.began) / 1048576);
}

void progress_end(void)
{
    const int error = errno; // from the copy that ends

    if (state.shown && in_foreground())
        fprintf(stderr, "\r\033[K");
    errno = error;
    state.wanted = state.shown = false;
}
