// SPDX-License-Identifier: MIT
// Preloaded by faults/run: a call that nothing else makes, after the loader is done with all
// libraries and before main.
#include <sys/resource.h>

__attribute__((constructor)) static void start(void)
{
    getpriority(PRIO_PROCESS, 0);
}
