// SPDX-License-Identifier: MIT
// populate COUNT SEED: creates COUNT random segments: sizes from 1 to 2^62, keys and modes of all
// kinds, by several processes and for several accounts, attached, locked, marked for destruction.
// Prints "ready" when they no longer change, and keeps them attached until stdin ends.
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#define CREATORS    16
#define ATTACH_MOST ((size_t)1 << 30) // a table of pages for more would take long to walk

static uint64_t random_state;

// splitmix64.
static uint64_t next_random(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static uint64_t below(uint64_t bound)
{
    return next_random() % bound;
}

static void require(bool held, const char *what)
{
    if (held)
        return;
    perror(what);
    exit(1);
}

// An account with a short name, a long name or none.
static unsigned random_account(void)
{
    static const unsigned accounts[] = {0,     0,    1,     6,          33,        42,
                                        65534, 1000, 12345, 2147483648, 4294967294};
    const uint64_t chosen = below(16);

    return chosen < sizeof accounts / sizeof *accounts ? accounts[chosen]
                                                       : 98 + (unsigned)below(12);
}

static uint64_t random_size(void)
{
    const uint64_t power = (uint64_t)1 << below(63);

    switch (below(4)) {
    case 0:
        return 1 + below(70000);
    case 1:
        return power > 1 ? power - below(2) : 1;
    case 2:
        return power + below(2) * (power < (uint64_t)1 << 62);
    default:
        return 1 + below(power);
    }
}

static key_t random_key(void)
{
    static const key_t edges[] = {1, -1, INT32_MAX, INT32_MIN};
    const uint64_t kind = below(8);

    return kind < 3    ? IPC_PRIVATE
           : kind == 3 ? edges[below(4)]
           : kind == 4 ? (key_t)below(1000)
                       : (key_t)next_random();
}

// Names the id of the next segment, so that all sequence numbers occur.
static void choose_id(void)
{
    const int fd = open("/proc/sys/kernel/shm_next_id", O_WRONLY | O_CLOEXEC);

    if (fd >= 0) {
        dprintf(fd, "%u", (unsigned)(below(65536) << 15 | below(30000)));
        close(fd);
    }
}

// A key may be taken; then another is tried.
static void create(void)
{
    const unsigned user = random_account(), group = random_account();
    int id = -1;

    choose_id();
    require(setegid(group) == 0 && seteuid(user) == 0, "seteuid");
    while (id < 0)
        id = shmget(random_key(), random_size(),
                    IPC_CREAT | IPC_EXCL | SHM_NORESERVE | (int)below(01000));
    require(seteuid(0) == 0 && setegid(0) == 0, "seteuid");
}

// Touches a few pages of a mapping.
static void touch(char *memory, size_t size)
{
    for (uint64_t pages = below(6); pages > 0; pages--)
        memory[below(size)] = 1;
}

// Attaches and detaches it, and leaves some of that.
static void use(int id, const struct shmid_ds *ds)
{
    bool kept = false;

    if (ds->shm_segsz > ATTACH_MOST || below(2))
        return;
    for (uint64_t times = below(4); times > 0; times--) {
        char *memory = shmat(id, NULL, 0);

        require(memory != (void *)-1, "shmat");
        touch(memory, ds->shm_segsz);
        if (below(4)) {
            if (ds->shm_segsz > 4096 && !below(4)) // one attachment, two mappings
                mprotect(memory, 4096, PROT_READ);
            kept = true;
        } else {
            shmdt(memory);
        }
    }
    if (kept && below(2))
        require(shmctl(id, IPC_RMID, NULL) == 0, "IPC_RMID");
}

static void change(int id, struct shmid_ds *ds)
{
    if (below(3)) {
        ds->shm_perm.uid = random_account();
        ds->shm_perm.gid = random_account();
        require(shmctl(id, IPC_SET, ds) == 0, "IPC_SET");
    }
    if (!below(4))
        require(shmctl(id, SHM_LOCK, NULL) == 0, "SHM_LOCK");
}

// Changes the share number FIRST of the segments: also what others have created.
static void change_all(int first)
{
    struct shm_info info;
    const int highest = shmctl(0, SHM_INFO, (struct shmid_ds *)&info);

    for (int index = first; index <= highest; index += CREATORS / 2) {
        struct shmid_ds ds;
        const int id = shmctl(index, SHM_STAT_ANY, &ds);

        if (id < 0)
            continue;
        change(id, &ds);
        use(id, &ds);
    }
}

// What a process does: create its share, then, when all have, change its share. Every other one
// ends before the listing, so that its segments have lost their creator.
static void work(int number, uint64_t share, const int created[2], const int done[2])
{
    char byte = 0;

    random_state += (uint64_t)number << 48;
    while (share-- > 0)
        create();
    require(write(done[1], &byte, 1) == 1 && read(created[0], &byte, 1) == 1, "pipe");
    if (number % 2 == 0)
        change_all(number / 2);
    require(write(done[1], &byte, 1) == 1, "pipe");
    if (number % 2 == 0)
        while (read(STDIN_FILENO, &byte, 1) > 0) {
        }
    _exit(0);
}

static void await(int fd, char bytes[CREATORS])
{
    for (int i = 0; i < CREATORS; i++)
        require(read(fd, bytes + i, 1) == 1, "pipe");
}

int main(int argc, char **argv)
{
    const uint64_t count = argc > 2 ? strtoull(argv[1], NULL, 10) : 0;
    char bytes[CREATORS] = {0};
    int created[2], done[2];
    pid_t children[CREATORS];

    if (argc < 3)
        return 2;
    random_state = strtoull(argv[2], NULL, 10);
    require(pipe2(created, O_CLOEXEC) == 0 && pipe2(done, O_CLOEXEC) == 0, "pipe2");
    for (int i = 0; i < CREATORS; i++) {
        children[i] = fork();
        require(children[i] >= 0, "fork");
        if (children[i] == 0)
            work(i, count / CREATORS + ((uint64_t)i < count % CREATORS), created, done);
    }
    close(done[1]);
    await(done[0], bytes);
    require(write(created[1], bytes, CREATORS) == CREATORS, "pipe");
    await(done[0], bytes);
    for (int i = 1; i < CREATORS; i += 2)
        waitpid(children[i], NULL, 0);
    puts("ready");
    fflush(stdout);
    for (int i = 0; i < CREATORS; i += 2)
        waitpid(children[i], NULL, 0);
    return 0;
}
