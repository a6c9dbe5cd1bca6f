// SPDX-License-Identifier: MIT
// Elapsed time, which setting the system's clock does not change.
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_SECOND 1000000000 // nanoseconds

// Nanoseconds since a fixed moment (CLOCK_MONOTONIC).
int64_t clock_now(void);

// NANOSECONDS, at least 0, as a timespec.
struct timespec clock_span(int64_t nanoseconds);

#endif
