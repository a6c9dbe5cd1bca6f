// SPDX-License-Identifier: MIT
// User and group ids to names and back. Ends the program where an account cannot be looked up.
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The name of user (or GROUP) ID, escaped as escape_text does, or NULL where no account has it.
// Each id is looked up once, with getpwuid(3) or getgrgid(3); the text lives until the end.
const char *account_name(uint64_t id, bool group);

// Writes into TEXT (room for SIZE) the name of user UID, escaped, or "uid UID" where it has none or
// cannot be looked up: for messages, which come even where all else fails.
void account_describe(uint64_t uid, char *text, size_t size);

// Parses USER, a name or a number. Returns NULL, or the reason why TEXT is refused.
const char *account_parse_user(const char *text, uint64_t *user);

// What USER[:GROUP] says.
struct owner {
    uint64_t user, group; // group only where has_group
    bool has_group;
};

// Parses USER[:GROUP], each a name or a number, as chown(1) does. Returns NULL, or the reason why
// TEXT is refused.
const char *account_parse_owner(const char *text, struct owner *owner);

#endif
