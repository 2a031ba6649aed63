/* SPDX-License-Identifier: MIT */
/* purge_command.h - `-s purge`, as the master does it. */
#ifndef TINYWEB_PROCESS_PURGE_COMMAND_H
#define TINYWEB_PROCESS_PURGE_COMMAND_H

#include "process/control.h"
#include "process/generation.h"

/* @what: a URL, or the beginning of URLs and a "*". Answers @client, for all that begin alike by a
 * process of its own: that reads every file. */
void purge_command(const struct generation *generation, struct shared_state *shared,
                   struct control_client *client, struct slice what);

#endif
