// SPDX-License-Identifier: MIT
// The one caller of the System V interface, and what --trace prints of it.
#include "sysv.h"

#include "escape.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

bool sysv_trace;

struct symbol {
    int value;
    const char *name;
};

#define SYMBOL(value)                                                                              \
    {                                                                                              \
        value, #value                                                                              \
    }

static const struct symbol get_flags[] = {
    SYMBOL(IPC_CREAT), SYMBOL(IPC_EXCL), SYMBOL(SHM_HUGETLB), SYMBOL(SHM_NORESERVE), {0}};
static const struct symbol at_flags[] = {SYMBOL(SHM_RDONLY), {0}};
static const struct symbol commands[] = {
    SYMBOL(IPC_RMID), SYMBOL(IPC_SET),    SYMBOL(IPC_STAT),
    SYMBOL(IPC_INFO), SYMBOL(SHM_INFO),   SYMBOL(SHM_STAT_ANY),
    SYMBOL(SHM_LOCK), SYMBOL(SHM_UNLOCK), {0},
};
static const struct symbol sem_commands[] = {
    SYMBOL(IPC_RMID), SYMBOL(IPC_SET), SYMBOL(IPC_STAT), SYMBOL(GETNCNT),
    SYMBOL(GETPID),   SYMBOL(GETVAL),  SYMBOL(GETZCNT),  {0},
};
// strerrorname_np(3) would do, but musl has none.
static const struct symbol errors[] = {
    SYMBOL(EACCES), SYMBOL(EAGAIN),       SYMBOL(EEXIST),  SYMBOL(EFAULT), SYMBOL(EIDRM),
    SYMBOL(EINTR),  SYMBOL(EINVAL),       SYMBOL(EMFILE),  SYMBOL(ENFILE), SYMBOL(ENOENT),
    SYMBOL(ENOMEM), SYMBOL(ENOSPC),       SYMBOL(ENOSYS),  SYMBOL(EPERM),  SYMBOL(EOVERFLOW),
    SYMBOL(ELOOP),  SYMBOL(ENAMETOOLONG), SYMBOL(ENOTDIR), SYMBOL(ERANGE), {0},
};

static const char *symbol_name(const struct symbol *table, int value)
{
    while (table->name && table->value != value)
        table++;
    return table->name ? table->name : "?";
}

struct text {
    char text[96];
};

// FLAGS as "IPC_CREAT|IPC_EXCL|0600": bits without a symbol in TABLE are in octal.
static struct text spell_flags(const struct symbol *table, int flags)
{
    struct text spelled;
    size_t used = 0;

    // The page size of SHM_HUGETLB, as its logarithm.
    if (table == get_flags && (unsigned)flags >> SYSV_HUGE_SHIFT) {
        used = (size_t)snprintf(spelled.text, sizeof spelled.text, "%u<<%d|",
                                (unsigned)flags >> SYSV_HUGE_SHIFT, SYSV_HUGE_SHIFT);
        flags &= (1 << SYSV_HUGE_SHIFT) - 1;
    }
    for (; table->name; table++) {
        if (flags & table->value)
            used += (size_t)snprintf(spelled.text + used, sizeof spelled.text - used, "%s|",
                                     table->name);
        flags &= ~table->value;
    }
    if (flags || !used)
        snprintf(spelled.text + used, sizeof spelled.text - used, "%#o", (unsigned)flags);
    else
        spelled.text[used - 1] = '\0';
    return spelled;
}

static struct text spell_key(key_t key)
{
    struct text spelled = {"IPC_PRIVATE"};

    if (key != IPC_PRIVATE)
        snprintf(spelled.text, sizeof spelled.text, "0x%08x", (unsigned)key);
    return spelled;
}

static struct text spell_buffer(int command, const void *buffer)
{
    struct text spelled = {"NULL"};
    const struct ipc_perm *perm = buffer; // the first member of shmid_ds and of semid_ds

