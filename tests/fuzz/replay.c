// SPDX-License-Identifier: MIT
// Gives each file named on the command line to a fuzz target, in a process of its own; prints TAP.
#undef NDEBUG
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE_MOST = 1 << 20, SECONDS_MOST = 60 };

static void replay(const char *path)
{
    static char bytes[SIZE_MOST];
    FILE *in = fopen(path, "r");
    size_t size;
    uint8_t *data;

    assert(in);
    size = fread(bytes, 1, sizeof bytes, in);
    assert(!ferror(in) && size < sizeof bytes);
    fclose(in);
    data = malloc(size + !size); // so that a sanitizer sees its end
    assert(data);
    memcpy(data, bytes, size);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

int main(int argc, char **argv)
{
    int failed = 0;

    printf("1..%d\n", argc - 1);
    for (int i = 1; i < argc; i++) {
        bool passed;
        int status;
        pid_t child;

        fflush(stdout); // else the child has it too
        child = fork();
        assert(child >= 0);
        if (child == 0) {
            alarm(SECONDS_MOST);
            replay(argv[i]);
            exit(0);
        }
        passed = waitpid(child, &status, 0) == child && status == 0;
        failed += !passed;
        printf("%sok %d - %s\n", passed ? "" : "not ", i, argv[i]);
    }
    return failed != 0;
}
