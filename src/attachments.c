// SPDX-License-Identifier: MIT
// Reads /proc/PID/maps, or smaps, of every process of the IPC namespace, or of all of them.
#include "attachments.h"

#include "escape.h"
#include "fail.h"
#include "huge.h"
#include "proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

struct scan {
    const struct attachments_wanted *wanted;
    dev_t devices[2 + HUGE_SIZES_MOST]; // of the file systems that hold segments
    size_t device_count;
    struct stat namespace;
    struct attachments *all;
    size_t first;            // index of the first row of the current process
    struct attachment *last; // row of the current mapping, or NULL
};

// Segments are files on file systems that only the kernel mounts, one for ordinary pages and one
// for each huge page size. Files of memfd_create(2) are on the same ones; empty, they take no page.
static int add_device(struct scan *scan, unsigned flags)
{
    int fd = memfd_create("", flags | MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    struct stat status;
    int result;

    // The sysctl vm.memfd_noexec may demand MFD_NOEXEC_SEAL; kernels before 6.3 do not know it.
    if (fd < 0 && errno == EINVAL)
        fd = memfd_create("", flags | MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    result = fstat(fd, &status);
    if (result == 0)
        scan->devices[scan->device_count++] = status.st_dev;
    close(fd);
    return result;
}

static int add_devices(struct scan *scan)
{
    struct huge_size sizes[HUGE_SIZES_MOST];
    const size_t count = huge_sizes(sizes);

    if (add_device(scan, 0) != 0)
        return -1;
    add_device(scan, MFD_HUGETLB); // the default size, if /sys does not show any
    for (size_t i = 0; i < count; i++)
        add_device(scan, MFD_HUGETLB | (unsigned)__builtin_ctzll(sizes[i].bytes) << MAP_HUGE_SHIFT);
    return 0;
}

static bool is_device(const struct scan *scan, dev_t device)
{
    for (size_t i = 0; i < scan->device_count; i++)
        if (scan->devices[i] == device)
            return true;
    return false;
}

// The row for segment ID of the current process, a new one if need be. The key matters too: a
// process may still have another segment with that id attached, from an IPC namespace that it left.
static struct attachment *row_of(const struct scan *scan, uint64_t id, uint64_t key)
{
    struct attachments *all = scan->all;

    for (size_t i = all->count; i > scan->first; i--)
        if (all->rows[i - 1].id == id && all->rows[i - 1].key == key)
            return &all->rows[i - 1];
    all->rows = memory_grow(all->rows, &all->room, all->count, sizeof *all->rows);
    all->rows[all->count] =
        (struct attachment){.id = id, .key = key, .access = "r", .page_size = UINT64_MAX};
    return &all->rows[all->count++];
}

// Takes a line of maps or smaps, "START-END PERMS OFFSET MAJOR:MINOR INODE PATH"
// (proc_pid_maps(5)); in smaps lines "Name: VALUE" follow each.
static void take_line(struct scan *scan, const char *line)
{
    const char *permissions = strchr(line, ' '), *path = strstr(line, " /SYSV");
    unsigned major_number, minor_number;
    uint64_t inode;
    char *at;

    if (scan->last && !strncmp(line, "KernelPageSize:", 15))
        scan->last->page_size = 1024 * strtoull(line + 15, NULL, 10);
    if (isupper((unsigned char)*line))
        return;
    scan->last = NULL;
    if (!path) // most lines
        return;
    at = strchr(strchr(permissions + 1, ' ') + 1, ' ');
    major_number = (unsigned)strtoul(at, &at, 16);
    minor_number = (unsigned)strtoul(at + (*at == ':'), &at, 16);
    inode = strtoull(at, &at, 10);
    // The path of an ordinary file can contain /SYSV too.
    if (at + strspn(at, " ") != path + 1 || !is_device(scan, makedev(major_number, minor_number)))
        return;
    // The inode number is the segment's id.
    scan->last = row_of(scan, inode, strtoull(path + strlen(" /SYSV"), NULL, 16));
    scan->last->mappings++;
    if (permissions[2] == 'w')
        scan->last->access = "rw";
}

static int read_maps(struct scan *scan, int fd)
{
    char text[32768]; // longer than any line
    size_t held = 0;
    ssize_t got;

    while ((got = read(fd, text + held, sizeof text - held)) > 0) {
        char *line = text, *end = text + held + got, *newline;

        for (; (newline = memchr(line, '\n', (size_t)(end - line))); line = newline + 1) {
            *newline = '\0';
            take_line(scan, line);
        }
        held = (size_t)(end - line);
        memmove(text, line, held);
    }
    return (int)got;
}

// Copies the name that begins at AT in /proc/PID/status, in which newlines and backslashes are
// escaped (fs/proc/array.c: proc_task_name). Returns its length.
static size_t take_name(const char *at, char name[16])
{
    size_t length = 0;

    for (; *at && *at != '\n' && length < 16; at++) {
        if (at[0] == '\\' && at[1] == 'n') {
            name[length++] = '\n';
            at++;
            continue;
        }
        at += *at == '\\';
        name[length++] = *at;
    }
    return length;
}

// Reads /proc/PID/status and takes the effective user from it. Returns 0, or -1 and errno: ESRCH if
// the process has ended.
static int read_status(int directory, char status[1024], uint64_t *uid)
{
    char *uids;

    // The owner of /proc/PID is no substitute: it is root if the process is not dumpable.
    if (proc_read(directory, "status", status, 1024) < 0)
        return -1;
    uids = strstr(status, "\nUid:"); // real and effective
    if (strncmp(status, "Name:\t", 6) != 0 || !uids) {
        errno = ESRCH;
        return -1;
    }
    strtoul(uids + 5, &uids, 10);
    *uid = strtoul(uids, NULL, 10);
    return 0;
}

// Fills in what the new rows say of the process.
static int describe_process(const struct scan *scan, int directory, const char *pid, uint64_t ns)
{
    struct attachments *all = scan->all;
    char status[1024], name[16], *command;
    size_t length;
    uint64_t uid;

    if (read_status(directory, status, &uid) != 0)
        return -1;
    length = take_name(status + 6, name);
    command = memory_resize(NULL, 1, ESCAPE_MOST(sizeof name) + 1);
    command[escape_text(command, name, length, "", false).written] = '\0';
    for (size_t i = scan->first; i < all->count; i++) {
        struct attachment *row = &all->rows[i];

        row->ns = ns;
        row->pid = strtoul(pid, NULL, 10);
        row->uid = uid;
        row->command = command;
    }
    return 0;
}

static int scan_process(struct scan *scan, int directory, const char *pid)
{
    const bool all = scan->wanted->all_namespaces;
    struct stat namespace;
    int fd, result, error;

    if (fstatat(directory, "ns/ipc", &namespace, 0) != 0)
        return -1;
    if (!all &&
        (namespace.st_ino != scan->namespace.st_ino || namespace.st_dev != scan->namespace.st_dev))
        return 0;
    fd = openat(directory, scan->wanted->page_sizes ? "smaps" : "maps", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    result = read_maps(scan, fd);
    if (result == 0 && scan->all->count > scan->first)
        result = describe_process(scan, directory, pid, all ? namespace.st_ino : UINT64_MAX);
    error = errno;
    close(fd);
    errno = error;
    return result;
}

static void count_unreadable(const struct scan *scan, int directory, const char *pid)
{
    bool (*is_meant)(uint64_t, uint64_t) = scan->wanted->is_meant;
    char status[1024];
    uint64_t uid;

    if (is_meant && read_status(directory, status, &uid) != 0) {
        if (errno == ENOENT || errno == ESRCH) // it has ended
            return;
        uid = UINT64_MAX;
    }
    scan->all->unreadable++;
    if (!is_meant || is_meant(strtoul(pid, NULL, 10), uid))
        scan->all->unreadable_meant++;
}

static const char NOT_TOLD[] = "cannot find out from /proc who is attached";

// Scans the process of one entry of /proc, through a descriptor, which never leads to another
// process that reuses the pid.
static void scan_entry(struct scan *scan, int proc, const char *name)
{
    int directory;

    if (!isdigit((unsigned char)*name))
        return;
    directory = openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    scan->first = scan->all->count;
    scan->last = NULL;
    if (directory < 0 || scan_process(scan, directory, name) != 0) {
        scan->all->count = scan->first;
        if (errno == EACCES || errno == EPERM)
            count_unreadable(scan, directory, name);
        else if (errno != ENOENT && errno != ESRCH)
            die_errno(NOT_TOLD);
    }
    if (directory >= 0)
        close(directory);
}

static int compare_attachments(const void *left, const void *right)
{
    const struct attachment *a = left, *b = right;

    if (a->ns != b->ns)
        return a->ns > b->ns ? 1 : -1;
    if (a->id != b->id)
        return a->id > b->id ? 1 : -1;
    return (a->pid > b->pid) - (a->pid < b->pid);
}

struct attachments attachments_read(const struct attachments_wanted *wanted)
{
    struct attachments all = {0};
    struct scan scan = {.wanted = wanted, .all = &all};
    const struct dirent *entry;
    DIR *proc = opendir("/proc");

    if (!proc || stat("/proc/self/ns/ipc", &scan.namespace) != 0 || add_devices(&scan) != 0)
        die_errno(NOT_TOLD);
    while ((errno = 0, entry = readdir(proc)))
        scan_entry(&scan, dirfd(proc), entry->d_name);
    if (errno)
        die_errno(NOT_TOLD);
    closedir(proc);
    if (all.count)
        qsort(all.rows, all.count, sizeof *all.rows, compare_attachments);
    return all;
}
