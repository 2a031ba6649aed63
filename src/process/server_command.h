/* SPDX-License-Identifier: MIT */
/* server_command.h - `-s drain`, `maint` and `ready` for servers of upstreams, as the master does them. */
#ifndef TINYWEB_PROCESS_SERVER_COMMAND_H
#define TINYWEB_PROCESS_SERVER_COMMAND_H

#include "config/config.h"
#include "process/control.h"
#include "process/shared_state.h"
#include "upstream/server_health.h"

/* @order to the server that @client names. Answers it; when there is no such server, with those there are. */
void server_command(const struct config *config, struct shared_state *shared,
                    struct control_client *client, enum server_order order, int64_t now_ms);

/* A line for each server, for `-s status`; none where there are none. */
void server_command_list(const struct config *config, const struct shared_state *shared,
                         struct control_client *client, int64_t now_ms);

#endif
