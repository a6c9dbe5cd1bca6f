// SPDX-License-Identifier: MIT
// One table. Edit distance would guess wrongly here: ls is near to ps.
#include "advice.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const struct {
    const char *command; // NULL: in place of a command
    const char *words;   // each of them
    const char *use;
} table[] = {
    {NULL, "ls lst dir ipcs lsipc", "shmtool list"},
    {NULL, "new make add mk ipcmk", "shmtool create"},
    {NULL, "load restore import", "shmtool create --from FILE"},
    {NULL, "write attach put", "shmtool attach-write"},
    {NULL, "cat get dump shmcat", "shmtool read"},
    {NULL, "save backup export", "shmtool read -O FILE"},
    {NULL, "show info status", "shmtool stat"},
    {NULL, "delete del remove destroy ipcrm", "shmtool rm"},
    {NULL, "clean cleanup prune purge", "shmtool rm --orphans --older-than AGE"},
    {NULL, "chmod", "shmtool set -m MODE"},
    {NULL, "chown chgrp", "shmtool set -u USER"},
    {NULL, "change modify ipcmod", "shmtool set"},
    {NULL, "lock", "shmtool semlock, or shmtool set --lock"},
    {NULL, "unlock", "shmtool set --unlock"},
    {NULL, "flock", "shmtool semlock"},
    {NULL, "top", "shmtool ps, or shmtool watch"},
    {NULL, "lsof fuser who", "shmtool ps"},
    {NULL, "df usage summary", "shmtool limits, or shmtool metrics"},
    {NULL, "monitor", "shmtool watch, or shmtool metrics"},
    {NULL, "version -V -v", "shmtool --version"},
    {NULL, "-?", "shmtool --help"},
    // ipcs, lsipc
    {NULL, "-m --shmems -a --all", "shmtool list"},
    {NULL, "-i --id", "shmtool stat ID"},
    {NULL, "-l --limits -g --global", "shmtool limits"},
    {NULL, "-u --summary", "shmtool limits, or shmtool metrics"},
    {NULL, "-p --pid", "shmtool list -o id,owner,cpid,lpid, or shmtool ps"},
    {NULL, "-t --time", "shmtool list -o id,owner,atime,dtime,ctime"},
    {NULL, "-c --creator", "shmtool list -o id,mode,creator,creator_group,owner,group"},
    {NULL, "-q --queues", "ipcs -q"},
    {NULL, "-s --semaphores", "ipcs -s"},
    // ipcmk, ipcrm
    {NULL, "-M", "shmtool create SIZE, or shmtool rm KEY"},
    {NULL, "--shmem", "shmtool create SIZE"},
    {NULL, "--shmem-id", "shmtool rm ID"},
    {NULL, "--shmem-key", "shmtool rm KEY"},
    {"create", "-M --shmem -p", "shmtool create -m MODE SIZE"},
    {"create", "-s --size", "shmtool create SIZE"},
    {"create", "-f --file", "shmtool create --from FILE"},
    {"rm", "-m --shmem-id -i --id", "shmtool rm ID"},
    {"rm", "-M --shmem-key -k --key", "shmtool rm KEY"},
    {"rm", "-a", "shmtool rm --all"},
    {"list", "-i --id", "shmtool stat ID"},
    {"list", "-k", "shmtool stat KEY"},
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
    {"stat", "-k", "shmtool stat KEY"},
    {"stat", "-c --format", "shmtool stat -o COLS SEGMENT"},
    {"ps", "-i -m", "shmtool ps ID"},
    {"ps", "-a -A -e", "shmtool ps"},
    {"ps", "-p", "shmtool ps --pid PID"},
    {"ps", "-f", "shmtool ps -o +args"},
    {"limits", "-l -m -u", "shmtool limits"},
    {"limits", ADVICE_SEGMENT, "shmtool stat"},
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
    {"watch", "-n", "shmtool watch -i SECS"},
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
        if ((command && table[i].command ? !strcmp(command, table[i].command)
                                         : command == table[i].command) &&
            has_word(table[i].words, word))
            return table[i].use;
    return NULL;
}
