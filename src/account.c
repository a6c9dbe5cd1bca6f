// SPDX-License-Identifier: MIT
// Looks up account names, each once.
#include "account.h"

#include "escape.h"
#include "parse.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct account {
    uint64_t id;
    bool group;
    bool known;  // somebody has this id
    char name[]; // escaped
};

int account_error;

static int compare_accounts(const void *left, const void *right)
{
    const struct account *a = left, *b = right;

    if (a->group != b->group)
        return a->group ? 1 : -1;
    return (a->id > b->id) - (a->id < b->id);
}

// Whether a lookup failed, by its errno: of an id or a name that nobody has, there are many. ESPIPE
// is glibc's word for a file of accounts in which it cannot seek.
static bool is_failure(int error)
{
    return error == EINTR || error == EIO || error == EMFILE || error == ENFILE ||
           error == ENOMEM || error == ESPIPE;
}

static const char *system_name(uint64_t id, bool group)
{
    errno = 0;
    const struct passwd *user = group ? NULL : getpwuid((uid_t)id);
    const struct group *entry = group ? getgrgid((gid_t)id) : NULL;

    if (!user && !entry && is_failure(errno))
        account_error = errno;
    return user ? user->pw_name : entry ? entry->gr_name : NULL;
}

static struct account *add_account(uint64_t id, bool group, void **tree)
{
    const char *name = system_name(id, group);
    size_t length = name ? strlen(name) : 0;
    struct account *added = calloc(1, sizeof *added + ESCAPE_MOST(length) + 1);

    if (!added)
        return NULL;
    *added = (struct account){.id = id, .group = group, .known = name};
    if (name)
        escape_text(added->name, name, length, "", false);
    if (tsearch(added, tree, compare_accounts))
        return added;
    free(added);
    return NULL;
}

const char *account_name(uint64_t id, bool group)
{
    static void *tree;
    static const struct account *last[2];
    const struct account wanted = {.id = id, .group = group};

    if (!last[group] || last[group]->id != id) {
        struct account *const *found = tfind(&wanted, &tree, compare_accounts);

        last[group] = found ? *found : add_account(id, group, &tree);
        if (!last[group]) {
            account_error = ENOMEM;
            return NULL;
        }
    }
    return last[group]->known ? last[group]->name : NULL;
}

// Names first, as chown(1) does: an account may be called 1000.
static const char *look_up(const char *text, bool group, uint64_t *id)
{
    errno = 0;
    const struct passwd *user = group ? NULL : getpwnam(text);
    const struct group *entry = group ? getgrnam(text) : NULL;
    uint64_t number;

    if (user || entry) {
        *id = user ? user->pw_uid : entry->gr_gid;
        return NULL;
    }
    if (is_failure(errno)) {
        account_error = errno;
        return strerror(account_error);
    }
    // The highest number is (uid_t)-1, which no account can have.
    if (parse_size(text, &number) || text[strspn(text, "0123456789")] || number >= UINT32_MAX)
        return group ? "no such group" : "no such user";
    *id = number;
    return NULL;
}

const char *account_parse_user(const char *text, uint64_t *user)
{
    return look_up(text, false, user);
}

const char *account_parse_owner(const char *text, struct owner *owner)
{
    const char *colon = strchrnul(text, ':'), *why;
    char user[256];

    if ((size_t)(colon - text) >= sizeof user)
        return "no such user";
    memcpy(user, text, (size_t)(colon - text));
    user[colon - text] = '\0';
    why = look_up(user, false, &owner->user);
    owner->has_group = *colon;
    return !why && owner->has_group ? look_up(colon + 1, true, &owner->group) : why;
}
