// SPDX-License-Identifier: MIT
// User and group ids to names and back.
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

// The name of user (or GROUP) ID, escaped as escape_text does, or NULL where no account has
// it. Each id is looked up once, with getpwuid(3) or getgrgid(3); the text lives until exit.
// Where it cannot be looked up it returns NULL too and sets account_error to errno.
const char *account_name(uint64_t id, bool group);

extern int account_error; // 0 while none failed

// Parses USER, a name or a number. Returns NULL, or the reason why TEXT is refused; where it could
// not be looked up, account_error is set too.
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
