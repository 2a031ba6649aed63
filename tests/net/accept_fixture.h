/* SPDX-License-Identifier: MIT */
/*
 * accept_fixture.h - several workers in one process: a loop and an accepter each, on one listening
 * socket, with shared counters and a real mutex. accept4 and epoll_ctl fail when told to.
 */
#ifndef ACCEPT_FIXTURE_H
#define ACCEPT_FIXTURE_H

#include "support/unit.h"

#include "net/accepter.h"
#include "os/socket.h"
#include "support/fake_clock.h"

#define ACCEPT_WORKERS_MAX 4
#define ACCEPT_CLIENTS_MAX 256
#define ACCEPT_DELAY_MS 10

struct accept_worker {
    struct event_loop *loop;
    struct accepter accepter;
    struct accepter_env env;
    struct shmtx mutex;
    uint64_t capacity;
    bool can_make_room; /* by closing a connection */
    bool stops_at_once; /* on_accepted stops the accepter */

    unsigned accepted;
    unsigned asked_for_room;
    unsigned refused, exhausted;
    struct address last_peer;
    int fds[ACCEPT_CLIENTS_MAX];
    size_t open;
};

struct accept_fixture {
    struct accept_worker workers[ACCEPT_WORKERS_MAX];
    size_t worker_count;
    struct worker_counters counters[ACCEPT_WORKERS_MAX];
    struct shmtx_word *word; /* shared with forked processes */
    struct address addr;
    int listen_fd;
    int clients[ACCEPT_CLIENTS_MAX];
    size_t client_count;

    unsigned accept_calls;
    int accept_error;
    unsigned accept_failures; /* as many calls fail from now on */
    bool epoll_add_fails;
    uint32_t watched_events; /* by the last call of epoll_ctl; 0: it took a watch out */
};

extern struct accept_fixture accepts;

void accept_set_up(size_t worker_count, bool with_mutex);
int accept_tear_down(void **state);

int accept_connect(void);
void accept_fail(int err, unsigned times);
void accept_turn(struct accept_worker *worker);
/* The counters follow what is open and the capacity. */
void accept_update(struct accept_worker *worker);
unsigned accept_total(void);

#endif
