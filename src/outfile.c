// SPDX-License-Identifier: MIT
// O_TMPFILE and linkat(2), so that nothing is left behind by a crash; mkstemp(3) where there is
// no O_TMPFILE, or no /proc by which to link it.
#include "outfile.h"

#include "interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

static struct outfile *unfinished;

static void unlink_unfinished(void)
{
    if (unfinished)
        unlink(unfinished->temporary);
}

static void open_named(struct outfile *file)
{
    interrupt_hold();
    interrupt_undo(unlink_unfinished);
    file->fd = mkostemp(file->temporary, O_CLOEXEC);
    if (file->fd >= 0)
        unfinished = file;
    else
        file->temporary[0] = '\0';
    interrupt_release();
}

// Where the file is to lie until it is complete: in the folder of PATH, as only there a link or a
// rename can give it its name.
static int name_temporary(struct outfile *file, int *folder_length)
{
    const char *slash = strrchr(file->path, '/');
    int length;

    *folder_length = slash ? (int)(slash - file->path) + 1 : 0;
    length = snprintf(file->temporary, sizeof file->temporary, "%.*s.shmtool.XXXXXX",
                      *folder_length, file->path);
    if ((size_t)length < sizeof file->temporary)
        return 0;
    errno = ENAMETOOLONG;
    return -1;
}

int outfile_open(struct outfile *file, const char *path, bool replace)
{
    struct stat st;
    int folder_length;
    char folder[sizeof file->temporary];

    *file = (struct outfile){.fd = -1, .path = path};
    if (lstat(path, &st) == 0 && (!replace || !S_ISREG(st.st_mode))) {
        errno = replace ? EINVAL : EEXIST;
        return -1;
    }
    if (name_temporary(file, &folder_length) != 0)
        return -1;
    snprintf(folder, sizeof folder, "%.*s", folder_length, path);
    if (access("/proc/self/fd", F_OK) == 0)
        file->fd = open(folder_length ? folder : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (file->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT))
        open_named(file);
    else
        file->temporary[0] = '\0';
    return file->fd < 0 ? -1 : 0;
}

// A file without a name can be linked by its number alone.
static int link_nameless(const struct outfile *file, const char *path)
{
    char self[64];

    snprintf(self, sizeof self, "/proc/self/fd/%d", file->fd);
    return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

// There is no linkat(2) that replaces, so the file gets a name of its own first.
static int name_nameless(struct outfile *file)
{
    int folder_length, result;
    char *end;

    if (name_temporary(file, &folder_length) != 0)
        return -1;
    end = file->temporary + strlen(file->temporary) - strlen("XXXXXX");
    interrupt_hold();
    interrupt_undo(unlink_unfinished);
    for (int i = 0; i < 100; i++) {
        snprintf(end, sizeof "XXXXXX", "%06d", (int)((unsigned)(getpid() + i) % 1000000));
        result = link_nameless(file, file->temporary);
        if (result == 0 || errno != EEXIST)
            break;
    }
    if (result == 0)
        unfinished = file;
    else
        file->temporary[0] = '\0';
    interrupt_release();
    return result;
}

static int give_name(struct outfile *file, bool replace)
{
    if (!*file->temporary) {
        if (link_nameless(file, file->path) == 0)
            return 0;
        if (errno != EEXIST || !replace || name_nameless(file) != 0)
            return -1;
    }
    if (replace)
        return rename(file->temporary, file->path);
    if (link(file->temporary, file->path) == 0)
        return unlink(file->temporary);
    // Not every file system has links (vfat); glibc alone has a function for this call.
    return errno == EPERM ? (int)syscall(SYS_renameat2, AT_FDCWD, file->temporary, AT_FDCWD,
                                         file->path, RENAME_NOREPLACE)
                          : -1;
}

int outfile_publish(struct outfile *file, bool replace)
{
    const int result = give_name(file, replace), error = errno;

    if (result == 0)
        file->temporary[0] = '\0';
    outfile_discard(file);
    errno = error;
    return result;
}

void outfile_discard(struct outfile *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (*file->temporary)
        unlink(file->temporary);
    file->temporary[0] = '\0';
    unfinished = NULL;
}
