// SPDX-License-Identifier: MIT
// The segments and limits of every IPC namespace that a visible process is in.
#ifndef NAMESPACES_H
#define NAMESPACES_H

#include "sysvipc.h"

struct ipc_namespace {
    uint64_t ns; // inode
    bool closed; // may not be entered: has no segments here, and no limits
    struct shminfo limits;
    struct shm_info used;
};

struct namespaces {
    struct ipc_namespace *rows; // of memory_resize
    size_t count, room;
    struct segments all;
};

// The namespaces, each once, and their segments, one namespace after the other, as sysvipc_read has
// them, with ns and nspid; with LIMITS their limits too. Ids of users and groups have
// RENDER_FOREIGN where that process has another user or mount namespace. Ends the program where
// /proc does not tell.
struct namespaces namespaces_read(bool limits);

// Copies to *NOW what LISTED, a row of theirs, is now. Rows of one namespace, one after the other,
// are told from one look into it, unless AGAIN. Returns false where that cannot be told.
bool namespaces_look(const struct segment *listed, bool again, struct segment *now);

#endif
