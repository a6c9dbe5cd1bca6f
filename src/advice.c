// SPDX-License-Identifier: MIT
// A table, because edit distance would guess wrong here: ls is close to ps.
#include "advice.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

// Arrays, because each pointer would have to be relocated at every start.
static const struct {
    char command[16]; // empty if the word stands in place of a command
    char words[48];   // separated by spaces
    char use[64];
} table[] = {
    {"", "ls lst dir ipcs lsipc sort find", "shmtool list"},
    {"", "new make add mk ipcmk alloc shmget", "shmtool create"},
    {"", "load restore import cp copy", "shmtool create --from FILE"},
    {"", "write attach put fill zero dd", "shmtool attach-write"},
    {"", "cat get dump shmcat hexdump xxd od strings", "shmtool read"},
    {"", "save backup export", "shmtool read -O FILE"},
    {"", "show info status inspect describe exists", "shmtool stat"},
    {"", "delete del remove destroy ipcrm unlink", "shmtool rm"},
    {"", "clean cleanup prune purge gc", "shmtool rm --orphans --older-than AGE"},
    {"", "chmod", "shmtool set -m MODE"},
    {"", "chown chgrp", "shmtool set -u USER[:GROUP]"},
    {"", "orphans leaks", "shmtool list --orphans"},
    {"", "diff cmp", "cmp <(shmtool read SEGMENT) <(shmtool read SEGMENT)"},
    {"", "change modify ipcmod", "shmtool set"},
    {"", "lock", "shmtool semlock, or shmtool set --lock"},
    {"", "unlock", "shmtool set --unlock"},
    {"", "flock", "shmtool semlock"},
    {"", "top", "shmtool ps, or shmtool watch"},
    {"", "lsof fuser who users pids", "shmtool ps"},
    {"", "df du free usage summary", "shmtool limits, or shmtool metrics"},
    {"", "monitor events follow prometheus", "shmtool watch, or shmtool metrics"},
    {"", "version -V -v", "shmtool --version"},
    {"", "-?", "shmtool --help"},
    // ipcs, lsipc
    {"", "-m --shmems -a --all", "shmtool list"},
    {"", "-i --id", "shmtool stat ID"},
    {"", "-l --limits -g --global", "shmtool limits"},
    {"", "-u --summary", "shmtool limits, or shmtool metrics"},
    {"", "-p --pid", "shmtool list -o id,owner,cpid,lpid, or shmtool ps"},
    {"", "-t --time", "shmtool list -o id,owner,atime,dtime,ctime"},
    {"", "-c --creator", "shmtool list -o id,mode,creator,creator_group,owner,group"},
    {"", "-q --queues", "ipcs -q"},
    {"", "-s --semaphores", "ipcs -s"},
    // ipcmk, ipcrm
    {"", "-M", "shmtool create SIZE, or shmtool rm key:KEY"},
    {"", "--shmem", "shmtool create SIZE"},
    {"", "--shmem-id", "shmtool rm ID"},
    {"", "--shmem-key", "shmtool rm key:KEY"},
    {"create", "-M --shmem -p", "shmtool create -m MODE SIZE"},
    {"create", "-s --size", "shmtool create SIZE"},
    {"create", ADVICE_SEGMENT, "shmtool create SIZE -k"},
    {"create", "-f --file", "shmtool create --from FILE"},
    {"rm", "-m --shmem-id --id", "shmtool rm ID"},
    {"rm", "-i --interactive -n", "shmtool rm --dry-run ID, or shmtool rm ID"},
    {"rm", "-M --shmem-key -k --key", "shmtool rm key:KEY"},
    {"rm", "-a --all=shm", "shmtool rm --all"},
    {"rm", "--detached --unused --free", "shmtool rm --unattached"},
    {"list", "-i --id", "shmtool stat ID"},
    {"list", "-k --key -M", "shmtool stat key:KEY"},
    {"list", "--attached", "shmtool ps"},
    {"list", "--detached --unused --free", "shmtool list --unattached"},
    {"list", "--owner", "shmtool list -u USER"},
    {"list", "--sort-by -s", "shmtool list -S COL, or -S -COL"},
    {"list", "--csv --format", "shmtool list -r, or shmtool list -J"},
    {"list", ADVICE_SEGMENT, "shmtool stat"},
    {"list", "-m --shmems --human", "shmtool list"},
    {"list", "-l", "shmtool limits, or shmtool list -o +COLS"},
    {"list", "-a --all", "shmtool list, or shmtool list --all-ns"},
    {"list", "-p --pid", "shmtool list -o +cpid,lpid, or shmtool ps"},
    {"list", "-t --time", "shmtool list -o +atime,dtime,ctime"},
    {"list", "-c --creator", "shmtool list -o +creator,creator_group"},
    {"list", "-g --global --limits", "shmtool limits"},
    {"list", "--summary", "shmtool limits, or shmtool metrics"},
    {"list", "-e --export", "shmtool list -r, or shmtool list -J"},
    {"stat", "-i --id -m", "shmtool stat ID"},
    {"stat", "-k --key -M", "shmtool stat key:KEY"},
    {"stat", "-c --format", "shmtool stat -o COLS SEGMENT"},
    {"ps", "-i -m", "shmtool ps ID"},
    {"ps", "-k --key -M", "shmtool ps key:KEY"},
    {"ps", "-a -A -e", "shmtool ps"},
    {"ps", "-p", "shmtool ps --pid PID"},
    {"ps", "-f", "shmtool ps -o +args"},
    {"limits", "-l -m -u", "shmtool limits"},
    {"limits", "--set", "sysctl kernel.shmmni=VALUE"},
    {"limits", ADVICE_SEGMENT, "shmtool stat"},
    {"read", "-i -m", "shmtool read ID"},
    {"read", "-k --key -M", "shmtool read key:KEY"},
    {"read", "-n -c", "shmtool read -l LENGTH SEGMENT"},
    {"read", "-C", "shmtool read -x SEGMENT"},
    {"read", "-o", "shmtool read -O FILE SEGMENT"},
    {"attach-write", "-f", "shmtool attach-write SEGMENT FILE"},
    {"attach-write", "-o", "shmtool attach-write -s OFFSET SEGMENT FILE"},
    {"set", "-p", "shmtool set -m MODE SEGMENT"},
    {"set", "-g", "shmtool set -u USER:GROUP SEGMENT"},
    {"semlock", "-n --nonblock --nb", "shmtool semlock -w 0 SEGMENT COMMAND"},
    {"semlock", "-c --command", "shmtool semlock SEGMENT sh -c COMMAND"},
    {"semlock", "--timeout", "shmtool semlock -w SECS SEGMENT COMMAND"},
    {"wait", "-t --timeout", "shmtool wait -w SECS SEGMENT"},
    {"wait", "--detached --unused --free", "shmtool wait --unattached SEGMENT"},
    {"wait", "--removed --deleted", "shmtool wait --gone SEGMENT"},
    {"wait", "-k --key -M", "shmtool wait key:KEY"},
    {"watch", "-n -w", "shmtool watch -i SECS"},
    {"watch", "--attached", "shmtool wait --attached SEGMENT"},
    {"watch", "--detached --unused --free", "shmtool watch --unattached"},
    {"metrics", "-J --json", "shmtool limits -J, or shmtool list -J"},
};

static bool has_word(const char *words, const char *word)
{
    const size_t length = strlen(word);

    for (const char *at = words; length && (at = strstr(at, word)); at++)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    return false;
}

const char *advice_find(const char *command, const char *word)
{
    char letter[] = "-?";

    // "ipcs -lm" is -l of shared memory.
    if (!command && word[0] == '-' && strlen(word) == 3 && (word[1] == 'm' || word[2] == 'm')) {
        letter[1] = word[word[1] == 'm' ? 2 : 1];
        word = letter;
    }
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(command ? command : "", table[i].command) && has_word(table[i].words, word))
            return table[i].use;
    return NULL;
}
