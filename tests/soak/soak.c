// SPDX-License-Identifier: MIT
// soak SHMTOOL SECONDS: keeps STABLE segments unchanged beside churn, and runs SHMTOOL all the
// time: each listing must have every stable segment once and exactly, no removal may take what it
// must not, and memory must not grow.
#include "soak.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STABLE     6000
#define STABLE_KEY 0x70000000u // and up: those of odd numbers, their complements
#define INDEXES    32768
#define SLACK      512 // KiB by which memory may differ between two times of a run

enum form { FORM_TABLE, FORM_RAW, FORM_JSON, FORMS };

#define COLUMNS                                                                                    \
    "key,id,owner,group,creator,creator_group,uid,gid,cuid,cgid,mode,size,nattch,status,atime,"    \
    "dtime,ctime,cpid,lpid,rss,swap,pages,seq"

struct stable {
    int id;
    struct shmid_ds ds;
    bool touched;
    uint64_t hashes[FORMS]; // of its line in each form
    unsigned long seen;     // the last output that had it
};

// A run of shmtool, and what its output had.
struct output {
    const char *words[64];
    int count;
    uid_t user;
    enum form form;
    unsigned long number;
    unsigned stable;         // how many stable segments
    bool removing, unlisted; // unlisted: without /proc/sysvipc
    int status;              // -1: killed
    long peak;               // KiB
    FILE *messages;          // its stderr
};

// The most memory that a command had at first, and of late.
struct peaks {
    unsigned runs;
    long now, first, last;
};

struct board *board;
static const char *shmtool;
static struct stable stables[STABLE];
static short stable_at[INDEXES]; // the number of the stable segment with this index, plus one

uint64_t soak_random(uint64_t bound)
{
    static uint64_t state;

    if (!state)
        state = (uint64_t)getpid() * 0x9e3779b97f4a7c15;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % bound;
}

void soak_defect(const char *format, ...)
{
    char text[600];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (board->defects++ < 20)
        dprintf(STDOUT_FILENO, "%s\n", text);
}

static void require(bool held, const char *what)
{
    if (held)
        return;
    perror(what);
    exit(1);
}

// Of a line, with runs of spaces as one: the width of a table's columns depends on all rows.
static uint64_t hash_line(const char *line, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < length; i++)
        if (line[i] != ' ' || i == 0 || line[i - 1] != ' ')
            hash = (hash ^ (unsigned char)line[i]) * 0x100000001b3;
    return hash;
}

// TIME as JSON has it, or null.
static const char *spell_time(time_t value, char text[32])
{
    struct tm tm;

    strftime(text, 32, "\"%Y-%m-%dT%H:%M:%SZ\"", gmtime_r(&value, &tm));
    return value ? text : "null";
}

// As tables have it: exact in the largest unit that divides it, or rounded where that takes more
// than four digits.
static const char *spell_size(uint64_t size, char text[32])
{
    static const char units[] = " KMG";
    uint64_t exact = size, tenths = size * 10;
    int unit = 0;

    for (; exact % 1024 == 0; exact /= 1024)
        unit++;
    if (exact < 10000) {
        sprintf(text, "%ju%.*s", (uintmax_t)exact, unit > 0, units + unit);
        return text;
    }
    for (unit = 0; size >> unit * 10 >= 1024; unit++)
        tenths = (size * 20 / (UINT64_C(1024) << unit * 10) + 1) / 2;
    if (tenths == 10240) {
        tenths = 10;
        unit++;
    }
    sprintf(text, "%ju.%ju%c", (uintmax_t)(tenths / 10), (uintmax_t)(tenths % 10), units[unit]);
    return text;
}

// The account's name in quotes or null; without QUOTES the name or the number. Only root has one.
static const char *spell_name(unsigned id, bool quotes, char text[32])
{
    if (id)
        sprintf(text, quotes ? "null" : "%u", id);
    else
        strcpy(text, quotes ? "\"root\"" : "root");
    return text;
}

