// SPDX-License-Identifier: MIT
// semlock: run a command while holding the lock of a key. The lock is member 0 of a semaphore set:
// it is 0 when free, and SEM_UNDO frees it however its holder ends. Member 1 is never used; it only
// distinguishes the set from other programs' sets of one member, where 1 means free.
#include "caller.h"
#include "clock.h"
#include "command.h"
#include "lock.h"
#include "segment.h"
#include "sysv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static struct number patience; // nanoseconds
static bool remove_it;

static const struct option_row rows[] = {
    {'w', "wait", ARGUMENT_SECONDS, 'r', .number = &patience,
     .help = "wait at most this long; 0: do not wait"},
    {0, "remove", ARGUMENT_NONE, 'r', .flag = &remove_it,
     .help = "remove the lock if nobody holds or awaits it"},
    {0},
};

struct lock {
    uint32_t key;
    const struct segment *segment; // the one with that key, or NULL
    int set;
    struct semid_ds ds; // describes the set; sem_nsems is 0 until it is known
};

#define die_lock(lock, format, ...)                                                                \
    die(STATUS_ITSELF, "key 0x%08" PRIx32 ": " format, (lock)->key, __VA_ARGS__)

// Dies with a line for ERROR, the errno of a call on the lock's set.
noreturn static void die_lock_errno(const struct lock *lock, int error)
{
    const char *hint =
        error == EACCES  ? ": the lock needs read and write permission on its semaphore set"
        : error == EPERM ? ": only its owner, its creator and root may remove the lock"
        : error == EINVAL && lock->set < 0
            ? ": a lock needs two semaphores, more than SEMMSL allows (sysctl kernel.sem)"
        : error == EINVAL ? ": the segment's owner or group has no id in this user namespace"
        : error == ENOSPC ? ": a limit on semaphores is reached (sysctl kernel.sem)"
                          : "";
    char owner[64] = "";

    if (lock->ds.sem_nsems)
        snprintf(owner, sizeof owner, " (owner uid %u, mode %04o)", lock->ds.sem_perm.uid,
                 (unsigned)lock->ds.sem_perm.mode);
    die_lock(lock, "%s%s%s", strerror(error), hint, owner);
}

static struct lock resolve(const struct segment_name *name)
{
    static struct segment segment;
    const int outcome = segment_look_up(name, &segment);
    struct lock lock = {.segment = outcome == OUTCOME_DONE ? &segment : NULL};

    if (outcome != OUTCOME_DONE && !(outcome == OUTCOME_MISSING && name->by_key))
        finish(explain_segment(name, outcome));
    lock.key = name->by_key ? name->value : (uint32_t)segment.key;
    if (!lock.key)
        die(STATUS_FAILED, "%s: the segment has no key, and only a key has a lock", name->text);
    return lock;
}

// The set's mode: everyone who may read the segment can take the lock, and its owner always can.
static unsigned lock_mode(const struct segment *segment)
{
    unsigned mode = 0600;

    for (unsigned shift = 0; segment && shift <= 6; shift += 3)
        if (segment->mode >> shift & 4)
            mode |= 6U << shift;
    return mode;
}

// Whether errno of a call on a set can mean that the set is gone.
static bool is_gone(void)
{
    return errno == EINVAL || errno == EIDRM;
}

// Whether a call failed because the set is gone: EINVAL can have other reasons.
static bool has_gone(const struct lock *lock)
{
    return is_gone() && sysv_semctl(lock->set, 0, IPC_STAT, &(struct semid_ds){0}) != 0 &&
           is_gone();
}

// Anyone can create a set with this key and give it any owner, so its creator is what counts.
static bool is_trusted(const struct lock *lock)
{
    const struct ipc_perm *perm = &lock->ds.sem_perm;
    const struct segment *segment = lock->segment;

    return caller_is(perm->cuid) || perm->cuid == 0 ||
           (segment && (perm->cuid == segment->cuid || perm->cuid == segment->uid) &&
            caller_knows(perm->cuid)) ||
           (remove_it && caller_is(perm->uid));
}

