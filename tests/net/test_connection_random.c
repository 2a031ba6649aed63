/* SPDX-License-Identifier: MIT */
/*
 * test_connection_random.c - a peer that behaves at random, and a kernel that tells each change
 * once: whatever the order, all bytes come back and the connection ends.
 */
#include "net_fixture.h"

#include <stdlib.h>
#include <sys/epoll.h>

#define STREAM_MAX ((size_t)300 * 1024)
#define ROUNDS 300

struct stream {
    struct connection *conn;
    struct slice unsent; /* what the peer has still to send */
    size_t len;
    bool has_ended;
    bool has_changed; /* a change that epoll has not reported yet */
    unsigned seed;
};

static unsigned draw(struct stream *stream, unsigned below)
{
    return (unsigned)rand_r(&stream->seed) % below;
}

/* Sometimes pauses, sometimes leaves bytes for the next call, sometimes answers when drained. */
static bool moody(struct echo *echo, enum echo_call call)
{
    struct stream *stream = echo->factory->hook_context;
    struct buffer *in = conn_input(echo->conn);
    size_t len;

    if (call == ECHO_END && in && buf_length(in) > 0) {
        assert_int_equal(conn_write(echo->conn, buf_content(in)), 0);
        buf_consume(in, buf_length(in));
    }
    if (call != ECHO_BYTES)
        return false;
    if (draw(stream, 10) == 0)
        conn_pause_reading(echo->conn);
    len = draw(stream, 3) == 0 ? draw(stream, (unsigned)buf_length(in) + 1) : buf_length(in);
    if (buf_length(in) - len > NET_INPUT_SIZE / 2)
        len = buf_length(in);
    assert_int_equal(conn_write(echo->conn, slice_of(buf_content(in).data, len)), 0);
    buf_consume(in, len);
    buf_compact(in);
    return true;
}

/* A read gives all there is, so what comes one after the other is one step of the script. */
static void peer_sends(struct stream *stream)
{
    struct memory_transport *peer = &net.peer;
    size_t wanted = 1 + draw(stream, 1U << draw(stream, 17));
    struct slice bytes = slice_of(stream->unsent.data, MIN(stream->unsent.len, wanted));

    if (stream->has_ended)
        return;
    stream->unsent = slice_from(stream->unsent, bytes.len);
    stream->has_changed = true;
    if (bytes.len == 0) {
        memory_send_end(peer);
        stream->has_ended = true;
    } else if (memory_is_readable(peer)) {
        peer->steps[peer->step].bytes.len += bytes.len;
    } else {
        peer->step = peer->step_count = 0;
        memory_send(peer, bytes);
    }
}

/* The kernel tells of room only after somebody has met its end. */
static void peer_takes(struct stream *stream)
{
    bool was_full = net.peer.write_room == 0;

    if (was_full || draw(stream, 4) == 0)
        net.peer.write_room += 1U << draw(stream, 18);
    stream->has_changed |= was_full && net.peer.write_room > 0;
}

/* Like epoll: what is so now, if anything has changed. */
static void tell(struct stream *stream)
{
    uint32_t events = 0;

    if (!stream->has_changed || net_is_closed(stream->conn))
        return;
    stream->has_changed = false;
    if (memory_is_readable(&net.peer))
        events |= EPOLLIN;
    if (net.peer.write_room > 0)
        events |= EPOLLOUT;
    if (stream->has_ended)
        events |= EPOLLIN | EPOLLRDHUP;
    if (events)
        memory_event(stream->conn, events);
}

static void step(struct stream *stream)
{
    switch (draw(stream, 6)) {
    case 0: peer_sends(stream); break;
    case 1: peer_takes(stream); break;
    case 2:
    case 3: tell(stream); break;
    case 4: net_turn(); break;
    default:
        if (!net_is_closed(stream->conn))
            conn_resume_reading(stream->conn);
        break;
    }
}

static void all_comes_back_whatever_the_order(void **state)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct stream stream = {.seed = round};
        unsigned steps = 0;

        assert_int_equal(net_set_up(state), 0);
        stream.len = draw(&stream, (unsigned)STREAM_MAX);
        stream.unsent = net_pattern(stream.len);
        net.echoes.hook = moody;
        net.echoes.hook_context = &stream;
        net.peer.write_room = draw(&stream, 3000);
        stream.conn = net_open();
        stream.has_changed = true; /* what loop_add tells */
        while (!net_is_closed(stream.conn)) {
            if (++steps > 2000000)
                fail_msg("seed %u stalls after %zu of %zu", round, net.peer.record_len, stream.len);
            step(&stream);
        }
        assert_int_equal(net.peer.record_len, stream.len);
        assert_memory_equal(net.peer.record, net_pattern(stream.len).data, stream.len);
        net_turn();
        assert_int_equal(net.echoes.last_reason, CLOSE_DONE);
        assert_int_equal(net_tear_down(state), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_comes_back_whatever_the_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