static void hash_json(struct stable *stable)
{
    static const char *statuses[] = {"", "\"dest\"", "\"locked\"", "\"dest\",\"locked\""};
    const struct shmid_ds *ds = &stable->ds;
    const struct ipc_perm *perm = &ds->shm_perm;
    const uintmax_t size = ds->shm_segsz, page = (uintmax_t)sysconf(_SC_PAGESIZE);
    char line[800], t[7][32];
    const int length = snprintf(
        line, sizeof line,
        "{\"key\":\"0x%08x\",\"id\":%d,\"owner\":%s,\"group\":%s,\"creator\":%s,"
        "\"creator_group\":%s,\"uid\":%u,\"gid\":%u,\"cuid\":%u,\"cgid\":%u,\"mode\":\"%04o\","
        "\"size\":%ju,\"nattch\":%ju,\"status\":[%s],\"atime\":%s,\"dtime\":%s,\"ctime\":%s,"
        "\"cpid\":%d,\"lpid\":%d,\"rss\":%d,\"swap\":0,\"pages\":%ju,\"seq\":%d}",
        (unsigned)perm->__key, stable->id, spell_name(perm->uid, true, t[0]),
        spell_name(perm->gid, true, t[1]), spell_name(perm->cuid, true, t[2]),
        spell_name(perm->cgid, true, t[3]), perm->uid, perm->gid, perm->cuid, perm->cgid,
        perm->mode & 0777, size, (uintmax_t)ds->shm_nattch, statuses[perm->mode >> 9 & 3],
        spell_time(ds->shm_atime, t[4]), spell_time(ds->shm_dtime, t[5]),
        spell_time(ds->shm_ctime, t[6]), ds->shm_cpid, ds->shm_lpid,
        stable->touched ? (int)page : 0, (size - 1) / page + 1, stable->id / INDEXES);

    stable->hashes[FORM_JSON] = hash_line(line, (size_t)length);
}

static void hash_text(struct stable *stable)
{
    static const char *statuses[] = {"-", "dest", "locked", "dest,locked"};
    const struct shmid_ds *ds = &stable->ds;
    const struct ipc_perm *perm = &ds->shm_perm;
    const uintmax_t size = ds->shm_segsz, page = (uintmax_t)sysconf(_SC_PAGESIZE);
    const uintmax_t times[] = {(uintmax_t)ds->shm_atime, (uintmax_t)ds->shm_dtime};
    const char *status = statuses[perm->mode >> 9 & 3];
    char line[800], t[6][32];
    int length = snprintf(line, sizeof line, "0x%08x %d %s %04o %s %ju %s", (unsigned)perm->__key,
                          stable->id, spell_name(perm->uid, false, t[0]), perm->mode & 0777,
                          spell_size(size, t[1]), (uintmax_t)ds->shm_nattch, status);

    stable->hashes[FORM_TABLE] = hash_line(line, (size_t)length);
    for (int i = 0; i < 2; i++)
        snprintf(t[4 + i], sizeof t[0], times[i] ? "%ju" : "-", times[i]);
    length = snprintf(line, sizeof line,
                      "0x%08x\t%d\t%s\t%s\t%s\t%s\t%u\t%u\t%u\t%u\t%04o\t%ju\t%ju\t%s\t%s\t%s\t%"
                      "jd\t%d\t%d\t%d\t0\t%ju\t%d",
                      (unsigned)perm->__key, stable->id, spell_name(perm->uid, false, t[0]),
                      spell_name(perm->gid, false, t[1]), spell_name(perm->cuid, false, t[2]),
                      spell_name(perm->cgid, false, t[3]), perm->uid, perm->gid, perm->cuid,
                      perm->cgid, perm->mode & 0777, size, (uintmax_t)ds->shm_nattch, status, t[4],
                      t[5], (intmax_t)ds->shm_ctime, ds->shm_cpid, ds->shm_lpid,
                      stable->touched ? (int)page : 0, (size - 1) / page + 1, stable->id / INDEXES);
    stable->hashes[FORM_RAW] = hash_line(line, (size_t)length);
}