// Returns whether there is a set; dies if it is not a lock, or not one to trust.
static bool open_existing(struct lock *lock)
{
    int is_lock;

    lock->set = sysv_semget((key_t)lock->key, 0, 0);
    if (lock->set < 0 && errno == ENOENT)
        return false;
    if (lock->set < 0)
        die_lock_errno(lock, errno);
    is_lock = lock_check(lock->set, &lock->ds);
    if (is_lock < 0 && is_gone())
        return false;
    if (is_lock < 0)
        die_lock_errno(lock, errno);
    if (!is_lock)
        die_lock(lock, "semaphore set %d is not a lock: a lock has two semaphores, the second 0",
                 lock->set);
    if (!is_trusted(lock))
        die_lock(lock,
                 "semaphore set %d was created by uid %u, who is neither you nor root nor the "
                 "segment's owner or creator: root can remove it with ipcrm -s %d",
                 lock->set, lock->ds.sem_perm.cuid, lock->set);
    return true;
}

static bool is_shared(const struct lock *lock)
{
    const struct ipc_perm *perm = &lock->ds.sem_perm;

    return !lock->segment || (perm->uid == lock->segment->uid && perm->gid == lock->segment->gid &&
                              caller_knows(perm->uid));
}

// Whether the caller may now give an existing set to the segment's owner, who could then remove it.
// Anyone can create a segment with this key, so a lock that was ever used is given away only if the
// caller created the segment too.
static bool may_share(const struct lock *lock)
{
    return caller_is(lock->ds.sem_perm.cuid) &&
           (lock->ds.sem_otime == 0 || caller_is(lock->segment->cuid));
}

// Gives the set to the segment's owner and group. Returns false if the set is gone. Dies if that
// fails, and then first removes a set that was MADE just now, unless somebody already holds it.
static bool share(struct lock *lock, bool made)
{
    struct ipc_perm *perm = &lock->ds.sem_perm;
    int error = EINVAL;

    perm->uid = (uid_t)lock->segment->uid;
    perm->gid = (gid_t)lock->segment->gid;
    if (!caller_misnames(perm->uid, perm->gid)) {
        if (sysv_semctl(lock->set, 0, IPC_SET, &lock->ds) == 0)
            return true;
        error = errno;
        if (has_gone(lock)) // else EINVAL means that an id is not mapped
            return false;
    }
    if (made && sysv_take(lock->set, &(struct timespec){0}) == 0)
        sysv_semctl(lock->set, 0, IPC_RMID, NULL);
    die_lock_errno(lock, error);
}

static bool become(uint64_t uid, uint64_t gid)
{
    return setegid((gid_t)gid) == 0 && seteuid((uid_t)uid) == 0;
}

// Creates the set. If the caller may take on the ids of the segment's owner, and may still use a
// set that belongs to them, creates it with those ids, so that it is the owner's from the start.
// Returns like semget(2).
static int make_set(struct lock *lock)
{
    const struct segment *segment = lock->segment;
    const unsigned mode = lock_mode(segment);
    const uid_t uid = geteuid();
    const gid_t gid = getegid();
    int set, error, death = 0;

    // The kernel clears this signal when the effective id changes (prctl(2)); COMMAND should keep
    // it.
    prctl(PR_GET_PDEATHSIG, &death);
    if (segment && caller_uses_all() && !caller_misnames(segment->uid, segment->gid))
        become(segment->uid, segment->gid);
    set = sysv_semget((key_t)lock->key, LOCK_MEMBERS, IPC_CREAT | IPC_EXCL | (int)mode);
    error = errno;
    if (set >= 0) {
        lock->ds.sem_nsems = LOCK_MEMBERS;
        lock->ds.sem_perm.uid = geteuid();
        lock->ds.sem_perm.gid = getegid();
        lock->ds.sem_perm.mode = (unsigned short)mode;
    }
    if ((geteuid() != uid && seteuid(uid) != 0) || (getegid() != gid && setegid(gid) != 0))
        die_errno("cannot restore the user and group ids");
    prctl(PR_SET_PDEATHSIG, death);
    errno = error;
    return set;
}

// Whether the caller may create the lock. A set created by anyone but root, the owner and those who
// may read the segment would shut all of these out.
static bool may_lock(const struct segment *segment)
{
    return geteuid() == 0 || caller_is(segment->uid) ||
           sysv_shmget((key_t)segment->key, 0, 0400) >= 0 || errno != EACCES;
}

