// SPDX-License-Identifier: MIT
// Who the caller is, and whether an id says who somebody is.
#ifndef CALLER_H
#define CALLER_H

#include <stdbool.h>
#include <stdint.h>

// Whether UID is certainly one user: not the number of all who have none in this user namespace
// (user_namespaces(7)), unless the IPC namespace belongs to it too (ioctl_ns(2)).
bool caller_knows(uint64_t uid);

// Whether user UID is certainly the caller.
bool caller_is(uint64_t uid);

// Whether IPC_SET, which sets owner and group, would by the caller's privilege give what UID and
// GID own to the accounts that have their numbers here.
bool caller_misnames(uint64_t uid, uint64_t gid);

// Whether the caller has CAP_SYS_ADMIN in the user namespace that owns the IPC namespace, which
// lets it set and remove what is somebody else's.
bool caller_administers(void);

// Whether the caller has CAP_IPC_OWNER there, which lets it use what is somebody else's.
bool caller_uses_all(void);

#endif