// Some are attached, and of those some marked. What belongs to CHURN_USER is attached, so that rm
// leaves it alone.
static void use(struct stable *stable, unsigned number)
{
    for (unsigned times = number % 12 ? 0 : 1 + number % 3; times > 0; times--) {
        char *memory = shmat(stable->id, NULL, 0);

        require(memory != (void *)-1, "shmat");
        if (number % 24 == 0)
            *memory = 1;
    }
    if (number % 60 == 0)
        require(shmctl(stable->id, IPC_RMID, NULL) == 0, "IPC_RMID");
    else if (number % 7 == 0) // attached and detached
        require(shmdt(shmat(stable->id, NULL, SHM_RDONLY)) == 0, "shmdt");
}

static void create(struct stable *stable, unsigned number)
{
    static const unsigned owners[] = {CHURN_USER, OTHER_USER, 0, 0};
    const uint32_t key = STABLE_KEY + number;
    const size_t size = number % 4 ? 1 + number * 977 % 99991 : (1 + number % 50) * 1024;
    const int fd = open("/proc/sys/kernel/shm_next_id", O_WRONLY | O_CLOEXEC);

    require(dprintf(fd, "%u", number * 7919 % 60000 * INDEXES + number) > 0, "shm_next_id");
    close(fd);
    stable->id = shmget(number % 5 ? (key_t)(number % 2 ? ~key : key) : IPC_PRIVATE, size,
                        IPC_CREAT | IPC_EXCL | (int)(number & 0777));
    require(stable->id >= 0 && shmctl(stable->id, IPC_STAT, &stable->ds) == 0, "shmget");
    stable->ds.shm_perm.uid = owners[number % 12 ? 1 + number % 3 : 0];
    stable->ds.shm_perm.gid = owners[1 + number / 3 % 3];
    require(shmctl(stable->id, IPC_SET, &stable->ds) == 0, "IPC_SET");
    if (number % 10 == 0)
        require(shmctl(stable->id, SHM_LOCK, NULL) == 0, "SHM_LOCK");
    stable_at[stable->id % INDEXES] = (short)(number + 1);
}

// Makes the stable segments. The attachments are those of a process of their own, because each
// child of this one would inherit and so double them.
static pid_t make_stable(void)
{
    int ready[2];
    char byte = 0;
    pid_t holder;

    for (unsigned i = 0; i < STABLE; i++)
        create(&stables[i], i);
    require(pipe2(ready, O_CLOEXEC) == 0, "pipe");
    holder = fork();
    if (holder == 0) {
        for (unsigned i = 0; i < STABLE; i++)
            use(&stables[i], i);
        require(write(ready[1], &byte, 1) == 1, "pipe");
        pause();
    }
    close(ready[1]);
    require(holder > 0 && read(ready[0], &byte, 1) == 1, "the process that attaches");
    close(ready[0]);
    for (unsigned i = 0; i < STABLE; i++) {
        require(shmctl(stables[i].id, IPC_STAT, &stables[i].ds) == 0, "IPC_STAT");
        stables[i].touched = i % 24 == 0;
        hash_json(&stables[i]);
        hash_text(&stables[i]);
    }
    return holder;
}

// The key and the id of a row in any form; returns false where it is none.
static bool parse_row(const char *line, uint32_t *key, int *id)
{
    const bool json = !strncmp(line, "{\"key\":\"", 8);
    const char *text = json ? line + 8 : line;
    char *end;

    *key = (uint32_t)strtoul(text, &end, 16);
    if (strncmp(text, "0x", 2) != 0 || end != text + 10)
        return false;
    text = end + (json ? 7 : strspn(end, " \t"));
    *id = (int)strtol(text, &end, 10);
    return end > text;
}

static bool shows_size(const char *line, enum form form, uint64_t size)
{
    static const int fields_before[] = {[FORM_TABLE] = 4, [FORM_RAW] = 11};
    const char *at = form == FORM_JSON ? strstr(line, "\"size\":") : line;
    char text[32];
    size_t length;

    if (!at)
        return false;
    if (form == FORM_JSON)
        at += 7;
    for (int i = 0; form != FORM_JSON && i < fields_before[form]; i++) {
        at += strcspn(at, " \t");
        at += strspn(at, " \t");
    }
    if (form == FORM_TABLE)
        spell_size(size, text);
    else
        sprintf(text, "%ju", (uintmax_t)size);
    length = strlen(text);
    return !strncmp(at, text, length) && strspn(at + length, " \t,") > 0;
}

