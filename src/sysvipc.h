// SPDX-License-Identifier: MIT
// The segments of the IPC namespace as rows, from /proc/sysvipc/shm or, without it, SHM_STAT_ANY.
#ifndef SYSVIPC_H
#define SYSVIPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/shm.h>

#define SYSVIPC_UNKNOWN UINT64_MAX

// One segment: every field of shmid_ds and ipc_perm, and what /proc adds.
struct segment {
    uint64_t key;  // key_t as its 32 bits; 0: private, or marked for destruction
    uint64_t id;   // shmid
    uint64_t mode; // permission bits, and SHM_DEST, SHM_LOCKED
    uint64_t size; // bytes
    uint64_t nattch, cpid, lpid, uid, gid, cuid, cgid;
    uint64_t atime, dtime, ctime; // seconds since 1970; 0: never
    uint64_t rss, swap;           // bytes, or SYSVIPC_UNKNOWN
    uint64_t pages;               // of PAGE_SIZE, as SHMALL counts them
    uint64_t seq;                 // ipc_perm.__seq, or SYSVIPC_UNKNOWN
    uint64_t ns, nspid; // inode of the IPC namespace, and a process in it; set by --all-ns
    // Set by columns_fill.
    uint64_t orphan, idle;
    const char *creator_command, *cgroup;
};

struct segments {
    struct segment *rows; // of memory_resize
    size_t count, room;
};

enum { SYSVIPC_ODD = -2 }; // the text is not a listing

// Fills *ALL (zeros, or what an earlier call has filled) with every segment of the namespace, in
// the kernel's order. Returns 0; or -1 and errno of read(2) or shmctl(2); or SYSVIPC_ODD. More than
// 4,080 bytes are not an atomic snapshot (ipc/util.c: sysvipc_proc_*), but a segment that stays put
// is listed once.
int sysvipc_read(struct segments *all);

// Ends the program with what RESULT of sysvipc_read says.
noreturn void sysvipc_die(int result);

void sysvipc_add(struct segments *all, const struct segment *row);

// Sorts them by ns, then id.
void sysvipc_sort(struct segments *all);

// Parses one line of /proc/sysvipc/shm, of 16 columns, from TEXT to END, where a newline or
// NUL is. Returns false when it is none. Leaves pages and seq alone.
bool sysvipc_parse_line(const char *text, const char *end, struct segment *row);

// Segment ID as shmctl(2) describes it: without rss, swap, pages and seq.
struct segment sysvipc_describe(int id, const struct shmid_ds *ds);

// Copies the listing's row of segment ID. Returns 1; 0 where there is none; -1 as sysvipc_read.
int sysvipc_look(int id, struct segment *row);

// The row with this id or (BY_KEY) this key, or NULL.
const struct segment *sysvipc_find(const struct segments *all, bool by_key, uint32_t value);

#endif
