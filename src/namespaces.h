// SPDX-License-Identifier: MIT
// The segments and limits of every IPC namespace that has a visible process.
#ifndef NAMESPACES_H
#define NAMESPACES_H

#include "sysv.h"
#include "sysvipc.h"

struct ipc_namespace {
    uint64_t ns; // inode
    bool closed; // the caller may not enter it, so its segments and info are unknown
    struct sysv_info info;
};

struct namespaces {
    struct ipc_namespace *rows; // from memory_resize
    size_t count, room;
    struct segments all;
};

// All namespaces and, one namespace after the other, their segments as from sysvipc_read, with ns
// and nspid set; if INFO, their info too. User and group ids have RENDER_FOREIGN added if
// process nspid has another user or mount namespace. Warns of what may not be seen. Ends the
// program if /proc cannot be read.
struct namespaces namespaces_read(bool info);

// Copies to *NOW the present state of LISTED, a row from namespaces_read. Consecutive rows of one
// namespace share one look into it, unless AGAIN. Returns false if it is gone or cannot be read.
bool namespaces_look(const struct segment *listed, bool again, struct segment *now);

#endif