static void take_stable(struct output *output, struct stable *stable, const char *line)
{
    const size_t length = strlen(line), comma = length && line[length - 1] == ',';

    if (output->removing)
        soak_defect("rm means a stable segment: %s", line);
    if (stable->seen == output->number)
        soak_defect("%s: doubled: %s", output->words[1], line);
    if (stable->hashes[output->form] != hash_line(line, length - comma))
        soak_defect("%s: torn: %s", output->words[1], line);
    stable->seen = output->number;
    output->stable++;
}

static void take_churned(const struct output *output, uint32_t key, const char *line)
{
    if (key == 0)
        return; // marked
    if (key - CHURN_KEYS >= CHURNERS * KEYS_EACH || !shows_size(line, output->form, soak_size(key)))
        soak_defect("%s: torn: %s", output->words[1], line);
    else if (output->removing)
        board->listed[key - CHURN_KEYS] = true;
}

static void take_line(struct output *output, const char *line)
{
    uint32_t key;
    int id;

    if (parse_row(line, &key, &id)) {
        struct stable *stable = &stables[stable_at[id % INDEXES] - 1];

        if (stable_at[id % INDEXES] && stable->id == id)
            take_stable(output, stable, line);
        else
            take_churned(output, key, line);
    } else if (output->removing && !strncmp(line, "removed segment ", 16)) {
        board->removed++;
    } else if (strncmp(line, "KEY", 3) != 0 && strncmp(line, "{\"schema", 8) != 0 &&
               strcmp(line, "]}") != 0 && strcmp(line, "]") != 0 && !output->removing) {
        soak_defect("%s: no row: %s", output->words[1], line);
    }
}

static void take_lines(struct output *output, int fd)
{
    static char text[65536];
    size_t held = 0;
    ssize_t got;

    while ((got = read(fd, text + held, sizeof text - 1 - held)) > 0) {
        char *line = text, *newline;

        held += (size_t)got;
        text[held] = '\0';
        for (; (newline = strchr(line, '\n')); line = newline + 1) {
            *newline = '\0';
            take_line(output, line);
        }
        held -= (size_t)(line - text);
        memmove(text, line, held);
    }
    if (held)
        soak_defect("%s: ends in the middle of a line", output->words[1]);
}

// Hides /proc/sysvipc from this process alone.
static bool hide_listing(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", "/proc/sysvipc", "tmpfs", 0, NULL) == 0;
}

static pid_t start(const struct output *output, int *out, int messages)
{
    int fds[2];
    pid_t child;

    require(pipe2(fds, O_CLOEXEC) == 0, "pipe");
    fcntl(fds[0], F_SETPIPE_SZ, 1 << 20);
    child = vfork();
    if (child == 0) {
        dup2(fds[1], STDOUT_FILENO);
        dup2(messages, STDERR_FILENO);
        if (output->unlisted && !hide_listing())
            _exit(126);
        if (output->user && setresuid(output->user, output->user, output->user) != 0)
            _exit(126);
        execv(shmtool, (char **)output->words);
        _exit(127);
    }
    require(child > 0, "vfork");
    close(fds[1]);
    *out = fds[0];
    return child;
}

// Runs shmtool with the words of OUTPUT, and checks the rows that it prints.
static void run(struct output *output)
{
    static unsigned long outputs;
    struct rusage usage;
    int status, out;
    pid_t child;

    output->number = ++outputs;
    output->messages = fdopen(memfd_create("messages", MFD_CLOEXEC), "w+");
    require(output->messages != NULL, "memfd_create");
    child = start(output, &out, fileno(output->messages));
    take_lines(output, out);
    close(out);
    require(wait4(child, &status, 0, &usage) == child, "wait4");
    output->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    output->peak = usage.ru_maxrss;
    rewind(output->messages);
}

