// SPDX-License-Identifier: MIT
// roundtrip SHMTOOL CASES SEED [FIRST]: writes random data into random segments with SHMTOOL and
// reads random ranges of them, in a folder of its own. After each command the whole segment must
// be what a model in plain memory says, and what was read as well; reading must not fill holes.
// Each case stands for itself: FIRST begins at a later one.
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE_MOST  1048577
#define EXTRA_MOST 5000
#define PAGES_MOST (SIZE_MOST / 4096 + 1)
#define USER       65534
#define PIPE_MOST  (1 << 20) // bytes; more is not for everybody (pipe(7))

struct command {
    const char *words[16];
    int count;
    bool as_user; // who cannot open map_files, and so tells holes by mincore
};

struct trial {
    unsigned number;
    size_t size, offset, length; // of the segment, and of what is written
    int id;
    unsigned char *memory; // the segment
};

static const char *shmtool;
static uint64_t seed, random_state;
static size_t page_size, failures;
static unsigned char model[SIZE_MOST + 1], data[SIZE_MOST + EXTRA_MOST], got[SIZE_MOST * 6],
    wanted[SIZE_MOST * 6];

// splitmix64.
static uint64_t next_random(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static size_t below(size_t bound)
{
    return bound ? next_random() % bound : 0;
}

static void require(bool held, const char *what)
{
    if (held)
        return;
    perror(what);
    exit(1);
}

static void add(struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct command *command, const char *format, ...)
{
    va_list arguments;
    char *word;

    va_start(arguments, format);
    require(vasprintf(&word, format, arguments) >= 0, "vasprintf");
    command->words[command->count++] = word;
    va_end(arguments);
}

// Frees the words from FIRST on.
static void release(const struct command *command, int first)
{
    for (int i = first; i < command->count; i++)
        free((char *)command->words[i]);
}

static void fail(const struct trial *trial, const struct command *command, const char *what)
{
    failures++;
    printf("SEED=%ju case %u: %s:", (uintmax_t)seed, trial->number, what);
    for (int i = 0; i < command->count; i++)
        printf(" %.60s", command->words[i]);
    printf("%s; segment of %zu bytes\n", command->as_user ? " (as a user)" : "", trial->size);
}

// Runs COMMAND from stdin IN, which it closes, and takes its output into OUTPUT; returns its exit
// status, or -1 if it was killed. What it says on stderr is not looked at.
static int run(struct command *command, int in, unsigned char *output, size_t *length)
{
    int out[2], status = 0;
    ssize_t part;
    pid_t child;

    require(pipe2(out, O_CLOEXEC) == 0, "pipe2");
    command->words[command->count] = NULL;
    child = vfork();
    if (child == 0) {
        dup2(in, 0);
        dup2(out[1], 1);
        dup2(open("/dev/null", O_WRONLY), 2);
        if (command->as_user && setresuid(USER, USER, USER) != 0)
            _exit(126);
        execvp(command->words[0], (char **)command->words);
        _exit(127);
    }
    require(child > 0, "vfork");
    close(in);
    close(out[1]);
    for (*length = 0; (part = read(out[0], output + *length, sizeof got - *length)) > 0;)
        *length += (size_t)part;
    close(out[0]);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Random bytes, runs of few values, text, or zeros.
static void make_bytes(unsigned char *bytes, size_t length)
{
    const size_t kind = below(8);
    uint64_t bits = 0;

    for (size_t i = 0; i < length; i++) {
        if (i % 8 == 0)
            bits = kind == 0 ? 0 : next_random();
        bytes[i] = (unsigned char)(bits >> (i % 8 * 8));
        if (kind == 1)
            bytes[i] = bytes[i] % 23 ? 0 : 1;
        else if (kind == 2)
            bytes[i] = (unsigned char)('a' + bytes[i] % 26);
        else if (kind == 3)
            bytes[i] = (unsigned char)(i >> 9);
    }
}

// Around the bounds of pages and of the blocks in which shmtool works.
static size_t random_size(void)
{
    static const size_t round[] = {4096, 4096, 8192, 12288, 65536, 69632, 131072, 1048576};
    const size_t base = round[below(below(4) ? 5 : 8)];

    switch (below(8)) {
    case 0:
        return 1 + below(16);
    case 1:
        return 1 + below(base);
    default:
        return base + below(3) - 1;
    }
}

// Often at, just before or just after the bound of a page.
static size_t random_offset(size_t most)
{
    const size_t near = below(most / page_size + 1) * page_size + below(5);

    if (below(2) || near < 2 || near - 2 > most)
        return below(4) ? below(most + 1) : 0;
    return near - 2;
}

// Tells which pages there are; returns how many.
static size_t find_present(const struct trial *trial, unsigned char present[PAGES_MOST])
{
    size_t count = 0;

    require(mincore(trial->memory, trial->size, present) == 0, "mincore");
    for (size_t page = 0; page * page_size < trial->size; page++)
        count += present[page] &= 1;
    return count;
}

// A segment with random contents and holes, and the same in the model.
static void make_segment(struct trial *trial)
{
    trial->size = random_size();
    trial->id = shmget(IPC_PRIVATE, trial->size, 0666);
    trial->memory = shmat(trial->id, NULL, 0);
    require(trial->id >= 0 && trial->memory != (void *)-1, "shmget, shmat");
    memset(model, 0, trial->size);
    for (size_t at = 0; at < trial->size;) {
        size_t part = (1 + below(below(4) ? 8 : 80)) * page_size;

        part = part < trial->size - at ? part : trial->size - at;
        if (below(2)) {
            make_bytes(model + at, part);
            memcpy(trial->memory + at, model + at, part);
        }
        at += part;
    }
}

// Holes are not looked at, because that would fill them.
static void check_segment(const struct trial *trial, const struct command *command)
{
    unsigned char present[PAGES_MOST];

    find_present(trial, present);
    for (size_t i = 0; i < trial->size; i++) {
        const unsigned char byte = present[i / page_size] ? trial->memory[i] : 0;
        char text[64];

        if (model[i] == byte)
            continue;
        snprintf(text, sizeof text, "byte %zu is %02x, not %02x", i, byte, model[i]);
        fail(trial, command, text);
        return;
    }
}

// The data of LENGTH bytes in a file, with some whole pages of it as holes; returns the descriptor
// at SKIPPED bytes of something else before it.
static int make_file(const char *path, size_t length, size_t skipped, bool sparse)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    require(fd >= 0 && ftruncate(fd, (off_t)(skipped + length)) == 0, path);
    require(pwrite(fd, "before the data", skipped, 0) == (ssize_t)skipped, path);
    for (size_t at = 0; at < length;) {
        size_t part = (1 + below(4)) * page_size + below(2) * below(page_size);

        part = part < length - at ? part : length - at;
        if (sparse && below(2))
            memset(data + at, 0, part);
        else
            require(pwrite(fd, data + at, part, (off_t)(skipped + at)) == (ssize_t)part, path);
        at += part;
    }
    lseek(fd, (off_t)skipped, SEEK_SET);
    return fd;
}

static int make_pipe(size_t length)
{
    int fds[2];

    require(pipe2(fds, O_CLOEXEC) == 0 && fcntl(fds[1], F_SETPIPE_SZ, PIPE_MOST) > 0, "pipe");
    require(write(fds[1], data, length) == (ssize_t)length, "write to a pipe");
    close(fds[1]);
    return fds[0];
}

// Adds where the data come from, and returns what is to be stdin. EXTRA bytes follow the data.
static int add_input(struct trial *trial, struct command *command, size_t extra)
{
    int fd;

    switch (below(5)) {
    case 0:
    case 1:
        if (trial->length + extra <= PIPE_MOST)
            return make_pipe(trial->length + extra);
        // fall through
    case 2:
        fd = make_file("input", trial->length + extra, 0, below(2));
        close(fd);
        add(command, "input");
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    default:
        return make_file("input", trial->length + extra, below(16), below(2));
    }
}

// --fill or -t, cut off by -l or ended by -0.
static void add_literal(struct trial *trial, struct command *command)
{
    const size_t length = trial->length < 9999 ? trial->length : 9999;

    if (below(2)) {
        memset(data, (int)below(256), trial->length);
        add(command, "--fill=%u", data[0]);
        if (trial->offset + trial->length != trial->size || below(2))
            add(command, "-l%zu", trial->length);
        return;
    }
    trial->length = length;
    for (size_t i = 0; i < length; i++)
        data[i] = (unsigned char)(data[i] + !data[i]);
    switch (length ? below(3) : 0) {
    case 0:
        add(command, "--text=%.*s", (int)length, (char *)data);
        break;
    case 1:
        add(command, "--text=%.*s and more", (int)length, (char *)data);
        add(command, "-l%zu", length);
        break;
    default:
        add(command, "--text=%.*s", (int)length - 1, (char *)data);
        add(command, "-0");
        data[length - 1] = 0;
    }
}

// What attach-write does with too much input: nothing where its length is known beforehand, else
// what fits.
static void write_too_much(struct trial *trial)
{
    struct command command = {.words = {shmtool}, .count = 1, .as_user = below(2)};
    const bool known = trial->size + 9 > PIPE_MOST || below(2);
    size_t ignored;
    int in;

    trial->length = trial->size - trial->offset;
    add(&command, "attach-write");
    add(&command, "-s%zu", trial->offset);
    add(&command, "%d", trial->id);
    if (!known)
        memcpy(model + trial->offset, data, trial->length);
    in = known ? make_file("input", trial->length + 1 + below(9), 0, false)
               : make_pipe(trial->length + 1 + below(9));
    if (run(&command, in, got, &ignored) != 1)
        fail(trial, &command, "too much was taken");
    check_segment(trial, &command);
    release(&command, 1);
}

static void write_segment(struct trial *trial)
{
    struct command command = {.words = {shmtool}, .count = 1, .as_user = !below(3)};
    const size_t extra = below(2) * below(EXTRA_MOST);
    size_t ignored;
    bool zero_rest;
    int in;

    add(&command, "attach-write");
    add(&command, "-s%zu", trial->offset);
    add(&command, "%d", trial->id);
    if (below(4)) {
        in = add_input(trial, &command, extra);
        if (extra || below(2))
            add(&command, "-l%zu", trial->length);
    } else {
        in = open("/dev/null", O_RDONLY | O_CLOEXEC);
        add_literal(trial, &command);
    }
    zero_rest = trial->length && !below(3);
    if (zero_rest)
        add(&command, "--zero-rest");
    memcpy(model + trial->offset, data, trial->length);
    if (zero_rest)
        memset(model + trial->offset + trial->length, 0,
               trial->size - trial->offset - trial->length);
    if (run(&command, in, got, &ignored) != 0)
        fail(trial, &command, "exit status");
    check_segment(trial, &command);
    release(&command, 1);
}

// What hexdump makes of a range of the model, in WANTED.
static size_t dump_model(const struct trial *trial, size_t offset, size_t length)
{
    struct command command = {.words = {"hexdump", "-C"}, .count = 2};
    const int fd = open("model", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t wanted_length = 0;

    require(write(fd, model, trial->size) == (ssize_t)trial->size, "model");
    add(&command, "-s%zu", offset);
    add(&command, "-n%zu", length);
    add(&command, "model");
    require(run(&command, fd, wanted, &wanted_length) == 0, "hexdump");
    release(&command, 2);
    return wanted_length;
}

// Adds how a range is to be read, and puts what must come of it in WANTED; returns its length.
static size_t add_output(const struct trial *trial, struct command *command, size_t offset,
                         size_t length)
{
    switch (below(6)) {
    case 0: // a dump of random megabytes takes hexdump too long, and an empty one it knows not
        if (length == 0 || length > 300000)
            break;
        add(command, "-x");
        return dump_model(trial, offset, length);
    case 1:
        add(command, "-t");
        length = strnlen((char *)model + offset, length);
        memcpy(wanted, model + offset, length);
        wanted[length] = '\n';
        return length + 1;
    case 2:
    case 3:
        add(command, "-Ooutput");
        if (below(2))
            close(make_file("output", below(9999), 0, false));
        if (access("output", F_OK) == 0) {
            require(chown("output", USER, USER) == 0, "chown");
            add(command, "-f");
        }
        break;
    case 4:
        add(command, "--raw");
        break;
    }
    memcpy(wanted, model + offset, length);
    return length;
}

static void read_segment(struct trial *trial)
{
    struct command command = {.words = {shmtool}, .count = 1, .as_user = below(2)};
    const size_t offset = random_offset(trial->size), room = trial->size - offset;
    const size_t length = below(3) ? random_offset(room) : room;
    unsigned char present[PAGES_MOST];
    const size_t before = find_present(trial, present);
    size_t wanted_length, got_length;
    int fd;

    add(&command, "read");
    add(&command, "-s%zu", offset);
    if (length != room || below(2))
        add(&command, "-l%zu", length);
    add(&command, "%d", trial->id);
    wanted_length = add_output(trial, &command, offset, length);
    if (run(&command, open("/dev/null", O_RDONLY | O_CLOEXEC), got, &got_length) != 0)
        fail(trial, &command, "exit status");
    fd = open("output", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (got_length)
            fail(trial, &command, "output beside the file");
        got_length = (size_t)read(fd, got, sizeof got);
        close(fd);
        unlink("output");
    }
    if (got_length != wanted_length || memcmp(got, wanted, wanted_length) != 0)
        fail(trial, &command, "another output");
    if (find_present(trial, present) != before)
        fail(trial, &command, "the segment has grown");
    check_segment(trial, &command);
    release(&command, 1);
}

static void run_trial(unsigned number)
{
    struct trial trial = {.number = number};
    const size_t before = failures;

    random_state = seed + ((uint64_t)number << 32);
    make_segment(&trial);
    trial.offset = random_offset(trial.size);
    trial.length = random_offset(trial.size - trial.offset);
    make_bytes(data, trial.size + EXTRA_MOST);
    if (below(16))
        write_segment(&trial);
    else
        write_too_much(&trial);
    if (failures == before)
        read_segment(&trial);
    shmctl(trial.id, IPC_RMID, NULL);
    shmdt(trial.memory);
}

int main(int argc, char **argv)
{
    unsigned count, first;

    if (argc < 4)
        return 2;
    shmtool = argv[1];
    count = (unsigned)strtoul(argv[2], NULL, 10);
    seed = strtoull(argv[3], NULL, 10);
    first = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    umask(0);
    for (unsigned number = first; number < first + count && failures < 20; number++)
        run_trial(number);
    printf("%u round trips, %zu failures (SEED=%ju)\n", count, failures, (uintmax_t)seed);
    return failures != 0;
}
