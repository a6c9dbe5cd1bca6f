// SPDX-License-Identifier: MIT
// The file has no name (O_TMPFILE), so that not even a crash leaves it behind, or, where the file
// system has no such files or there is no /proc to name them by, one that nobody can guess.
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
    const char *path;     // its name to be
    char temporary[4096]; // its name so far, in the same folder, from where link and rename lead
    bool named;           // it has that
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

// Names are random, so that nobody can take them before.
static void choose_name(void)
{
    uint64_t number;

    if (getrandom(&number, sizeof number, 0) != sizeof number)
        die_errno("getrandom");
    if (snprintf(file.temporary, sizeof file.temporary, "%.*s.shmtool.%016" PRIx64, folder_length(),
                 file.path, number) >= (int)sizeof file.temporary)
        die(STATUS_FAILED, "%s: %s", file.path, strerror(ENAMETOOLONG));
}

// Leaves no descriptor where there are no such files here, or no way to name one afterwards.
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

// A file without a name can be linked by its number alone.
static int link_nameless(const char *path)
{
    char self[64];

    snprintf(self, sizeof self, "/proc/self/fd/%d", file.fd);
    return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

// There is no linkat(2) that replaces, so the file gets a name of its own first.
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
    // Not every file system has links: vfat says EPERM, some of FUSE the others.
    if (errno != EPERM && errno != ENOSYS && errno != EOPNOTSUPP)
        return -1;
    // glibc alone has a function for this call.
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