    if (command == IPC_INFO || command == SHM_INFO)
        return (struct text){"&info"};
    if (buffer && command == IPC_SET)
        snprintf(spelled.text, sizeof spelled.text, "&{uid=%u, gid=%u, mode=%#o}",
                 (unsigned)perm->uid, (unsigned)perm->gid, (unsigned)perm->mode);
    else if (buffer)
        return (struct text){"&ds"};
    return spelled;
}

static struct text spell_timeout(const struct timespec *timeout)
{
    struct text spelled = {"NULL"};

    if (timeout)
        snprintf(spelled.text, sizeof spelled.text, "&{%jd, %ld}", (intmax_t)timeout->tv_sec,
                 timeout->tv_nsec);
    return spelled;
}

// Prints the call, formatted by FORMAT, and its RESULT; keeps errno.
__attribute__((format(printf, 2, 3))) static void trace(intptr_t result, const char *format, ...)
{
    int error = errno;
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    if (result == -1)
        fprintf(stderr, " = -1 %s\n", symbol_name(errors, error));
    else
        fprintf(stderr, result > INT32_MAX ? " = %#jx\n" : " = %jd\n", (intmax_t)result);
    errno = error;
}

int sysv_shmget(key_t key, size_t size, int flags)
{
    int id = shmget(key, size, flags);

    if (sysv_trace)
        trace(id, "shmget(%s, %zu, %s)", spell_key(key).text, size,
              spell_flags(get_flags, flags).text);
    return id;
}

void *sysv_shmat(int id, int flags)
{
    void *address = shmat(id, NULL, flags);

    if (sysv_trace)
        trace((intptr_t)address, "shmat(%d, NULL, %s)", id, spell_flags(at_flags, flags).text);
    return address;
}

int sysv_shmdt(const void *address)
{
    int result = shmdt(address);

    if (sysv_trace)
        trace(result, "shmdt(%p)", address);
    return result;
}

int sysv_shmctl(int id, int command, void *buffer)
{
    int result = shmctl(id, command, buffer);

    if (sysv_trace)
        trace(result, "shmctl(%d, %s, %s)", id, symbol_name(commands, command),
              spell_buffer(command, buffer).text);
    return result;
}

int sysv_info(struct sysv_info *info)
{
    const bool done =
        sysv_shmctl(0, IPC_INFO, &info->limits) >= 0 && sysv_shmctl(0, SHM_INFO, &info->used) >= 0;

    return done ? 0 : -1;
}

int sysv_semget(key_t key, int count, int flags)
{
    int id = semget(key, count, flags);

    if (sysv_trace)
        trace(id, "semget(%s, %d, %s)", spell_key(key).text, count,
              spell_flags(get_flags, flags).text);
    return id;
}

int sysv_take(int id, const struct timespec *timeout)
{
    int result = semtimedop(id, (struct sembuf[]){{0, 0, 0}, {0, 1, SEM_UNDO}}, 2, timeout);

    if (sysv_trace)
        trace(result, "semtimedop(%d, {{0, 0, 0}, {0, 1, SEM_UNDO}}, 2, %s)", id,
              spell_timeout(timeout).text);
    return result;
}

int sysv_semctl(int id, int member, int command, struct semid_ds *ds)
{
    const union {
        int value;
        struct semid_ds *ds;
    } argument = {.ds = ds};
    int result = semctl(id, member, command, argument);

    if (sysv_trace)
        trace(result, ds ? "semctl(%d, %d, %s, %s)" : "semctl(%d, %d, %s)", id, member,
              symbol_name(sem_commands, command), spell_buffer(command, ds).text);
    return result;
}

key_t sysv_ftok(const char *path, int project)
{
    char escaped[ESCAPE_MOST(PATH_MAX) + 1];
    key_t key;

    errno = 0;
    key = ftok(path, project);
    if (key != -1)
        errno = 0;
    if (!sysv_trace)
        return key;
    escaped[escape_text(escaped, path, strnlen(path, PATH_MAX), "", false).written] = '\0';
    if (errno)
        trace(-1, "ftok(\"%s\", %d)", escaped, project);
    else
        fprintf(stderr, "ftok(\"%s\", %d) = 0x%08x\n", escaped, project, (unsigned)key);
    return key;
}
