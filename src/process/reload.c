/* SPDX-License-Identifier: MIT */
/* reload.c - reads the configuration anew; called by the master, which decides what follows. */

#include "process/reload.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void report_to_log(void *context, const struct config_mistake *mistake)
{
    const struct trouble *trouble = context;
    trouble_pass_on(trouble, mistake->text);
    if (mistake->is_error)
        log_error(LOG_CONFIG, "%s", mistake->text);
    else
        log_warn(LOG_CONFIG, "%s", mistake->text);
}

/* Relative paths of overrides mean the folder that the server was started in; a daemon has left
 * it. */
static int load(const struct reload_source *source, const struct trouble *trouble,
                struct config **ret_config)
{
    struct trouble listener = *trouble;
    const struct config_reporter reporter = {.report = report_to_log, .context = &listener};
    bool is_elsewhere = source->is_daemon && source->start_dir_fd != -1;
    if (is_elsewhere && fchdir(source->start_dir_fd) == -1)
        log_warn_errno(LOG_PROCESS, errno, "cannot return to the folder of the start");
    struct config_source config = source->config;
    config.environment = (const char *const *)environ; /* which may have moved since the start */
    int err = config_load(&config, &reporter, ret_config);
    if (is_elsewhere && chdir("/") == -1)
        log_warn_errno(LOG_PROCESS, errno, "cannot change to /");
    return err;
}

static void warn_of_fixed(const struct config *old, const struct config *fresh)
{
    const char *before = old->server.pid_file ? old->server.pid_file : "";
    const char *after = fresh->server.pid_file ? fresh->server.pid_file : "";
    if (strcmp(before, after) != 0)
        log_warn(LOG_PROCESS, "a new pid_file takes effect at the next start");
}

int reload_prepare(const struct reload_source *source, const struct generation_sources *sources,
                   struct generation **ret_generation)
{
    struct config *config;
    int err = load(source, sources->trouble, &config);
    if (err)
        return err;
    warn_of_fixed(sources->old->config, config);
    config->server.daemon = source->is_daemon;
    return generation_create(config, sources, ret_generation);
}
