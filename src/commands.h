// SPDX-License-Identifier: MIT
// The subcommands, each defined at the foot of its cmd_NAME.c.
#ifndef COMMANDS_H
#define COMMANDS_H

#include "command.h"

extern const struct command cmd_attach_write;
extern const struct command cmd_create;
extern const struct command cmd_ftok;
extern const struct command cmd_limits;
extern const struct command cmd_list;
extern const struct command cmd_metrics;
extern const struct command cmd_ps;
extern const struct command cmd_read;
extern const struct command cmd_rm;
extern const struct command cmd_semlock;
extern const struct command cmd_set;
extern const struct command cmd_stat;
extern const struct command cmd_watch;

#endif