// Returns whether there is a lock now. A signal does not undo a new set, because others may hold it
// from the start. If an earlier run was killed before it shared its set, the set is shared now.
static bool create_or_open(struct lock *lock)
{
    // Before that, the segment does not have its final mode and owner, which the lock copies.
    const bool published = !lock->segment || segment_is_published(lock->segment);

    if (published && lock->segment && !may_lock(lock->segment))
        die_lock(lock, "%s: to take the lock you must be allowed to read segment %" PRIu64,
                 strerror(EACCES), lock->segment->id);
    lock->set = published ? make_set(lock) : -1;
    if (lock->set >= 0)
        return is_shared(lock) || share(lock, true);
    if (published && errno != EEXIST)
        die_lock_errno(lock, errno);
    if (open_existing(lock))
        return is_shared(lock) || !may_share(lock) || share(lock, false);
    if (!published)
        die_lock(lock, "segment %" PRIu64 " is not published yet: its mode is %04o",
                 lock->segment->id, (unsigned)lock->segment->mode & 0777);
    return false;
}

noreturn static void die_held(const struct lock *lock)
{
    const int last = sysv_semctl(lock->set, 0, GETPID, NULL);
    char who[64] = "";

    // It is 0 for a process in a pid namespace that is not visible here.
    if (last > 0)
        snprintf(who, sizeof who, "; process %d took it last", last);
    die(remove_it ? STATUS_ITSELF : STATUS_TIMED_OUT, "key 0x%08" PRIx32 ": the lock is held%s",
        lock->key, who);
}

// Waits for the lock, until END if -w is given, and takes it. Returns false if its set is gone.
static bool take(const struct lock *lock, int64_t end)
{
    for (;;) {
        const int64_t left = end - clock_now();
        const struct timespec timeout = clock_span(left > 0 ? left : 0);

        if (sysv_take(lock->set, patience.given ? &timeout : NULL) == 0)
            return true;
        if (errno == EAGAIN)
            die_held(lock);
        if (errno == EINTR) // this process was stopped and continued
            continue;
        if (!has_gone(lock))
            die_lock_errno(lock, errno);
        return false;
    }
}

// How many processes wait for MEMBER of the set: to be 0 (GETZCNT), or to increase (GETNCNT).
static int count_waiting(const struct lock *lock, int member, int command)
{
    const int count = sysv_semctl(lock->set, member, command, NULL);

    if (count < 0)
        die_lock_errno(lock, errno);
    return count;
}

static void remove_lock(struct lock *lock)
{
    int waiting = 0;

    // While this process holds the lock nobody else can take it; the end of the process frees it.
    patience.given = true;
    if (!open_existing(lock) || !take(lock, 0))
        die_lock(lock, "%s", "there is no lock");
    for (int member = 0; member < LOCK_MEMBERS; member++)
        waiting += count_waiting(lock, member, GETNCNT) + count_waiting(lock, member, GETZCNT);
    if (waiting > 0)
        die_lock(lock, "the lock was not removed; processes waiting for it: %d", waiting);
    if (sysv_semctl(lock->set, 0, IPC_RMID, NULL) != 0)
        die_lock_errno(lock, errno);
}

static int run(int count, char **operands)
{
    const struct segment_name *name = command_segments(1, operands);
    const int64_t end = clock_now() + (int64_t)patience.value;
    struct lock lock;

    if (count > 1 && remove_it)
        misuse("unexpected operand '%s'", operands[1]);
    if (count == 1 && !remove_it)
        misuse("missing operand: COMMAND");
    if (count > 1 && *operands[1] == '-')
        misuse("option '%s' must come before SEGMENT", operands[1]);
    if (remove_it) {
        lock = resolve(name);
        remove_lock(&lock);
        return STATUS_DONE;
    }
    do
        lock = resolve(name); // every time, as the segment may be another one by now
    while (!create_or_open(&lock) || !take(&lock, end));
    // Not in a child process, which would not hold the lock.
    execvp(operands[1], operands + 1);
    die(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE, "%s: %s", operands[1],
        strerror(errno));
}

const struct command cmd_semlock = {
    .name = "semlock",
    .summary = "Run a command while holding the lock of a segment's key.",
    .operands = "SEGMENT [COMMAND [ARG]...]",
    .fewest = 1,
    .most = OPERANDS_ANY,
    .options = rows,
    .runs_command = true,
    .run = run,
};