// Reports the messages that EXPECTED, which ends with NULL, does not have, and a status above
// WORST. Ends the run. Returns how many had the first of EXPECTED.
static unsigned long finish(struct output *output, int worst, const char *const *expected)
{
    char line[400];
    unsigned long first = 0;

    while (fgets(line, sizeof line, output->messages)) {
        const char *const *one = expected;

        while (*one && !strstr(line, *one))
            one++;
        first += one == expected && *one;
        if (!*one)
            soak_defect("unexpected: %s", line);
    }
    fclose(output->messages);
    if (output->status < 0 || output->status > worst || output->status == 2)
        soak_defect("%s: status %d", output->words[1], output->status);
    return first;
}

static void note_peak(struct peaks *peaks, long peak)
{
    peaks->now = peak > peaks->now ? peak : peaks->now;
    if (++peaks->runs % 20)
        return;
    peaks->last = peaks->now;
    peaks->first = peaks->first ? peaks->first : peaks->now;
    peaks->now = 0;
}

static void tell_peaks(const char *what, const struct peaks *peaks)
{
    dprintf(STDOUT_FILENO, "%s: %ld KiB at first, %ld KiB at last\n", what, peaks->first,
            peaks->last);
    if (!peaks->first)
        soak_defect("%s: too few runs to tell whether memory is flat", what);
    if (peaks->last > peaks->first + SLACK)
        soak_defect("%s takes more and more memory", what);
}

static void list_all(void)
{
    static const char *const names[] = {"list", "list -r", "list -J"};
    static struct peaks peaks[FORMS];

    while (!board->stop) {
        const enum form form = (enum form)(board->listings++ % FORMS);
        struct output output = {.words = {"shmtool", "list"}, .form = form};

        if (form == FORM_RAW)
            memcpy(output.words + 2, (const char *[]){"-r", "-o", COLUMNS}, 3 * sizeof(char *));
        else if (form == FORM_JSON)
            output.words[2] = "-J";
        else
            output.unlisted = !soak_random(4);
        run(&output);
        finish(&output, 0, (const char *[]){NULL});
        note_peak(&peaks[form], output.peak);
        if (output.stable == STABLE)
            continue;
        soak_defect("%s: %u stable segments", names[form], output.stable);
        for (unsigned i = 0; i < STABLE; i++)
            if (stables[i].seen != output.number)
                soak_defect("%s: missing: %d", names[form], stables[i].id);
    }
    for (unsigned i = 0; i < FORMS; i++)
        tell_peaks(names[i], &peaks[i]);
}

// Stable segments by id or key, and sometimes one that may have gone.
static void stat_some(void)
{
    static char texts[40][32];
    struct peaks peaks = {0};

    for (; !board->stop; board->stats++) {
        const bool json = soak_random(2), churned = soak_random(2);
        struct output output = {.words = {"shmtool", "stat", json ? "-J" : "-r", "-o", COLUMNS},
                                .count = 5,
                                .form = json ? FORM_JSON : FORM_RAW};
        const unsigned count = 1 + (unsigned)soak_random(39), from = (unsigned)soak_random(STABLE);

        for (unsigned i = 0; i < count; i++) {
            const struct stable *stable = &stables[(from + i * 277) % STABLE];
            const uint32_t key = (uint32_t)stable->ds.shm_perm.__key;

            sprintf(texts[i], key && i % 2 ? "0x%x" : "%u",
                    key && i % 2 ? key : (unsigned)stable->id);
            output.words[output.count++] = texts[i];
        }
        if (churned) {
            sprintf(texts[count], "%d", board->recent[soak_random(RECENT)]);
            output.words[output.count++] = texts[count];
        }
        run(&output);
        if (output.stable != count)
            soak_defect("stat: %u stable segments of %u", output.stable, count);
        finish(&output, churned ? 3 : 0,
               (const char *[]){churned ? "no such segment" : NULL, NULL});
        note_peak(&peaks, output.peak);
    }
    tell_peaks("stat", &peaks);
}

