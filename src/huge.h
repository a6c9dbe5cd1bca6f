// SPDX-License-Identifier: MIT
// The sizes of huge pages that this machine has.
#ifndef HUGE_H
#define HUGE_H

#include <stddef.h>
#include <stdint.h>

enum { HUGE_SIZES_MOST = 16 };

// Stores the sizes in bytes and returns how many there are: 0 if /sys does not show them. Ends the
// program if /sys cannot be read for another reason.
size_t huge_sizes(uint64_t sizes[HUGE_SIZES_MOST]);

#endif
