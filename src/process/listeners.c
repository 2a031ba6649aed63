/* SPDX-License-Identifier: MIT */
/* listeners.c - opens, takes over and closes listening sockets. */

#include "process/listeners.h"

#include "base/writer.h"
#include "config/config_origin.h"
#include "os/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void report_failure(const struct config *config, const struct listen_address *wanted,
                           const struct trouble *trouble, int err)
{
    char addr[ADDRESS_TEXT_SIZE];
    char place[128] = "";
    (void)address_format(&wanted->addr, addr);
    const struct config_place *origin = origin_find(config, "server", "listen");
    const char *file = origin ? origin->file : config->path;
    if (wanted->line > 0 && file)
        (void)snprintf(place, sizeof(place), " (%s:%u)", base_name(file), wanted->line);
    trouble_report(trouble, err, "cannot listen on %s%s", addr, place);
}

/* A copy of the old set's descriptor: an address asked for with port 0 keeps its real port. */
static int take_over(struct listeners *old, const struct address *addr, int *ret_fd)
{
    for (size_t i = 0; old && i < old->count; i++) {
        struct listener *item = &old->items[i];
        if (item->is_taken_over || old->fds[i] == -1)
            continue;
        if (!address_equal(&item->configured, addr) && !address_equal(&item->actual, addr))
            continue;
        int fd = fcntl(old->fds[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (fd == -1)
            return -errno;
        item->is_taken_over = true;
        *ret_fd = fd;
        return 0;
    }
    return -ENOENT;
}

static int open_one(const struct address *addr, struct listeners *old,
                    struct inherited_sockets *inherited, int *ret_fd)
{
    int err = take_over(old, addr, ret_fd);
    if (err != -ENOENT)
        return err;
    int fd = inherited ? inherited_take(inherited, addr) : -1;
    if (fd != -1) {
        *ret_fd = fd;
        return 0;
    }
    return socket_listen(addr, SOCKET_BACKLOG, ret_fd);
}

/* What connections inherit; at a reload the socket has that of the old configuration. */
static int set_options(int fd, const struct server_config *server, const struct trouble *trouble)
{
    int err;
    /* Later than our own deadline, which knows the reason; for what we have closed already. */
    (void)socket_set_user_timeout(fd, server->send_timeout_ms + server->send_timeout_ms / 2);
    err = socket_set_pacing(fd, server->send_rate_after > 0 ? 0 : server->send_rate);
    if (err && server->send_rate > 0) {
        trouble_report(trouble, err, "cannot use send_rate");
        return err;
    }
    err = socket_set_deferred(fd, server->defer_accept);
    if (err && server->defer_accept) {
        trouble_report(trouble, err, "cannot use defer_accept");
        return err;
    }
    err = server->tcp_congestion ? socket_set_congestion(fd, server->tcp_congestion) : 0;
    if (err)
        trouble_report(trouble, err, "cannot use the congestion control \"%s\"",
                       server->tcp_congestion);
    return err;
}

static int allocate(struct listeners *set, size_t count)
{
    struct listener *items = calloc(count, sizeof(*items));
    int *fds = calloc(count, sizeof(*fds));
    if (!items || !fds) {
        free(items);
        free(fds);
        return -ENOMEM;
    }
    *set = (struct listeners){.items = items, .fds = fds};
    return 0;
}

int listeners_open(struct listeners *set, const struct config *config, struct listeners *old,
                   struct inherited_sockets *inherited, const struct trouble *trouble)
{
    const struct server_config *server = &config->server;
    int result = allocate(set, server->listen_count);
    if (result)
        return result;
    for (size_t i = 0; old && i < old->count; i++)
        old->items[i].is_taken_over = false; /* by a reload that failed later */

    for (size_t i = 0; i < server->listen_count; i++) {
        const struct listen_address *wanted = &server->listen[i];
        struct listener *item = &set->items[set->count];
        int *fd = &set->fds[set->count];
        int err = open_one(&wanted->addr, old, inherited, fd);
        if (!err) {
            set->count++;
            item->configured = wanted->addr;
            err = socket_local_address(*fd, &item->actual);
        }
        if (err) {
            report_failure(config, wanted, trouble, err);
            result = err;
        } else if ((err = set_options(*fd, server, trouble)) != 0) {
            result = err;
        }
    }
    if (result)
        listeners_done(set);
    return result;
}

void listeners_close(struct listeners *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->fds[i] != -1)
            close(set->fds[i]);
        set->fds[i] = -1;
    }
}

void listeners_done(struct listeners *set)
{
    listeners_close(set);
    free(set->items);
    free(set->fds);
    *set = (struct listeners){0};
}

void listeners_describe(const struct listeners *set, char *out, size_t size)
{
    struct writer w = writer_on(out, size - 1);
    for (size_t i = 0; i < set->count; i++) {
        char addr[ADDRESS_TEXT_SIZE];
        (void)address_format(&set->items[i].actual, addr);
        writer_format(&w, "%s%s", i > 0 ? ", " : "", addr);
    }
    out[w.len] = '\0';
}
