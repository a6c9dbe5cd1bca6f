// SPDX-License-Identifier: MIT
// Handlers that clean up and let the signal have its way.
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static const int numbers[] = {
    SIGHUP,    SIGINT,  SIGQUIT, SIGPIPE,   SIGALRM, SIGTERM, SIGUSR1,
    SIGUSR2,   SIGXCPU, SIGIO,   SIGVTALRM, SIGPROF, SIGPWR,
#ifdef SIGSTKFLT
    SIGSTKFLT,
#endif
};
#define NUMBERS (sizeof numbers / sizeof *numbers)

static void (*undo_made)(void);

static void undo_and_die(int number)
{
    undo_made();
    signal(number, SIG_DFL);
    raise(number);
}

void interrupt_undo(void (*undo)(void))
{
    undo_made = undo;
    for (size_t i = 0; i < NUMBERS; i++)
        if (signal(numbers[i], undo_and_die) == SIG_IGN)
            signal(numbers[i], SIG_IGN);
}

static sigset_t before; // interrupt_hold

void interrupt_hold(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < NUMBERS; i++)
        sigaddset(&set, numbers[i]);
    sigprocmask(SIG_BLOCK, &set, &before);
}

void interrupt_release(void)
{
    sigprocmask(SIG_SETMASK, &before, NULL);
}