static void remove_churned(void)
{
    static const char *const expected[] = {"changed since it was listed", "no such segment",
                                           "is marked for destruction", "nothing to remove", NULL};
    struct peaks peaks = {0};

    while (!board->stop) {
        struct output output = {
            .words = {"shmtool", "rm", "-u", "23456", "--unattached", "--older-than", "0s", "-yv"},
            .user = soak_random(2) ? CHURN_USER : 0,
            .removing = true};

        run(&output);
        board->removals++;
        board->kept += finish(&output, 3, expected);
        note_peak(&peaks, output.peak);
    }
    tell_peaks("rm", &peaks);
}

static long peak_of(pid_t pid)
{
    char path[64], line[256];
    long peak = 0;
    FILE *status;

    sprintf(path, "/proc/%d/status", pid);
    status = fopen(path, "re");
    while (status && fgets(line, sizeof line, status))
        sscanf(line, "VmHWM: %ld", &peak);
    if (status)
        fclose(status);
    return peak;
}

// One watch all through, which must say nothing of a stable segment.
static void watch(void)
{
    struct output output = {.words = {"shmtool", "watch", "-J"}};
    struct peaks peaks = {0};
    char line[1000];
    int out, status;
    const pid_t child = start(&output, &out, STDERR_FILENO);
    FILE *changes = fdopen(out, "r");

    while (fgets(line, sizeof line, changes)) {
        const char *at = strstr(line, "\"id\":");
        const int id = at ? atoi(at + 5) : -1;

        if (id < 0 || (stable_at[id % INDEXES] && stables[stable_at[id % INDEXES] - 1].id == id))
            soak_defect("watch: %s", line);
        if (++board->changes % 20 == 0)
            note_peak(&peaks, peak_of(child));
        if (board->stop)
            kill(child, SIGTERM);
    }
    waitpid(child, &status, 0);
    if (status != 0)
        soak_defect("watch: status %d", status);
    tell_peaks("watch", &peaks);
}

static void check_at_end(void)
{
    for (unsigned i = 0; i < STABLE; i++) {
        struct shmid_ds ds;

        if (shmctl(stables[i].id, IPC_STAT, &ds) != 0 ||
            memcmp(&ds, &stables[i].ds, sizeof ds) != 0)
            soak_defect("stable segment %d is not as it was", stables[i].id);
    }
    for (uint32_t i = 0; i < CHURNERS * KEYS_EACH; i++)
        if (board->lost[i] && !board->listed[i])
            soak_defect("segment with key 0x%08x was removed but never listed by rm",
                        CHURN_KEYS + i);
}

static void soak(unsigned seconds)
{
    static void (*const work[])(void) = {list_all, stat_some, remove_churned, watch};
    const unsigned works = sizeof work / sizeof *work;
    const pid_t holder = make_stable();
    int status;

    for (unsigned i = 0; i < RECENT; i++)
        board->recent[i] = (int)(65535u * INDEXES + STABLE + i); // above all stable ones
    for (unsigned i = 0; i < works + CHURNERS; i++) {
        pid_t child = fork();

        require(child >= 0, "fork");
        if (child == 0) {
            i < works ? work[i]() : churn(i - works);
            _exit(0);
        }
    }
    for (unsigned left = seconds; left > 0;)
        left = sleep(left);
    board->stop = true;
    for (unsigned i = 0; i < works + CHURNERS; i++)
        if (wait(&status) < 0 || status != 0)
            soak_defect("a process of the soak itself failed: status %d", status);
    check_at_end();
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
}

int main(int argc, char **argv)
{
    unsigned seconds;

    if (argc < 3)
        return 2;
    shmtool = argv[1];
    seconds = (unsigned)strtoul(argv[2], NULL, 10);
    board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(board != MAP_FAILED, "mmap");
    soak(seconds);
    printf(
        "%u s beside %d stable segments: %lu listings, %lu stats, %lu bulk removals (%lu segments "
        "removed, %lu kept because they had changed), %lu changes watched; %lu churn cycles, "
        "%lu ids used again, %lu segments guarded; %lu defects\n",
        seconds, STABLE, board->listings, board->stats, board->removals, board->removed,
        board->kept, board->changes, board->cycles, board->reused, board->guarded, board->defects);
    return board->defects != 0;
}
