// SPDX-License-Identifier: MIT
// semlock: run a command while holding the lock of a key. The lock is member 0 of a semaphore set:
// 0 when free, and SEM_UNDO frees it however its holder ends. Member 1 is never used; it only tells
// such a set from the one-member sets of other programs, where 1 means free.
#include "commands.h"
#include "process.h"
#include "sysv.h"
#include "sysvipc.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static struct number patience; // seconds
static bool remove_it;
static struct segments all; // lives until the end

static const struct option_row rows[] = {
    {'w', "wait", ARGUMENT_SECONDS, 'r', .number = &patience,
     .help = "wait at most this long for the lock; 0: do not wait"},
    {0, "remove", ARGUMENT_NONE, 'r', .flag = &remove_it,
     .help = "remove the lock, if nobody holds it or waits for it"},
    {0},
};

enum { MEMBERS = 2, GONE = -1 }; // GONE, beside the statuses: there is no such set, or no longer

struct lock {
    uint32_t key;
    const struct segment *segment; // with that key, or NULL
    int set;
    struct semid_ds ds; // of the set; sem_nsems is 0 while it is unknown
};

#define fail(lock, format, ...)                                                                    \
    report(STATUS_ITSELF, "key 0x%08" PRIx32 ": " format, (lock)->key, __VA_ARGS__)

static int fail_errno(const struct lock *lock)
{
    const int error = errno;
    const char *hint =
        error == EACCES   ? ": the lock takes read and write permission on its set"
        : error == EPERM  ? ": only owner, creator and root may remove the lock"
        : error == EIDRM  ? ": somebody removed the lock"
        : error == EINVAL ? ": the segment's owner or group has no id in this user namespace"
        : error == ENOSPC ? ": a limit of semaphores is exhausted (sysctl kernel.sem)"
                          : "";
    char owner[64] = "";

    if (lock->ds.sem_nsems)
        snprintf(owner, sizeof owner, " (owner uid %u, mode %04o)", lock->ds.sem_perm.uid,
                 (unsigned)lock->ds.sem_perm.mode);
    return fail(lock, "%s%s%s", strerror(error), hint, owner);
}

static int resolve(const struct segment_name *name, struct lock *lock)
{
    if (sysvipc_read(&all) != 0)
        return report_listing();
    lock->segment = sysvipc_find(&all, name->by_key, name->value);
    if (!name->by_key && !lock->segment)
        return report_missing(name);
    lock->key = name->by_key ? name->value : (uint32_t)lock->segment->key;
    if (!lock->key)
        return report(STATUS_FAILED, "%s: the segment has no key by which to find its lock",
                      name->text);
    return STATUS_DONE;
}

// Anybody can make a set with this key, and give it to any owner.
static bool is_trusted(const struct lock *lock)
{
    const struct ipc_perm *perm = &lock->ds.sem_perm;

    return process_is_self(perm->cuid) || perm->cuid == 0 ||
           (lock->segment && perm->cuid == lock->segment->cuid && process_is_certain(perm->cuid)) ||
           (remove_it && process_is_self(perm->uid));
}

static int open_existing(struct lock *lock)
{
    int spare = 0;

    lock->set = sysv_semget((key_t)lock->key, 0, 0);
    if (lock->set < 0)
        return errno == ENOENT ? GONE : fail_errno(lock);
    if (sysv_semctl(lock->set, 0, IPC_STAT, &lock->ds) != 0 ||
        (lock->ds.sem_nsems == MEMBERS && (spare = sysv_semctl(lock->set, 1, GETVAL, NULL)) < 0))
        return errno == EINVAL || errno == EIDRM ? GONE : fail_errno(lock);
    if (lock->ds.sem_nsems != MEMBERS || spare)
        return fail(lock, "semaphore set %d is not a lock: that has two members, the second 0",
                    lock->set);
    if (!is_trusted(lock))
        return fail(lock,
                    "semaphore set %d was created by uid %u, who is neither you nor root nor the "
                    "segment's creator: root can remove it, ipcrm -s %d",
                    lock->set, lock->ds.sem_perm.cuid, lock->set);
    return STATUS_DONE;
}

