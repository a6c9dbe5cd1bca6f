// SPDX-License-Identifier: MIT
// The segments of the IPC namespace as rows, from /proc/sysvipc/shm or, without it, by
// SHM_STAT_ANY.
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
    uint64_t key;  // the 32 bits of key_t; 0 if private or marked for destruction
    uint64_t id;   // shmid
    uint64_t mode; // permission bits, SHM_DEST, SHM_LOCKED
    uint64_t size; // bytes
    uint64_t nattch, cpid, lpid, uid, gid, cuid, cgid;
    uint64_t atime, dtime, ctime; // seconds since 1970; 0 is never
    uint64_t rss, swap;           // bytes, or SYSVIPC_UNKNOWN
    uint64_t pages;               // size in pages of PAGE_SIZE, as SHMALL counts them
    uint64_t seq;                 // ipc_perm.__seq, or SYSVIPC_UNKNOWN
    uint64_t ns, nspid; // inode of the IPC namespace and a process in it, or SYSVIPC_UNKNOWN
    // Set by columns_fill.
    uint64_t orphan, idle;
    const char *creator_command, *cgroup;
};

struct segments {
    struct segment *rows; // from memory_resize
    size_t count, room;
};

enum { SYSVIPC_ODD = -2 }; // the text is not a listing

// Fills *ALL (zeros, or the result of an earlier call) with every segment of the namespace, in the
// kernel's order. Returns 0; or -1 and errno of open(2), read(2) or shmctl(2); or SYSVIPC_ODD. A
// listing of more than 4,080 bytes is not an atomic snapshot (ipc/util.c: sysvipc_proc_*), but a
// segment that exists all the time is listed exactly once.
int sysvipc_read(struct segments *all);

// Ends the program with a line for RESULT of sysvipc_read, -1 (with errno) or SYSVIPC_ODD.
noreturn void sysvipc_die(int result);

// Appends a copy of *ROW.
void sysvipc_add(struct segments *all, const struct segment *row);

// Sorts them by ns, then id.
void sysvipc_sort(struct segments *all);

// Parses one line of /proc/sysvipc/shm, with 16 columns, from TEXT to END, where a newline or NUL
// has to be. Returns false if it is not such a line. Sets the fields that the line does not have to
// 0.
bool sysvipc_parse_line(const char *text, const char *end, struct segment *row);

// Segment ID as shmctl(2) describes it in *DS: rss and swap are unknown, pages and seq 0.
struct segment sysvipc_describe(int id, const struct shmid_ds *ds);

// Copies the row of segment ID from the listing. Returns 1; 0 if it is not listed; or -1 if the
// listing cannot be read.
int sysvipc_look(int id, struct segment *row);

// The row whose id or, if BY_KEY, key is VALUE, or NULL.
const struct segment *sysvipc_find(const struct segments *all, bool by_key, uint32_t value);

#endif
