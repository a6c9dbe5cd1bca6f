// SPDX-License-Identifier: MIT
// User and group ids to names and back. Ends the program if a lookup fails.
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The name of user (or GROUP) ID, escaped with escape_text, or NULL if no account has that id. Each
// id is looked up once, with getpwuid(3) or getgrgid(3); the text lives until the program ends.
const char *account_name(uint64_t id, bool group);

// Writes the escaped name of user UID into TEXT (room for SIZE), or "uid UID" if there is none or
// the lookup fails. For messages, so it never ends the program.
void account_describe(uint64_t uid, char *text, size_t size);

// Parses USER, a name or a number. Returns NULL, or why TEXT is refused.
const char *account_parse_user(const char *text, uint64_t *user);

// A parsed USER[:GROUP].
struct owner {
    uint64_t user, group; // group is set only if has_group
    bool has_group;
};

// Parses USER[:GROUP], each a name or a number, like chown(1). Returns NULL, or why TEXT is
// refused.
const char *account_parse_owner(const char *text, struct owner *owner);

#endif
