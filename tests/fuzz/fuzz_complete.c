// SPDX-License-Identifier: MIT
// The lines of the input are the words typed so far: what is offered begins with the last of them,
// or the shell is asked to offer files or commands.
#include "fuzz.h"

int shmtool_main(int argc, char **argv);
#define main shmtool_main
#include "main.c" // for the array of commands

enum { WORDS_MOST = 16 };

static void check_offers(const char *word)
{
    const char *at = fuzz_printed, *end = at + __fpending(stdout), *newline, *tab;

    for (; at < end; at = newline + 1) {
        newline = memchr(at, '\n', (size_t)(end - at));
        assert(newline);
        if (!memchr(at, '\t', (size_t)(newline - at))) {
            assert(newline + 1 == end &&
                   (!strncmp(at, "file\n", 5) || !strncmp(at, "command ", 8)));
            break;
        }
        assert((size_t)(newline - at) > strlen(word));
        assert(!memcmp(at, word, strlen(word)));
        tab = memchr(at + strlen(word), '\t', (size_t)(newline - at) - strlen(word));
        assert(tab && tab > at && tab + 1 < newline);
    }
    __fpurge(stdout);
}

static void check_done(int count, char **words)
{
    assert(setjmp(fuzz_end) == 0);
    complete(commands, count, words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size), *rest = text, *words[WORDS_MOST + 1];
    int count = 0;

    while (rest && count < WORDS_MOST)
        words[count++] = strsep(&rest, "\n");
    words[count] = NULL;
    check_done(count, words);
    fuzz_check_line(false);
    check_offers(words[count - 1]);
    free(text);
    return 0;
}
