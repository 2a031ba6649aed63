/* SPDX-License-Identifier: MIT */
/* control.c - listens, reads one word a client, and answers. */

#include "process/control.h"

#include "base/log.h"
#include "process/control_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ONLY_OWNER 0177 /* umask: the socket has mode 0600 from its first moment */
/* The name until it listens, so that nobody finds one that does not. */
#define FRESH_SUFFIX "~"

static void drop(struct control_client *client)
{
    if (client->watcher.fd == -1)
        return;
    loop_remove(client->control->loop, &client->watcher);
    close(client->watcher.fd);
    client->watcher.fd = -1;
    client->has_asked = false;
    client->waits_for_next = false;
}

static void send_packet(struct control_client *client, const char *packet, size_t len)
{
    if (client->watcher.fd == -1)
        return;
    if (send(client->watcher.fd, packet, len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)len)
        drop(client);
}

void control_leave(struct control_client *client)
{
    drop(client);
}

void control_say(struct control_client *client, const char *format, ...)
{
    char text[CONTROL_PACKET_MAX], packet[CONTROL_PACKET_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args); /* cut when longer */
    va_end(args);
    send_packet(client, packet, control_format_line(text, packet));
}

void control_end(struct control_client *client, bool is_done)
{
    send_packet(client, is_done ? "=0" : "=1", 2);
    drop(client);
}

static bool waits_for(const struct control_client *client, enum sig_action action)
{
    return client->watcher.fd != -1 && client->has_asked && client->asked == action &&
           !client->waits_for_next;
}

void control_say_all(struct control *control, enum sig_action action, const char *text)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        if (waits_for(&control->clients[i], action))
            control_say(&control->clients[i], "%s", text);
    }
}

void control_end_all(struct control *control, enum sig_action action, bool is_done)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        if (waits_for(&control->clients[i], action))
            control_end(&control->clients[i], is_done);
    }
}

void control_begin(struct control *control, enum sig_action action)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        if (control->clients[i].has_asked && control->clients[i].asked == action)
            control->clients[i].waits_for_next = false;
    }
}

/* Whatever a client does after it has asked, its end included, ends it. */
static void on_client(struct watcher *watcher, uint32_t events)
{
    struct control_client *client = container_of(watcher, struct control_client, watcher);
    char packet[CONTROL_PACKET_MAX + 1];
    struct slice argument;
    (void)events; /* reading tells what it is */
    ssize_t len = recv(watcher->fd, packet, sizeof(packet), MSG_DONTWAIT);
    if (len == -1 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len <= 0 || client->has_asked) {
        drop(client);
        return;
    }
    const struct sig_row *row = control_parse_request(slice_of(packet, (size_t)len), &argument);
    if (!row) {
        control_say(client, "this server does not know what that means");
        control_end(client, false);
        return;
    }
    client->has_asked = true;
    client->asked = row->action;
    client->argument = argument;
    client->control->on_request(client->control->context, client, row);
}

static bool is_allowed(int fd, pid_t *ret_pid)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1)
        return false;
    *ret_pid = peer.pid;
    return peer.uid == 0 || peer.uid == geteuid();
}

/* A free one, else one that has been silent. */
static struct control_client *find_place(struct control *control)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        if (control->clients[i].watcher.fd == -1)
            return &control->clients[i];
    }
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        if (!control->clients[i].has_asked) {
            drop(&control->clients[i]);
            return &control->clients[i];
        }
    }
    return NULL;
}

static void on_connection(struct watcher *watcher, uint32_t events)
{
    struct control *control = container_of(watcher, struct control, watcher);
    (void)events;
    /* accept(2) takes NULL for an address that nobody wants; cppcheck does not know. */
    /* cppcheck-suppress nullPointer */
    int fd = accept4(watcher->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd == -1)
        return;
    pid_t peer;
    struct control_client *client = is_allowed(fd, &peer) ? find_place(control) : NULL;
    if (client) {
        client->peer = peer;
        watcher_init(&client->watcher, fd, on_client);
        if (loop_add(control->loop, &client->watcher, EPOLLIN) == 0)
            return;
        client->watcher.fd = -1;
    }
    close(fd);
}

void control_init(struct control *control, struct event_loop *loop,
                  void (*on_request)(void *context, struct control_client *client,
                                     const struct sig_row *row),
                  void *context)
{
    *control = (struct control){.loop = loop, .on_request = on_request, .context = context};
    watcher_init(&control->watcher, -1, on_connection);
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        control->clients[i].control = control;
        watcher_init(&control->clients[i].watcher, -1, on_client);
    }
}

/* Bound under another name, listening, then put in its place. */
static int listen_at(struct control *control, const char *fresh, int *ret_fd)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    struct stat status = {0};
    if (strlen(fresh) >= sizeof(addr.sun_path))
        return -ENAMETOOLONG;
    memcpy(addr.sun_path, fresh, strlen(fresh) + 1);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd == -1)
        return -errno;
    (void)unlink(fresh); /* left behind by one that was killed just here */
    mode_t old_mask = umask(ONLY_OWNER);
    int err = bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) == -1 ? -errno : 0;
    umask(old_mask);
    if (!err && (listen(fd, CONTROL_CLIENTS_MAX) == -1 || lstat(fresh, &status) == -1 ||
                 rename(fresh, control->path) == -1)) {
        err = -errno;
        (void)unlink(fresh);
    }
    if (err) {
        close(fd);
        return err;
    }
    control->dev = status.st_dev;
    control->ino = status.st_ino;
    *ret_fd = fd;
    return 0;
}

int control_open(struct control *control, const char *pid_path)
{
    char *fresh = NULL;
    int fd = -1;
    control_close(control);
    if (asprintf(&control->path, "%s" CONTROL_SUFFIX, pid_path) == -1) {
        control->path = NULL;
        return -ENOMEM;
    }
    if (asprintf(&fresh, "%s" FRESH_SUFFIX, control->path) == -1)
        return -ENOMEM;
    int err = listen_at(control, fresh, &fd);
    free(fresh);
    if (err)
        return err;
    control->watcher.fd = fd;
    err = loop_add(control->loop, &control->watcher, EPOLLIN);
    if (err)
        control_close(control);
    return err;
}

void control_close(struct control *control)
{
    struct stat status;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        if (control->clients[i].control)
            drop(&control->clients[i]);
    }
    if (control->loop && control->watcher.fd != -1) {
        if (lstat(control->path, &status) == 0 && status.st_dev == control->dev &&
            status.st_ino == control->ino)
            (void)unlink(control->path);
        loop_remove(control->loop, &control->watcher);
        close(control->watcher.fd);
        control->watcher.fd = -1;
    }
    free(control->path);
    control->path = NULL;
}
