/* SPDX-License-Identifier: MIT */
/*
 * control.h - the master's end of the control socket.
 *
 * A SOCK_SEQPACKET socket of mode 0600 beside the pid file: who may send us signals may ask us
 * here too, and hears what came of it. A client asks one thing and waits for the end of the
 * answer. Their number is fixed, and one that does not read what it is told is dropped.
 */
#ifndef TINYWEB_PROCESS_CONTROL_H
#define TINYWEB_PROCESS_CONTROL_H

#include "base/macros.h"
#include "base/slice.h"
#include "event/event_loop.h"
#include "os/signal_manager.h"

#include <stdbool.h>
#include <sys/types.h>

#define CONTROL_SUFFIX ".ctl"
#define CONTROL_CLIENTS_MAX 8

struct control;

/* Private, as the struct below. */
struct control_client {
    struct watcher watcher; /* fd -1: free */
    enum sig_action asked;  /* what it waits for; meaningful when has_asked */
    pid_t peer;
    struct slice argument; /* of what it asks; borrowed during on_request */
    bool has_asked;
    bool waits_for_next; /* for the one after the one that goes on now */
    struct control *control;
};

struct control {
    struct event_loop *loop;
    /* A client has asked: control_end follows now, or later. */
    void (*on_request)(void *context, struct control_client *client, const struct sig_row *row);
    void *context;
    struct watcher watcher; /* fd -1: closed */
    char *path;             /* owned */
    dev_t dev;
    ino_t ino;
    struct control_client clients[CONTROL_CLIENTS_MAX];
};

void control_init(struct control *control, struct event_loop *loop,
                  void (*on_request)(void *context, struct control_client *client,
                                     const struct sig_row *row),
                  void *context);
/* Listen at @pid_path with CONTROL_SUFFIX, in place of whoever did before. 0 or -errno. */
MUST_CHECK int control_open(struct control *control, const char *pid_path);
/* The socket is unlinked if it is still ours; clients are dropped. */
void control_close(struct control *control);

void control_say(struct control_client *client, const char *format, ...) PRINTF_LIKE(2, 3);
void control_end(struct control_client *client, bool is_done);
/* Another process that has its descriptor answers it. */
void control_leave(struct control_client *client);

/* The same to all that wait for @action, but for those that wait for the next one. */
void control_say_all(struct control *control, enum sig_action action, const char *text);
void control_end_all(struct control *control, enum sig_action action, bool is_done);
/* One @action has begun: those that waited for the next wait for this one. */
void control_begin(struct control *control, enum sig_action action);

#endif
