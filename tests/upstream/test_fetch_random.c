/* SPDX-License-Identifier: MIT */
/*
 * test_fetch_random.c - users and servers do what they like, in any order: every request has one end, or
 * is cancelled, what is told as content is what a server said, and nothing is left over.
 */
#include "upstream_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WISHES 6
#define PEERS 24
#define ROUNDS 60
#define STEPS 400

static uint32_t seed;
static struct wish wishes[WISHES];
static bool sends[WISHES]; /* content of the request, not complete yet */

/* Connections of servers, each with the reply that it is in the middle of. */
static struct peer {
    int fd;
    const char *rest;
} peers[PEERS];

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % below;
}

/* Content is x's alone, so that whatever is told of it can be looked at; but for what has no end. */
static const char *const replies[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nxxxxx",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nxxxxx",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxxx\r\n2\r\nxx\r\n0\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Hint\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx",
    "HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nxxxxx",
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nxxxxx",
    "HTTP/1.0 299 All\r\n\r\nxxxxx",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nxxxxxmore",
    "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nxxxxx",
    "nonsense\r\n\r\n",
};

static void cancel(struct wish *wish)
{
    if (wish->fetch)
        fetch_cancel(wish->fetch);
    wish->fetch = NULL;
}

static void look(struct wish *wish, enum told told)
{
    bool has_end = wish->status != 101 && wish->status != 299;

    for (size_t i = 0; told == TOLD_CONTENT && has_end && i < wish->content_len; i++)
        assert_int_equal(wish->content[i], 'x');
    if (told != TOLD_END && any(12) == 0)
        cancel(wish);
    else if (told == TOLD_CONTENT)
        wish->take_max = any(3) == 0 ? any(4) : SIZE_MAX;
}

static void ask(unsigned at)
{
    static const enum http_method methods[] = {METHOD_GET, METHOD_HEAD, METHOD_PUT, METHOD_POST};
    struct wish *wish = &wishes[at];

    wish_init(wish);
    wish->hook = look;
    wish->method = methods[any(COUNT_OF(methods))];
    wish->take_max = any(4) == 0 ? any(6) : SIZE_MAX;
    sends[at] = wish->method == METHOD_PUT || wish->method == METHOD_POST;
    if (any(5) == 0)
        wish->head = "GET / HTTP/1.1\r\nUpgrade: websocket";
    if (sends[at] && any(3) == 0)
        wish->head = "PUT / HTTP/1.1\r\nExpect: 100-continue";
    if (sends[at])
        wish_start_chunked(wish);
    else
        wish_start(wish, NULL);
}

static void act_as_user(void)
{
    static char piece[20000];
    unsigned at = any(WISHES);
    struct wish *wish = &wishes[at];

    if (!wish->fetch) {
        ask(at);
    } else if (sends[at] && any(3) > 0) {
        size_t len = any(4) == 0 ? any(sizeof(piece)) : any(8);
        bool is_last = any(4) == 0;

        if (fetch_send(wish->fetch, slice_of(piece, len), is_last) == len && is_last)
            sends[at] = false;
    } else if (any(8) == 0) {
        cancel(wish);
    } else {
        wish->take_max = SIZE_MAX;
        fetch_resume(wish->fetch);
    }
}

static void hang_up(struct peer *peer)
{
    close(peer->fd);
    peer->fd = -1;
}

static void act_as_server(struct peer *peer)
{
    char dropped[65536];
    size_t len;

    if (any(3) > 0)
        (void)!read(peer->fd, dropped, sizeof(dropped));
    if (!peer->rest || *peer->rest == '\0')
        peer->rest = replies[any(COUNT_OF(replies))];
    len = strlen(peer->rest);
    if (any(3) == 0)
        len = any((uint32_t)len + 1);
    if (send(peer->fd, peer->rest, len, MSG_NOSIGNAL) < 0 || any(15) == 0) {
        hang_up(peer);
        return;
    }
    peer->rest += len;
    if (any(25) == 0)
        (void)shutdown(peer->fd, SHUT_WR);
}

static void accept_all(void)
{
    for (unsigned i = 0; i < UP_SERVERS; i++) {
        struct peer *peer = &peers[any(PEERS)];

        if (!origin_accept(&up.origins[i]))
            continue;
        if (peer->fd != -1)
            hang_up(peer);
        *peer = (struct peer){.fd = up.origins[i].fd};
        up.origins[i].fd = -1;
    }
}

static void step(void)
{
    struct peer *peer = &peers[any(PEERS)];

    if (any(3) == 0)
        act_as_user();
    else if (peer->fd != -1)
        act_as_server(peer);
    accept_all();
    if (any(20) == 0)
        fake_clock_advance(any(3000));
    if (any(3) > 0)
        assert_int_equal(loop_run_once(up.loop, 0), 0);
}

/* All that is left comes to its end by its deadlines, or the worker's end. */
static void end_all(void)
{
    for (unsigned i = 0; i < PEERS; i++) {
        if (peers[i].fd != -1)
            hang_up(&peers[i]);
    }
    for (unsigned i = 0; i < WISHES; i++) {
        wishes[i].hook = NULL;
        wishes[i].take_max = SIZE_MAX;
        if (any(2) == 0)
            cancel(&wishes[i]);
        else if (wishes[i].fetch)
            fetch_resume(wishes[i].fetch);
    }
    for (unsigned i = 0; i < 20; i++)
        up_advance(any(10000));
    fetcher_destroy(up.fetcher);
    up.fetcher = NULL;
    for (unsigned i = 0; i < WISHES; i++)
        assert_null(wishes[i].fetch);
}

static void whatever_happens_every_request_has_an_end(void **state)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        seed = round * 7919U + 1;
        memset(wishes, 0, sizeof(wishes));
        for (unsigned i = 0; i < PEERS; i++)
            peers[i] = (struct peer){.fd = -1};
        up_set_up_with(UP_SERVERS);
        up.config.retry_on |= RETRY_ON_503;
        up.config.tries = 3;
        up.config.max_fails = any(2) * 3;
        up.config.fail_timeout_ms = 500;
        up.servers[0].max_conns = any(3);
        up.config.queue = any(3);
        up.config.queue_timeout_ms = 2000;
        for (unsigned i = 0; i < STEPS; i++)
            step();
        end_all();
        assert_int_equal(up_tear_down(state), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_happens_every_request_has_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
