// SPDX-License-Identifier: MIT
// The segments of every IPC namespace that a visible process is in.
#ifndef NAMESPACES_H
#define NAMESPACES_H

#include "sysvipc.h"

// What could not be looked into.
struct unseen {
    size_t namespaces; // may not be entered
    size_t processes;  // may not be asked for their namespace
};

// Fills *ALL (which the caller has zeroed) as sysvipc_read does, namespace after namespace, each
// once, with ns and nspid. Ids of users and groups have RENDER_FOREIGN where that process has
// another user or mount namespace. Returns 0, or -1 and errno with nothing kept.
int namespaces_read(struct segments *all, struct unseen *unseen);

#endif
