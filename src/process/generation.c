/* SPDX-License-Identifier: MIT */
/* generation.c - opens what a configuration names, in the order in which it can be reported. */

#include "process/generation.h"

#include "base/log.h"
#include "os/cpu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ADDRESSES_TEXT_SIZE 512

static void count_workers(struct generation *generation)
{
    struct cpu_budget budget;
    if (generation->config->server.workers > 0) {
        generation->worker_count = generation->config->server.workers;
        (void)snprintf(generation->worker_reason, WORKER_REASON_SIZE, "configured");
        return;
    }
    cpu_budget(&budget);
    generation->worker_count = MIN(budget.count, (unsigned)WORKERS_MAX);
    if (budget.count < budget.affinity)
        (void)snprintf(generation->worker_reason, WORKER_REASON_SIZE,
                       "cgroup quota of %u.%02u cores", budget.quota_pct / 100,
                       budget.quota_pct % 100);
    else
        (void)snprintf(generation->worker_reason, WORKER_REASON_SIZE, "%u core%s", budget.affinity,
                       budget.affinity == 1 ? "" : "s");
}

static int find_identity(struct generation *generation, const struct trouble *trouble)
{
    const struct server_config *server = &generation->config->server;
    if (!priv_is_root()) {
        if (server->user)
            log_warn(LOG_PROCESS, "only root can change to user \"%s\"; workers run as we do",
                     server->user);
        return 0;
    }
    int err = priv_find(server->user, server->group, &generation->identity);
    if (err == -ENOENT)
        trouble_report(trouble, 0, "there is no user \"%s\"",
                       server->user ? server->user : "www-data\" or \"nobody");
    else if (err == -ESRCH)
        trouble_report(trouble, 0, "there is no group \"%s\"", server->group);
    else if (err)
        trouble_report(trouble, err, "cannot look up user \"%s\"",
                       server->user ? server->user : "www-data\" or \"nobody");
    if (err)
        return err;
    generation->changes_user = true;
    if (generation->identity.uid == 0)
        log_warn(LOG_PROCESS,
                 "workers run as root: a mistake in one of them is a mistake of root's");
    return 0;
}

static int open_roots(struct generation *generation, const struct trouble *trouble)
{
    const struct config *config = generation->config;
    int err = 0;
    for (size_t i = 0; i < config->root_count; i++) {
        generation->root_fds[i] = open(config->roots[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (generation->root_fds[i] != -1)
            continue;
        err = -errno;
        trouble_report(trouble, err, "cannot open the root \"%s\"", config->roots[i]);
    }
    return err;
}

static void close_roots(struct generation *generation)
{
    for (size_t i = 0; generation->root_fds && i < generation->config->root_count; i++) {
        if (generation->root_fds[i] != -1)
            close(generation->root_fds[i]);
    }
    free(generation->root_fds);
}

static int prepare_roots(struct generation *generation)
{
    size_t count = generation->config->root_count;
    generation->root_fds = malloc(count * sizeof(*generation->root_fds));
    if (!generation->root_fds)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        generation->root_fds[i] = -1;
    return 0;
}

static int create_mutex(struct generation *generation, const struct generation_sources *sources)
{
    enum shmtx_backend backend = SHMTX_ATOMIC;
    enum accept_mutex_kind kind = generation->config->server.accept_mutex;
    /* One worker has nobody to take turns with. */
    if (kind == ACCEPT_MUTEX_OFF || generation->worker_count == 1)
        return 0;
    if (kind == ACCEPT_MUTEX_FILE || !shmtx_atomic_is_usable())
        backend = SHMTX_FILE;
    int err = shmtx_create(&generation->mutex, backend, &sources->shared->accept_mutex, NULL);
    if (err)
        trouble_report(sources->trouble, err, "cannot create the accept mutex (%s)",
                       shmtx_backend_name(backend));
    generation->has_mutex = err == 0;
    return err;
}

void generation_apply_log(const struct generation *generation)
{
    const struct server_config *server = &generation->config->server;
    for (unsigned module = 0; module < LOG_MODULE_COUNT; module++)
        log_set_level((enum log_module)module, server->log_level[module]);
    log_set_fd(generation->logs.error_fd);
}

static int open_all(struct generation *generation, const struct generation_sources *sources)
{
    struct generation *old = sources->old;
    int err = log_files_open(&generation->logs, &generation->config->server, sources->trouble);
    if (err)
        return err;
    if (!old)
        generation_apply_log(generation); /* the first one's warnings belong there already */
    /* The rest is tried whatever happens, so that all that is wrong is said at once. */
    int root_err = open_roots(generation, sources->trouble);
    int identity_err = find_identity(generation, sources->trouble);
    int caches_err = 0;
    if (!identity_err)
        caches_err = cache_folders_open(&generation->caches, generation->config,
                                        generation->changes_user ? &generation->identity : NULL,
                                        sources->trouble);
    int sandbox_err = caches_err ? 0
                                 : confinement_prepare(&generation->confinement, generation->config,
                                                       generation->root_fds, &generation->caches,
                                                       sources->trouble);
    err = listeners_open(&generation->listeners, generation->config, old ? &old->listeners : NULL,
                         sources->inherited, sources->trouble);
    if (!err)
        err = create_mutex(generation, sources);
    if (!err) {
        err = client_memory_create(&generation->clients, generation->config,
                                   generation->worker_count);
        if (err)
            trouble_report(sources->trouble, err, "cannot share memory to count clients in");
    }
    const int errors[] = {root_err, identity_err, caches_err, sandbox_err};
    for (size_t i = 0; i < COUNT_OF(errors); i++)
        err = errors[i] ? errors[i] : err;
    return err;
}

int generation_create(struct config *config, const struct generation_sources *sources,
                      struct generation **ret_generation)
{
    struct generation *generation = calloc(1, sizeof(*generation));
    if (!generation) {
        config_free(config);
        return -ENOMEM;
    }
    generation->config = config;
    generation->logs = (struct log_files){.error_fd = -1, .access_fd = -1};
    count_workers(generation);

    int err = prepare_roots(generation);
    if (!err)
        err = open_all(generation, sources);
    if (err) {
        generation_destroy(generation);
        return err;
    }
    *ret_generation = generation;
    return 0;
}

void generation_destroy(struct generation *generation)
{
    if (!generation)
        return;
    if (generation->has_mutex)
        shmtx_done(&generation->mutex);
    client_memory_destroy(&generation->clients);
    confinement_done(&generation->confinement);
    cache_folders_close(&generation->caches);
    listeners_done(&generation->listeners);
    if (log_fd() == generation->logs.error_fd)
        log_set_fd(STDERR_FILENO);
    log_files_close(&generation->logs);
    close_roots(generation);
    config_free(generation->config);
    free(generation);
}

int generation_reopen_logs(struct generation *generation, const struct trouble *trouble)
{
    struct log_files fresh;
    int err = log_files_open(&fresh, &generation->config->server, trouble);
    if (err)
        return err;
    if (log_fd() == generation->logs.error_fd)
        log_set_fd(fresh.error_fd);
    log_files_close(&generation->logs);
    generation->logs = fresh;
    return 0;
}

void generation_log_summary(const struct generation *generation)
{
    char addresses[ADDRESSES_TEXT_SIZE];
    listeners_describe(&generation->listeners, addresses, sizeof(addresses));
    log_notice(LOG_PROCESS, "serves \"%s\" on %s with %u worker%s (%s)",
               generation->config->site.root, addresses, generation->worker_count,
               generation->worker_count == 1 ? "" : "s", generation->worker_reason);
    confinement_log(&generation->confinement, generation->config);
}
