/* SPDX-License-Identifier: MIT */
/* signal_command.h - `-s WORD`: tells the running server what to do. */
#ifndef TINYWEB_PROCESS_SIGNAL_COMMAND_H
#define TINYWEB_PROCESS_SIGNAL_COMMAND_H

#include "base/macros.h"
#include "config/config.h"
#include "os/signal_manager.h"

#include <stdbool.h>

/*
 * To the server whose pid file @config names. After `stop` and `quit` it waits until that server
 * is gone; `reload` and `upgrade` wait for the outcome, and tell what is wrong; `status` prints to
 * standard output. @argument is what the word is about, NULL: nothing. Says in one line on standard error
 * what came of it (when @is_quiet only what went wrong); returns the exit status: 0, 1, or 3 (`status` of a
 * server that does not run).
 */
int signal_command(const struct config *config, const struct sig_row *command, const char *argument,
                   bool is_quiet);

#endif
