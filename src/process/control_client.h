/* SPDX-License-Identifier: MIT */
/* control_client.h - asks the master over its control socket, and waits for what comes of it. */
#ifndef TINYWEB_PROCESS_CONTROL_CLIENT_H
#define TINYWEB_PROCESS_CONTROL_CLIENT_H

#include "base/macros.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * @word to the server of that pid file; each line of the answer is printed to @out after @prefix.
 * 0: *@ret_is_done says whether it was done. -ENOENT, -ECONNREFUSED: there is no socket, or nobody
 * behind it. -ETIMEDOUT; -EPIPE: the server went away; -EBADMSG: it speaks another language; else
 * -errno.
 */
MUST_CHECK int control_ask(const char *pid_path, const char *word, int limit_ms, FILE *out,
                           const char *prefix, bool *ret_is_done);

#endif
