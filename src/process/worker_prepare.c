/* SPDX-License-Identifier: MIT */
/* worker_prepare.c - descriptors, limits and rights, in the order in which each is still possible. */

#include "process/worker_prepare.h"

#include "base/log.h"
#include "os/daemonize.h"
#include "os/descriptors.h"
#include "os/resource_limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Descriptors of a worker besides its connections: standard ones, logs, loop, channel, cache … */
#define RESERVED_DESCRIPTORS 64

/* Nothing that the master has for itself or for other workers. */
static int keep_own_descriptors(const struct worker_inheritance *inherited)
{
    size_t count = 0, root_count = inherited->config->root_count;
    const struct cache_folders *caches = inherited->caches;
    int *keep = malloc((inherited->listen_count + root_count + caches->count + 4) * sizeof(*keep));
    if (!keep)
        return -ENOMEM;
    for (size_t i = 0; i < inherited->listen_count; i++)
        keep[count++] = inherited->listen_fds[i];
    keep[count++] = inherited->logs->error_fd;
    keep[count++] = inherited->logs->access_fd;
    for (size_t i = 0; i < root_count; i++)
        keep[count++] = inherited->root_fds[i];
    for (size_t i = 0; i < caches->count; i++)
        keep[count++] = caches->fds[i];
    keep[count++] = inherited->channel_fd;
    keep[count++] = inherited->accept_mutex ? inherited->accept_mutex->fd : -1;
    int err = descriptors_close_others(keep, count);
    free(keep);
    return err;
}

unsigned worker_capacity(const struct config *config)
{
    unsigned wanted = config->server.worker_connections;
    uint64_t limit = limits_open_files();
    uint64_t pairs = limit > RESERVED_DESCRIPTORS ? (limit - RESERVED_DESCRIPTORS) / 2 : 0;
    if (config->upstream_count == 0)
        return wanted;
    return (unsigned)MIN(wanted, MAX(pairs, limit / 4));
}

/* The server runs with less than was asked for, but says so. */
static void set_limits(const struct worker_inheritance *inherited)
{
    const struct server_config *server = &inherited->config->server;
    uint64_t limit;
    int err = limits_set_open_files(server->max_open_files, &limit);
    if (!worker_speaks_for_all(inherited))
        return;
    if (err) {
        log_warn_errno(LOG_PROCESS, err, "cannot set the limit of open files");
        return;
    }
    if (limit < server->max_open_files)
        log_warn(LOG_PROCESS, "max_open_files %u is above the hard limit: it is %llu",
                 server->max_open_files, (unsigned long long)limit);
    if (limit < (uint64_t)server->worker_connections + RESERVED_DESCRIPTORS)
        log_warn(LOG_PROCESS, "worker_connections %u is more than %llu open files allow",
                 server->worker_connections, (unsigned long long)limit);
    else if (worker_capacity(inherited->config) < server->worker_connections)
        log_notice(
            LOG_PROCESS,
            "each worker takes %u connections at most: for each one, %llu open files have room "
            "for another one to a server",
            worker_capacity(inherited->config), (unsigned long long)limit);
}

static void warn_if_root_unreadable(const struct worker_inheritance *inherited,
                                    const struct site_config *site)
{
    const char *user = inherited->identity ? inherited->identity->user : "(ours)";
    int root_fd = inherited->root_fds[site->root_number];
    struct stat status;
    if (faccessat(root_fd, ".", X_OK, AT_EACCESS) == -1) {
        log_warn_errno(LOG_PROCESS, errno, "the workers' user %s cannot enter the root \"%s\"",
                       user, site->root);
        return;
    }
    for (size_t i = 0; i < site->index.count; i++) {
        const char *name = site->index.items[i];
        if (fstatat(root_fd, name, &status, 0) == 0 &&
            faccessat(root_fd, name, R_OK, AT_EACCESS) == -1)
            log_warn_errno(LOG_PROCESS, errno, "the workers' user %s cannot read \"%s/%s\"", user,
                           site->root, name);
    }
}

static void warn_if_unreadable(const struct worker_inheritance *inherited)
{
    const struct config *config = inherited->config;
    if (!worker_speaks_for_all(inherited))
        return;
    warn_if_root_unreadable(inherited, &config->site);
    for (size_t i = 0; i < config->host_count; i++) {
        if (config->hosts[i].site.root_number != config->site.root_number)
            warn_if_root_unreadable(inherited, &config->hosts[i].site);
    }
}

static int lower_rights(const struct worker_inheritance *inherited)
{
    const struct identity *identity = inherited->identity;
    int err = 0;
    if (inherited->accept_mutex && (err = shmtx_attach(inherited->accept_mutex)) != 0) {
        trouble_report(&inherited->trouble, err, "worker: cannot open the accept mutex");
        return err;
    }
    if (identity && (err = priv_drop(identity)) != 0) {
        trouble_report(&inherited->trouble, err, "worker: cannot become user \"%s\"",
                       identity->user);
        return err;
    }
    if ((err = priv_harden()) != 0)
        trouble_report(&inherited->trouble, err, "worker: cannot give up privileges");
    return err;
}

int worker_prepare(const struct worker_inheritance *inherited)
{
    int err = keep_own_descriptors(inherited);
    if (err) {
        trouble_report(&inherited->trouble, err, "worker: cannot close descriptors");
        return err;
    }
    /* Standard error later: until the worker is built, mistakes are told where the command was. */
    if (inherited->config->server.daemon && (err = daemon_leave_input()) != 0) {
        trouble_report(&inherited->trouble, err, "worker: cannot open /dev/null");
        return err;
    }
    set_limits(inherited);
    err = lower_rights(inherited);
    if (err)
        return err;
    warn_if_unreadable(inherited);
    return confinement_of_files(inherited->confinement, worker_speaks_for_all(inherited),
                                &inherited->trouble);
}
