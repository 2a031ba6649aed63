/* SPDX-License-Identifier: MIT */
/* accept_fixture.c - what the tests of accepters share. */
#include "accept_fixture.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* By the linker: --wrap=accept4, epoll_ctl. */
int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *size, int flags);
int __real_accept4(int fd, struct sockaddr *addr, socklen_t *size, int flags);
int __wrap_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event);
int __real_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event);

struct accept_fixture accepts;

int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *size, int flags)
{
    accepts.accept_calls++;
    if (accepts.accept_failures > 0) {
        accepts.accept_failures--;
        errno = accepts.accept_error;
        return -1;
    }
    return __real_accept4(fd, addr, size, flags);
}

int __wrap_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event)
{
    accepts.watched_events = op == EPOLL_CTL_ADD ? event->events : 0;
    if (accepts.epoll_add_fails && op == EPOLL_CTL_ADD) {
        errno = ENOSPC;
        return -1;
    }
    return __real_epoll_ctl(epoll_fd, op, fd, event);
}

void accept_update(struct accept_worker *worker)
{
    struct worker_counters *own = &accepts.counters[worker - accepts.workers];

    counter_set(&own->connections, worker->open);
    counter_set(&own->free_slots, worker->capacity - worker->open);
}

static bool make_room(void *context)
{
    struct accept_worker *worker = context;

    worker->asked_for_room++;
    if (!worker->can_make_room || worker->open == 0)
        return false;
    close(worker->fds[--worker->open]);
    accept_update(worker);
    return true;
}

static void on_accepted(void *context, const struct accepter *accepter, int fd,
                        const struct address *peer)
{
    struct accept_worker *worker = context;

    assert_ptr_equal(accepter, &worker->accepter);
    /* Nobody waits for the mutex while a connection is served. */
    if (worker->env.mutex)
        assert_false(worker->mutex.is_held);
    worker->accepted++;
    worker->last_peer = *peer;
    worker->fds[worker->open++] = fd;
    accept_update(worker);
    if (worker->stops_at_once)
        accepter_stop(&worker->accepter, false);
}

static void on_refused(void *context, int fd, const struct address *peer)
{
    struct accept_worker *worker = context;

    assert_int_equal(peer->any.sa_family, AF_INET);
    worker->refused++;
    socket_refuse(fd, SLICE_LITERAL("sorry"));
}

static void on_exhausted(void *context, int err)
{
    struct accept_worker *worker = context;

    assert_true(err < 0);
    worker->exhausted++;
}

static void worker_set_up(struct accept_worker *worker, size_t index, bool with_mutex)
{
    assert_int_equal(loop_create(&worker->loop), 0);
    worker->capacity = ACCEPT_CLIENTS_MAX;
    if (with_mutex)
        assert_int_equal(shmtx_create(&worker->mutex, SHMTX_ATOMIC, accepts.word, NULL), 0);
    worker->env = (struct accepter_env){
        .loop = worker->loop,
        .mutex = with_mutex ? &worker->mutex : NULL,
        .mutex_delay_ms = ACCEPT_DELAY_MS,
        .counters = accepts.counters,
        .counters_count = accepts.worker_count,
        .counters_index = index,
        .make_room = make_room,
        .on_accepted = on_accepted,
        .on_refused = on_refused,
        .on_exhausted = on_exhausted,
        .context = worker,
    };
    counter_set(&accepts.counters[index].active, 1);
    accept_update(worker);
    assert_int_equal(accepter_start(&worker->accepter, &worker->env, accepts.listen_fd), 0);
}

void accept_set_up(size_t worker_count, bool with_mutex)
{
    memset(&accepts, 0, sizeof(accepts));
    fake_clock_set(1000);
    accepts.worker_count = worker_count;
    accepts.word = mmap(NULL, sizeof(*accepts.word), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(accepts.word, MAP_FAILED);
    assert_int_equal(address_parse(SLICE_LITERAL("127.0.0.1:0"), 0, &accepts.addr), 0);
    assert_int_equal(socket_listen(&accepts.addr, ACCEPT_CLIENTS_MAX, &accepts.listen_fd), 0);
    assert_int_equal(socket_local_address(accepts.listen_fd, &accepts.addr), 0);
    for (size_t i = 0; i < worker_count; i++)
        worker_set_up(&accepts.workers[i], i, with_mutex);
}

int accept_tear_down(void **state)
{
    (void)state;
    accepts.epoll_add_fails = false;
    for (size_t i = 0; i < accepts.worker_count; i++) {
        struct accept_worker *worker = &accepts.workers[i];

        accepter_stop(&worker->accepter, false);
        assert_int_equal(timer_is_armed(&worker->accepter.rest_timer), false);
        while (worker->open > 0)
            close(worker->fds[--worker->open]);
        loop_destroy(worker->loop);
    }
    while (accepts.client_count > 0)
        close(accepts.clients[--accepts.client_count]);
    close(accepts.listen_fd);
    assert_int_equal(munmap(accepts.word, sizeof(*accepts.word)), 0);
    fake_clock_off();
    return 0;
}

int accept_connect(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, &accepts.addr.any, address_size(&accepts.addr)), 0);
    accepts.clients[accepts.client_count++] = fd;
    return fd;
}

void accept_fail(int err, unsigned times)
{
    accepts.accept_error = err;
    accepts.accept_failures = times;
}

void accept_turn(struct accept_worker *worker)
{
    assert_int_equal(loop_run_once(worker->loop, 0), 0);
}

unsigned accept_total(void)
{
    unsigned sum = 0;

    for (size_t i = 0; i < accepts.worker_count; i++)
        sum += accepts.workers[i].accepted;
    return sum;
}
