// SPDX-License-Identifier: MIT
// The segments of every IPC namespace that a visible process is in.
#ifndef NAMESPACES_H
#define NAMESPACES_H

#include "sysvipc.h"

// The segments of namespace after namespace, each once, as sysvipc_read has them, with ns and
// nspid. Ids of users and groups have RENDER_FOREIGN where that process has another user or mount
// namespace. Ends the program where /proc does not tell.
struct segments namespaces_read(void);

#endif
