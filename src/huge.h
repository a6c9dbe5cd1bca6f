// SPDX-License-Identifier: MIT
// The sizes of huge pages that this machine has.
#ifndef HUGE_H
#define HUGE_H

#include <stddef.h>
#include <stdint.h>

struct huge_size {
    uint64_t bytes;
    char name[24]; // "2M"
};

enum { HUGE_SIZES_MOST = 16 };

// Stores the sizes and returns how many there are: 0 if /sys does not show them. Ends the program
// if /sys cannot be read for another reason.
size_t huge_sizes(struct huge_size sizes[HUGE_SIZES_MOST]);

#endif