static int create_or_open(struct lock *lock)
{
    const struct segment *segment = lock->segment;
    const unsigned mode = segment ? (unsigned)segment->mode & 0777 : 0600;
    int status;

    lock->set = sysv_semget((key_t)lock->key, MEMBERS, IPC_CREAT | IPC_EXCL | (int)mode);
    if (lock->set < 0)
        return errno == EEXIST ? open_existing(lock) : fail_errno(lock);
    if (!segment)
        return STATUS_DONE;
    lock->ds = (struct semid_ds){.sem_nsems = MEMBERS};
    lock->ds.sem_perm.uid = (uid_t)segment->uid;
    lock->ds.sem_perm.gid = (gid_t)segment->gid;
    lock->ds.sem_perm.mode = (unsigned short)mode;
    if (process_misnames(segment->uid, segment->gid))
        errno = EINVAL;
    else if (sysv_semctl(lock->set, 0, IPC_SET, &lock->ds) == 0)
        return STATUS_DONE;
    status = fail_errno(lock);
    sysv_semctl(lock->set, 0, IPC_RMID, NULL);
    return status;
}

static int64_t nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

static int take(const struct lock *lock)
{
    struct sembuf operations[] = {{0, 0, 0}, {0, 1, SEM_UNDO}};
    struct timespec timeout = {.tv_sec = (time_t)patience.value};
    const int64_t end = nanoseconds() + timeout.tv_sec * 1000000000;

    while (sysv_semop(lock->set, operations, 2, patience.given ? &timeout : NULL) != 0) {
        int64_t left = end - nanoseconds();

        if (errno == EAGAIN)
            return report(remove_it ? STATUS_ITSELF : STATUS_TIMED_OUT,
                          "key 0x%08" PRIx32 ": the lock is held; process %d took it last",
                          lock->key, sysv_semctl(lock->set, 0, GETPID, NULL));
        if (errno != EINTR)
            return errno == EINVAL ? GONE : fail_errno(lock);
        // It was stopped and continued.
        left = left > 0 ? left : 0;
        timeout = (struct timespec){left / 1000000000, left % 1000000000};
    }
    return STATUS_DONE;
}

static int acquire(struct lock *lock)
{
    int status;

    do {
        status = create_or_open(lock);
        if (status == STATUS_DONE)
            status = take(lock);
    } while (status == GONE);
    return status;
}

static int remove_lock(struct lock *lock)
{
    int status = open_existing(lock), waiting = 0;

    // While it is held here nobody can take it; the end of this process frees it.
    patience.given = true;
    if (status == STATUS_DONE)
        status = take(lock);
    if (status == GONE)
        return fail(lock, "%s", "there is no lock");
    for (int i = 0; status == STATUS_DONE && i < 2 * MEMBERS; i++) {
        const int count = sysv_semctl(lock->set, i / 2, i % 2 ? GETZCNT : GETNCNT, NULL);

        if (count < 0)
            return fail_errno(lock);
        waiting += count;
    }
    if (waiting > 0)
        return fail(lock, "the lock stays: %d processes wait for it", waiting);
    if (status == STATUS_DONE && sysv_semctl(lock->set, 0, IPC_RMID, NULL) != 0)
        return fail_errno(lock);
    return status;
}

static int run(int count, char **operands)
{
    struct lock lock = {0};
    struct segment_name name;
    const char *why = parse_segment(operands[0], &name);
    int status;

    if (why)
        return misuse("SEGMENT '%s': %s", operands[0], why);
    if (count > 1 && remove_it)
        return misuse("unexpected operand '%s'", operands[1]);
    if (count == 1 && !remove_it)
        return misuse("missing operand: COMMAND");
    if (resolve(&name, &lock) != STATUS_DONE)
        return STATUS_ITSELF;
    status = remove_it ? remove_lock(&lock) : acquire(&lock);
    if (status != STATUS_DONE || remove_it)
        return status;
    // Not in a child: that would not hold the lock.
    execvp(operands[1], operands + 1);
    status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
    return report(status, "%s: %s", operands[1], strerror(errno));
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
