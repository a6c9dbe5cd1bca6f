// SPDX-License-Identifier: MIT
// Looks up account names, each once.
#include "account.h"

#include "escape.h"
#include "fail.h"
#include "parse.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <search.h>
#include <stdio.h>
#include <string.h>

struct account {
    uint64_t id;
    bool group;
    char name[]; // escaped; empty if no account has the id
};

static int compare_accounts(const void *left, const void *right)
{
    const struct account *a = left, *b = right;

    if (a->group != b->group)
        return a->group ? 1 : -1;
    return (a->id > b->id) - (a->id < b->id);
}

// Whether ERROR means that a lookup failed. Libcs leave many other errnos when an account does not
// exist. ESPIPE is glibc's error for a file of accounts in which it cannot seek.
static bool is_failure(int error)
{
    return error == EAGAIN || error == EINTR || error == EIO || error == EMFILE ||
           error == ENFILE || error == ENOMEM || error == ESPIPE;
}

// NULL and errno if no account has the id, or if the lookup failed.
static const char *system_name(uint64_t id, bool group)
{
    errno = 0;
    const struct passwd *user = group ? NULL : getpwuid((uid_t)id);
    const struct group *entry = group ? getgrgid((gid_t)id) : NULL;

    return user ? user->pw_name : entry ? entry->gr_name : NULL;
}

static struct account *look_up(uint64_t id, bool group)
{
    const char *name = system_name(id, group);
    const size_t length = name ? strlen(name) : 0;
    struct account *account;

    if (!name && is_failure(errno))
        die(errno == ENOMEM ? STATUS_LIMIT : STATUS_FAILED, "%s %" PRIu64 ": %s",
            group ? "group" : "user", id, strerror(errno));
    account = memory_resize(NULL, 1, sizeof *account + ESCAPE_MOST(length) + 1);
    *account = (struct account){.id = id, .group = group};
    account->name[name ? escape_text(account->name, name, length, "", false).written : 0] = '\0';
    return account;
}

const char *account_name(uint64_t id, bool group)
{
    static void *tree;
    static const struct account *last[2];
    const struct account wanted = {.id = id, .group = group};

    if (!last[group] || last[group]->id != id) {
        struct account *const *found = tfind(&wanted, &tree, compare_accounts);

        if (!found && !(found = tsearch(look_up(id, group), &tree, compare_accounts)))
            die_errno("memory");
        last[group] = *found;
    }
    return *last[group]->name ? last[group]->name : NULL;
}

void account_describe(uint64_t uid, char *text, size_t size)
{
    const char *name = system_name(uid, false);
    const size_t length = name ? strlen(name) : 0;

    if (name && ESCAPE_MOST(length) < size)
        text[escape_text(text, name, length, "", false).written] = '\0';
    else
        snprintf(text, size, "uid %" PRIu64, uid);
}

// Names first, like chown(1): an account may be called 1000.
static const char *parse_account(const char *text, bool group, uint64_t *id)
{
    errno = 0;
    const struct passwd *user = group ? NULL : getpwnam(text);
    const struct group *entry = group ? getgrnam(text) : NULL;
    uint64_t number;

    if (user || entry) {
        *id = user ? user->pw_uid : entry->gr_gid;
        return NULL;
    }
    if (is_failure(errno))
        die(errno == ENOMEM ? STATUS_LIMIT : STATUS_FAILED, "%s %s: %s", group ? "group" : "user",
            text, strerror(errno));
    // The highest number is (uid_t)-1, which no account can have.
    if (parse_size(text, &number) || text[strspn(text, "0123456789")] || number >= UINT32_MAX)
        return group ? "no such group" : "no such user";
    *id = number;
    return NULL;
}

const char *account_parse_user(const char *text, uint64_t *user)
{
    return parse_account(text, false, user);
}

const char *account_parse_owner(const char *text, struct owner *owner)
{
    const char *colon = strchrnul(text, ':'), *why;
    char user[256];

    if ((size_t)(colon - text) >= sizeof user)
        return "no such user";
    memcpy(user, text, (size_t)(colon - text));
    user[colon - text] = '\0';
    why = parse_account(user, false, &owner->user);
    owner->has_group = *colon;
    return !why && owner->has_group ? parse_account(colon + 1, true, &owner->group) : why;
}
