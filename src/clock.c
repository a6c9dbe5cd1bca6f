// SPDX-License-Identifier: MIT
// Nanoseconds in 64 bits: nearly three centuries.
#include "clock.h"

int64_t clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec;
}

struct timespec clock_span(int64_t nanoseconds)
{
    return (struct timespec){nanoseconds / CLOCK_SECOND, nanoseconds % CLOCK_SECOND};
}
