/* SPDX-License-Identifier: MIT */
/* model.c - what a model is told, and its listener. */
#include "model.h"

#include "os/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* How long a read of an accepted connection blocks: then clock and deadlines are looked at. */
#define READ_SECONDS 1
#define DEFER_SECONDS 1

_Noreturn void model_fail(const char *what, int err)
{
    fprintf(stderr, "%s: %s\n", what, strerror(err < 0 ? -err : err));
    exit(1);
}

static void report(void *context, const struct config_mistake *mistake)
{
    (void)context;
    if (mistake->is_error)
        fprintf(stderr, "%s\n", mistake->text);
}

static void load_config(struct model *model, const char *root, const char *port)
{
    char *path = realpath(root, NULL);
    char listen[64];
    char folder[4096 + 16];
    int err;

    if (!path)
        model_fail(root, errno);
    (void)snprintf(listen, sizeof(listen), "server.listen=127.0.0.1:%s", port);
    (void)snprintf(folder, sizeof(folder), "server.root=%s", path);
    free(path);
    const struct config_override overrides[] = {
        {listen, "model"},
        {folder, "model"},
        {"server.access_log=off", "model"},
        {"server.keepalive_requests=0", "model"},
        {"server.worker_connections=16384", "model"},
    };
    const struct config_source source = {.overrides = overrides,
                                         .override_count = COUNT_OF(overrides)};
    const struct config_reporter reporter = {.report = report};

    err = config_load(&source, &reporter, &model->config);
    if (err)
        model_fail("configuration", err);
}

static void choose_mutex(struct model *model, const char *name)
{
    model->is_deferred = strcmp(name, "deferred") == 0;
    model->has_own_listeners = strcmp(name, "reuseport") == 0;
    model->has_mutex = strcmp(name, "off") != 0 && !model->is_deferred && !model->has_own_listeners;
    for (int i = 0; i < SHMTX_BACKEND_COUNT && model->has_mutex; i++) {
        model->mutex = (enum shmtx_backend)i;
        if (strcmp(name, shmtx_backend_name(model->mutex)) == 0)
            return;
    }
    if (model->has_mutex)
        model_fail(name, EINVAL);
}

void model_init(struct model *model, int argc, char **argv)
{
    int err;

    if (argc < 3 || argc > 5) {
        fprintf(stderr, "usage: %s DIR PORT [WORKERS [ACCEPT_MUTEX]]\n", argv[0]);
        exit(2);
    }
    *model = (struct model){.workers = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 2};
    if (model->workers < 1 || model->workers > MODEL_WORKERS_MAX)
        model_fail(argv[3], EINVAL);
    choose_mutex(model, argc > 4 ? argv[4] : "atomic");
    load_config(model, argv[1], argv[2]);
    model->root_fd = open(model->config->site.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (model->root_fd == -1)
        model_fail(argv[1], errno);
    if (model->has_own_listeners)
        return;
    err = socket_listen(&model->config->server.listen[0].addr, SOCKET_BACKLOG, &model->listen_fd);
    if (err)
        model_fail("listen", err);
    if (model->is_deferred && setsockopt(model->listen_fd, IPPROTO_TCP, TCP_DEFER_ACCEPT,
                                         &(int){DEFER_SECONDS}, sizeof(int)) == -1)
        model_fail("TCP_DEFER_ACCEPT", errno);
}

void model_listen_alone(struct model *model)
{
    const struct address *addr = &model->config->server.listen[0].addr;
    int fd = socket(addr->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;

    if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == -1 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1 ||
        bind(fd, &addr->any, address_size(addr)) == -1 || listen(fd, SOCKET_BACKLOG) == -1)
        model_fail("listen", errno);
    model->listen_fd = fd;
}

void model_block(const struct model *model)
{
    if (fcntl(model->listen_fd, F_SETFL, 0) == -1)
        model_fail("fcntl", errno);
}

int model_accept(const struct model *model)
{
    const struct timeval limit = {.tv_sec = READ_SECONDS};
    int fd;

    do {
        fd = accept4(model->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    } while (fd == -1 && socket_accept_error_is_transient(errno));
    if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == -1)
        model_fail("accept", errno);
    return fd;
}
