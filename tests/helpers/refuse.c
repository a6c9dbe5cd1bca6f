// SPDX-License-Identifier: MIT
// refuse CALL [WHAT] ERRNO COMMAND...: runs COMMAND, in which this system call fails with ERRNO, by
// a seccomp filter. WHAT: only with this command (shmctl IPC_SET), or with this flag (open
// O_TMPFILE). open and link are each way to do that.
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif
#define ALL         (-1)
#define NAMED(name) #name, name

// ARGUMENT: of which number WHAT is looked for; a flag if FLAG, else equal.
static const struct {
    const char *name;
    long call;
    int argument;
    int flag;
} calls[] = {
    {"shmat", SYS_shmat, ALL, 0},     {"shmctl", SYS_shmctl, 1, 0},
    {"mincore", SYS_mincore, ALL, 0}, {"open", SYS_openat, 2, 1},
#ifdef SYS_open
    {"open", SYS_open, 1, 1},
#endif
    {"link", SYS_linkat, ALL, 0},
#ifdef SYS_link
    {"link", SYS_link, ALL, 0},
#endif
};

static const struct {
    const char *name;
    int value;
} words[] = {
    {NAMED(IPC_RMID)},
    {NAMED(IPC_SET)},
    {NAMED(IPC_STAT)},
    {NAMED(SHM_LOCK)},
    {NAMED(SHM_UNLOCK)},
    {NAMED(SHM_STAT_ANY)},
    {"O_TMPFILE", O_TMPFILE & ~O_DIRECTORY},
    {NAMED(EAGAIN)},
    {NAMED(EIDRM)},
    {NAMED(EINVAL)},
    {NAMED(ENOSYS)},
    {NAMED(EOPNOTSUPP)},
    {NAMED(EPERM)},
};

static int value_of(const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i].name, word))
            return words[i].value;
    fprintf(stderr, "refuse: %s is not known\n", word);
    exit(2);
}

// One system call as a filter: it returns the errno, or ends with "allow".
static void refuse(long call, int argument, int flag, const int *what, int error)
{
    // Of an argument the lower half counts.
    const size_t half = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;
    const size_t place = offsetof(struct seccomp_data, args) + 8 * (size_t)argument + half;
    struct sock_filter all[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_filter some[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)place),
        BPF_JUMP(BPF_JMP | (flag ? BPF_JSET : BPF_JEQ) | BPF_K, what ? (unsigned)*what : 0, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {
        .len = what ? sizeof some / sizeof *some : sizeof all / sizeof *all,
        .filter = what ? some : all,
    };

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("refuse");
        exit(2);
    }
}

int main(int argc, char **argv)
{
    int what, error, found = 0;
    const int *which = NULL;
    char **word = argv + 2;

    if (argc < 4)
        return 2;
    if (*argv[2] != 'E') {
        what = value_of(*word++);
        which = &what;
    }
    error = value_of(*word++);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (!strcmp(calls[i].name, argv[1]) && (!which || calls[i].argument != ALL)) {
            refuse(calls[i].call, calls[i].argument, calls[i].flag, which, error);
            found = 1;
        }
    if (!found) {
        fprintf(stderr, "refuse: %s is not known\n", argv[1]);
        return 2;
    }
    execvp(*word, word);
    perror(*word);
    return 127;
}
