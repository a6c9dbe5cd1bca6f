// SPDX-License-Identifier: MIT
// strerror NAME: how the libc that the tests are built with words this error.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ERROR(name)                                                                                \
    {                                                                                              \
#name, name                                                                                \
    }

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int number;
    } errors[] = {ERROR(EFBIG),        ERROR(EIO),    ERROR(ELOOP), ERROR(EMFILE),
                  ERROR(ENAMETOOLONG), ERROR(ENOMEM), ERROR(ENOSPC)};

    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (argc == 2 && !strcmp(argv[1], errors[i].name))
            return puts(strerror(errors[i].number)) < 0;
    fprintf(stderr, "strerror: no such error is known\n");
    return 2;
}
