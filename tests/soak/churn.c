// SPDX-License-Identifier: MIT
// Churns segments beside the stable ones, and tells what may not have been removed from what may.
#include "soak.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 120

enum guard { GUARD_NONE, GUARD_ATTACHED, GUARD_OWNER };

struct slot {
    int id;
    uint32_t key; // 0: empty
    enum guard guard;
    void *memory; // while it is attached
    bool settled; // it was guarded before rm compared it, so rm must keep it
};

static struct slot slots[SLOTS];
static unsigned number;
static uint32_t used;

uint64_t soak_size(uint32_t key)
{
    return 1 + key % 9973 * (key % 3 ? 1 : 1024);
}

static uint32_t index_of(uint32_t key)
{
    return key - CHURN_KEYS;
}

// The next key. One that was used long ago must have been listed if rm took it.
static uint32_t next_key(void)
{
    const uint32_t key = CHURN_KEYS + number * KEYS_EACH + used++ % KEYS_EACH;
    const uint32_t index = index_of(key);

    if (board->lost[index] && !board->listed[index])
        soak_defect("segment with key 0x%08x was removed but never listed by rm", key);
    board->lost[index] = board->listed[index] = false;
    return key;
}

// Asks for an id that another segment had a moment ago, mostly.
static int choose_id(void)
{
    const int wanted = soak_random(4) ? board->recent[soak_random(RECENT)] : -1;
    const int fd = wanted < 0 ? -1 : open("/proc/sys/kernel/shm_next_id", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    dprintf(fd, "%d", wanted);
    close(fd);
    return wanted;
}

static void create(struct slot *slot)
{
    const uint32_t key = next_key();
    const int wanted = choose_id();
    int id;

    if (seteuid(CHURN_USER) != 0)
        abort();
    id = shmget((key_t)key, soak_size(key), IPC_CREAT | IPC_EXCL | 0600);
    if (seteuid(0) != 0)
        abort();
    if (id < 0)
        return;
    *slot = (struct slot){.id = id, .key = key};
    board->reused += id == wanted;
}

// Whether the segment is still the slot's own and not marked.
static bool is_there(const struct slot *slot, struct shmid_ds *ds)
{
    return shmctl(slot->id, IPC_STAT, ds) == 0 && (uint32_t)ds->shm_perm.__key == slot->key;
}

static void forget(struct slot *slot)
{
    board->recent[soak_random(RECENT)] = slot->id;
    if (slot->memory)
        shmdt(slot->memory);
    slot->key = 0;
}

// Looks whether the segment is still there, and if not, whether rm might remove it. Nobody else
// has a settled one attached: rm is still to attach it, and will then find it guarded.
static bool check(struct slot *slot)
{
    struct shmid_ds ds;

    if (is_there(slot, &ds)) {
        if (slot->guard && ds.shm_nattch == (slot->memory != NULL))
            slot->settled = true;
        return true;
    }
    if (slot->settled)
        soak_defect("segment %d (key 0x%08x) was removed though it %s", slot->id, slot->key,
                    slot->guard == GUARD_ATTACHED ? "was attached" : "had another owner");
    board->lost[index_of(slot->key)] = true;
    forget(slot);
    return false;
}

static bool give_away(int id)
{
    struct shmid_ds ds;

    if (shmctl(id, IPC_STAT, &ds) != 0)
        return false;
    ds.shm_perm.uid = OTHER_USER;
    return shmctl(id, IPC_SET, &ds) == 0;
}

// Makes it one that rm may not take: attached, or somebody else's.
static void guard(struct slot *slot)
{
    void *memory = shmat(slot->id, NULL, 0);

    if (memory == (void *)-1 || !check(slot)) {
        if (memory != (void *)-1)
            shmdt(memory);
        return;
    }
    slot->memory = memory;
    slot->guard = soak_random(2) || !give_away(slot->id) ? GUARD_ATTACHED : GUARD_OWNER;
    if (!check(slot))
        return;
    board->guarded++;
    if (slot->guard == GUARD_OWNER) {
        shmdt(memory);
        slot->memory = NULL;
    }
}

// By its id, which may belong to another segment by now; an attached one cannot change.
static void destroy(struct slot *slot)
{
    void *memory = shmat(slot->id, NULL, SHM_RDONLY);

    if (check(slot)) {
        if (memory != (void *)-1 && shmctl(slot->id, IPC_RMID, NULL) == 0)
            forget(slot);
    }
    if (memory != (void *)-1)
        shmdt(memory);
}

static void change(struct slot *slot)
{
    struct shmid_ds ds;
    void *memory = shmat(slot->id, NULL, 0);

    if (check(slot) && memory != (void *)-1 && shmctl(slot->id, IPC_STAT, &ds) == 0) {
        ds.shm_perm.mode = (unsigned short)(0600 | soak_random(0100));
        shmctl(slot->id, IPC_SET, &ds);
    }
    if (memory != (void *)-1)
        shmdt(memory);
}

static void step(struct slot *slot)
{
    if (!slot->key)
        create(slot);
    else if (slot->guard)
        (soak_random(20) ? (void)check(slot) : destroy(slot));
    else if (!soak_random(8))
        guard(slot);
    else
        (soak_random(3) ? destroy : change)(slot);
    board->cycles++;
}

void churn(unsigned own_number)
{
    const struct timespec pause = {.tv_nsec = 1000000}; // leaves the processors to shmtool

    number = own_number;
    for (unsigned long steps = 0; !board->stop; steps++) {
        step(&slots[soak_random(SLOTS)]);
        if (steps % 4 == 0)
            nanosleep(&pause, NULL);
    }
    for (struct slot *slot = slots; slot < slots + SLOTS; slot++)
        if (slot->key)
            destroy(slot);
}
