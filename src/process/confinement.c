/* SPDX-License-Identifier: MIT */
/* confinement.c - auto, off and require. */

#include "process/confinement.h"

#include "base/log.h"

#include <errno.h>

int confinement_prepare(struct confinement *confinement, const struct config *config,
                        const int *root_fds, const struct cache_folders *caches,
                        const struct trouble *trouble)
{
    enum sandbox_mode mode = config->server.sandbox;
    const struct sandbox_policy policy = {
        .dir_fds = root_fds,
        .dir_count = config->root_count,
        .own_fds = caches->fds,
        .own_count = caches->count,
        .may_connect = config->upstream_count > 0,
    };
    char text[SANDBOX_TEXT_SIZE];

    *confinement = (struct confinement){.mode = SANDBOX_OFF};
    if (mode == SANDBOX_OFF)
        return 0;
    if (sandbox_is_instrumented()) {
        if (mode == SANDBOX_AUTO)
            return 0;
        trouble_report(
            trouble, 0,
            "sandbox = require: an instrumented program (sanitizers, coverage) has none");
        return -ENOTSUP;
    }
    confinement->mode = mode;
    sandbox_init(&confinement->sandbox, &policy);
    if (mode == SANDBOX_AUTO || sandbox_is_whole(&confinement->sandbox))
        return 0;
    sandbox_describe(&confinement->sandbox, text, sizeof(text));
    trouble_report(trouble, 0, "sandbox = require, but there is only: %s", text);
    return -ENOTSUP;
}

void confinement_done(struct confinement *confinement)
{
    if (confinement->mode != SANDBOX_OFF)
        sandbox_done(&confinement->sandbox);
    confinement->mode = SANDBOX_OFF;
}

void confinement_log(const struct confinement *confinement, const struct config *config)
{
    char text[SANDBOX_TEXT_SIZE];
    if (config->server.sandbox == SANDBOX_OFF) {
        log_notice(LOG_PROCESS, "sandbox: off");
        return;
    }
    if (confinement->mode == SANDBOX_OFF) {
        log_notice(LOG_PROCESS,
                   "sandbox: off, as this program is instrumented (sanitizers, coverage)");
        return;
    }
    sandbox_describe(&confinement->sandbox, text, sizeof(text));
    log_at(LOG_PROCESS, sandbox_is_whole(&confinement->sandbox) ? LOG_NOTICE : LOG_WARN, 0,
           "sandbox: %s", text);
}

static int judge(const struct confinement *confinement, int err, bool speaks, const char *part,
                 const struct trouble *trouble)
{
    if (!err)
        return 0;
    if (confinement->mode == SANDBOX_REQUIRE) {
        trouble_report(trouble, err, "worker: sandbox: cannot enter %s", part);
        return err;
    }
    if (speaks)
        log_warn_errno(LOG_PROCESS, err, "sandbox: cannot enter %s", part);
    return 0;
}

int confinement_of_files(const struct confinement *confinement, bool speaks,
                         const struct trouble *trouble)
{
    if (confinement->mode == SANDBOX_OFF)
        return 0;
    int err = sandbox_restrict_files(&confinement->sandbox);
    return judge(confinement, err, speaks, "Landlock", trouble);
}

int confinement_of_calls(const struct confinement *confinement, bool speaks,
                         const struct trouble *trouble)
{
    if (confinement->mode == SANDBOX_OFF)
        return 0;
    int err = sandbox_restrict_calls(&confinement->sandbox);
    return judge(confinement, err, speaks, "the seccomp filter", trouble);
}
