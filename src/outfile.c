// SPDX-License-Identifier: MIT
// The file has no name (O_TMPFILE), so that not even a crash leaves it behind. If the file system
// does not support that, or there is no /proc to link it by, it has a random name.
#include "outfile.h"

#include "fail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

static struct {
    int fd;
    const char *path;     // its final name
    char temporary[4096]; // its name until then, in the same folder, so that rename(2) works
    bool named;           // it has the temporary name
} file;

static void undo_file(void)
{
    if (file.named)
        unlink(file.temporary);
}

static int folder_length(void)
{
    const char *slash = strrchr(file.path, '/');

    return slash ? (int)(slash - file.path) + 1 : 0;
}

// The name is random, so that nobody can create it first.
static void choose_name(void)
{
    uint64_t number;

    if (getrandom(&number, sizeof number, 0) != sizeof number)
        die_errno("getrandom");
    if (snprintf(file.temporary, sizeof file.temporary, "%.*s.shmtool.%016" PRIx64, folder_length(),
                 file.path, number) >= (int)sizeof file.temporary)
        die(STATUS_FAILED, "%s: %s", file.path, strerror(ENAMETOOLONG));
}

// Sets file.fd to -1 if such files are not supported, or could not be linked afterwards.
static void open_nameless(void)
{
    char folder[sizeof file.temporary];

    file.fd = -1;
    snprintf(folder, sizeof folder, "%.*s", folder_length(), file.path);
    if (access("/proc/self/fd", F_OK) != 0)
        return;
    file.fd = open(*folder ? folder : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (file.fd < 0 && errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)
        die_file(file.path);
}

static void open_named(void)
{
    choose_name();
    undo_hold(undo_file);
    file.fd = open(file.temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    file.named = file.fd >= 0;
    undo_release();
    if (file.fd < 0)
        die_file(file.path);
}

int outfile_open(const char *path, bool replace)
{
    struct stat st;
    const bool exists = lstat(path, &st) == 0;

    file.path = path;
    if (exists && !replace)
        die(STATUS_EXISTS, "%s: %s", path, strerror(EEXIST));
    if (exists && !S_ISREG(st.st_mode))
        die(STATUS_FAILED, "%s: not a regular file; --force replaces only those", path);
    open_nameless();
    if (file.fd < 0)
        open_named();
    return file.fd;
}

// A file without a name can only be linked by its descriptor's number.
static int link_nameless(const char *path)
{
    char self[64];

    snprintf(self, sizeof self, "/proc/self/fd/%d", file.fd);
    return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

// linkat(2) cannot replace a file, so this one gets a temporary name first.
static int replace_by_nameless(void)
{
    choose_name();
    undo_hold(undo_file);
    file.named = link_nameless(file.temporary) == 0;
    undo_release();
    return file.named ? rename(file.temporary, file.path) : -1;
}

static int publish_named(bool replace)
{
    if (replace)
        return rename(file.temporary, file.path);
    if (link(file.temporary, file.path) == 0)
        return unlink(file.temporary);
    // Not every file system has links: vfat returns EPERM, some on FUSE the others.
    if (errno != EPERM && errno != ENOSYS && errno != EOPNOTSUPP)
        return -1;
    // Only glibc has a function for this call.
    return (int)syscall(SYS_renameat2, AT_FDCWD, file.temporary, AT_FDCWD, file.path,
                        RENAME_NOREPLACE);
}

void outfile_publish(bool replace)
{
    int result = file.named ? publish_named(replace) : link_nameless(file.path);

    if (result != 0 && !file.named && errno == EEXIST && replace)
        result = replace_by_nameless();
    if (result != 0)
        die_file(file.path);
    undo_forget();
}
