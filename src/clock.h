// SPDX-License-Identifier: MIT
// The time that passes, whatever the clock on the wall says.
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_SECOND 1000000000 // nanoseconds

// Nanoseconds since some moment that stays the same (CLOCK_MONOTONIC).
int64_t clock_now(void);

// NANOSECONDS, at least 0, as the kernel takes a span of time.
struct timespec clock_span(int64_t nanoseconds);

#endif
