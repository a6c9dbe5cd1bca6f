// SPDX-License-Identifier: MIT
// Who the caller is, what they may do, and whether an id identifies one user.
#ifndef CALLER_H
#define CALLER_H

#include <stdbool.h>
#include <stdint.h>

// Whether UID certainly identifies one user. The overflow uid does not: it stands for every user
// without an id in this user namespace (user_namespaces(7)), unless that namespace also owns the
// IPC namespace (ioctl_ns(2)).
bool caller_knows(uint64_t uid);

// Whether user UID is certainly the caller.
bool caller_is(uint64_t uid);

// Whether writing back UID and GID with IPC_SET would give the segment to the wrong accounts: one
// of them is an overflow id here, and the caller has the privilege to set it as if it were real.
bool caller_misnames(uint64_t uid, uint64_t gid);

// Whether the caller has CAP_SYS_ADMIN in the user namespace that owns the IPC namespace, and so
// may change and remove other users' segments.
bool caller_administers(void);

// Whether the caller has CAP_IPC_OWNER there, and so may use other users' segments.
bool caller_uses_all(void);

#endif
