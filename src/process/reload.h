/* SPDX-License-Identifier: MIT */
/* reload.h - a second generation from the same place as the first, made ready to start. */
#ifndef TINYWEB_PROCESS_RELOAD_H
#define TINYWEB_PROCESS_RELOAD_H

#include "base/macros.h"
#include "config/config.h"
#include "process/generation.h"

#include <stdbool.h>

struct reload_source {
    struct config_source config; /* its path is absolute */
    int start_dir_fd;            /* where relative paths of overrides start; -1: here */
    bool is_daemon;              /* what was started so stays so, whatever the file says */
};

/* Reads, checks, and opens all that is named; @sources->old is the generation in use. Everything
 * that is wrong goes to the log. 0 or -errno. */
MUST_CHECK int reload_prepare(const struct reload_source *source,
                              const struct generation_sources *sources,
                              struct generation **ret_generation);

#endif
