/* SPDX-License-Identifier: MIT */
/* test_proxy_protocol.c - a PROXY header in front of the echo protocol. */
#include "net_fixture.h"

#include "net/proxy_protocol.h"

#define HEADER_TIMEOUT_MS 400
#define V1 "PROXY TCP4 203.0.113.7 198.51.100.1 56324 443\r\n"

static struct {
    struct proxy_protocol_factory factory;
    struct network network; /* the peer of net_open is in it, as long as is_trusted */
    struct network_list trusted;
    unsigned refused;
    enum limit limit;
    const char *why;
    char peer[ADDRESS_TEXT_SIZE]; /* as the echo protocol saw it, or who was refused */
} it;

static void on_refused(void *context, const struct address *peer, enum limit limit, const char *why)
{
    assert_ptr_equal(context, &it);
    it.refused++;
    it.limit = limit;
    it.why = why;
    (void)address_format(peer, it.peer);
}

static bool look_at_peer(struct echo *echo, enum echo_call call)
{
    if (call == ECHO_BYTES)
        (void)address_format(conn_peer(echo->conn), it.peer);
    return false;
}

static int set_up(void **state)
{
    memset(&it, 0, sizeof(it));
    net_set_up(state);
    net.echoes.deadline_ms = 5000;
    net.echoes.hook = look_at_peer;
    assert_int_equal(network_parse(SLICE_LITERAL("192.0.2.0/24"), &it.network), 0);
    it.trusted = (struct network_list){.items = &it.network, .count = 1};
    proxy_protocol_init(&it.factory, &(struct proxy_protocol_settings){
                                         .next = &net.echoes.factory,
                                         .mempool = net.mempool,
                                         .trusted = &it.trusted,
                                         .header_timeout_ms = HEADER_TIMEOUT_MS,
                                         .on_refused = on_refused,
                                         .context = &it,
                                     });
    return 0;
}

/* From 192.0.2.1:1234. NULL: it was refused at once. */
static struct connection *open_proxied(void)
{
    struct address addr;

    assert_int_equal(address_parse(SLICE_LITERAL("192.0.2.1:1234"), 0, &addr), 0);
    return connpool_open(net.pool, &it.factory.factory, -1, &addr);
}

static void assert_refused(struct connection *conn, enum limit limit, const char *why)
{
    assert_int_equal(it.refused, 1);
    assert_int_equal(it.limit, limit);
    assert_string_equal(it.why, why);
    assert_string_equal(it.peer, "192.0.2.1:1234");
    if (conn)
        assert_true(net_is_closed(conn));
    net_turn();
    assert_int_equal(net.echoes.made, 0);
    assert_int_equal(connpool_free_count(net.pool), NET_CAPACITY);
}

static void what_follows_the_header_goes_on_at_once_as_the_client(void **state)
{
    (void)state;
    memory_send(&net.peer, SLICE_LITERAL(V1 "hello"));
    assert_non_null(open_proxied());
    assert_int_equal(net.peer.reads, 1); /* and no other one for the rest */
    assert_string_equal(it.peer, "203.0.113.7:56324");
    net_assert_received("hello");
    assert_int_equal(net.echoes.made, 1);
    assert_int_equal(it.refused, 0);
}

static void a_header_may_come_byte_by_byte(void **state)
{
    struct connection *conn;

    (void)state;
    net.peer.read_piece = 1;
    memory_send(&net.peer, SLICE_LITERAL(V1 "hello"));
    conn = open_proxied();
    memory_deliver(conn, &net.peer);
    assert_string_equal(it.peer, "203.0.113.7:56324");
    net_assert_received("hello");
}

static void the_next_protocol_may_have_to_wait_for_its_first_byte(void **state)
{
    struct connection *conn;

    (void)state;
    memory_send(&net.peer, SLICE_LITERAL(V1));
    conn = open_proxied();
    assert_int_equal(net.echoes.made, 1);
    assert_int_equal(net.echoes.calls[ECHO_BYTES], 0);
    assert_null(conn_input(conn));      /* an idle connection has no buffer */
    net_advance(HEADER_TIMEOUT_MS + 1); /* the header's deadline is over, the echo's is not */
    assert_true(conn_is_open(conn));
    memory_send(&net.peer, SLICE_LITERAL("hello"));
    memory_deliver(conn, &net.peer);
    net_assert_received("hello");
}

static void a_proxy_may_speak_for_itself(void **state)
{
    (void)state;
    memory_send(&net.peer, SLICE_LITERAL("\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00hello"));
    assert_non_null(open_proxied());
    assert_string_equal(it.peer, "192.0.2.1:1234");
    net_assert_received("hello");
}

static void who_is_not_trusted_is_refused_before_a_byte_is_read(void **state)
{
    (void)state;
    it.trusted.count = 0;
    memory_send(&net.peer, SLICE_LITERAL(V1 "hello"));
    assert_null(open_proxied());
    assert_int_equal(net.peer.reads, 0);
    assert_refused(NULL, LIMIT_TRUSTED_PROXY, "it is not in trusted_proxy");
}

static void a_connection_without_a_header_is_refused(void **state)
{
    struct connection *conn;

    (void)state;
    memory_send(&net.peer, SLICE_LITERAL("GET / HTTP/1.1\r\n"));
    conn = open_proxied();
    assert_refused(conn, LIMIT_PROXY_PROTOCOL, "there is no PROXY header");
    net_assert_received("");
}

static void a_header_has_to_be_complete_in_time(void **state)
{
    struct connection *conn;

    (void)state;
    memory_send(&net.peer, SLICE_LITERAL("PROXY "));
    conn = open_proxied();
    net_advance(HEADER_TIMEOUT_MS / 2);
    memory_send(&net.peer, SLICE_LITERAL("TCP4 ")); /* each byte gains no time */
    memory_deliver(conn, &net.peer);
    net_advance(HEADER_TIMEOUT_MS / 2 - 1);
    assert_true(conn_is_open(conn));
    net_advance(1);
    assert_refused(conn, LIMIT_HEADER_TIMEOUT, "no whole PROXY header came in time");
}

static void a_peer_that_ends_within_its_header_is_refused(void **state)
{
    struct connection *conn;

    (void)state;
    memory_send(&net.peer, SLICE_LITERAL("PROXY "));
    memory_send_end(&net.peer);
    conn = open_proxied();
    memory_deliver(conn, &net.peer);
    assert_refused(conn, LIMIT_PROXY_PROTOCOL, "PROXY header is not complete");
}

static void a_peer_that_says_nothing_and_ends_is_no_trouble(void **state)
{
    struct connection *conn;

    (void)state;
    memory_send_end(&net.peer);
    conn = open_proxied();
    memory_deliver(conn, &net.peer);
    assert_true(net_is_closed(conn));
    assert_int_equal(it.refused, 0);
}

static void a_silent_connection_may_be_closed_for_others_and_a_header_saves_it(void **state)
{
    struct connection *conn = open_proxied();

    (void)state;
    memory_send(&net.peer, SLICE_LITERAL("PROXY "));
    memory_deliver(conn, &net.peer);
    assert_false(connpool_evict_idle(net.pool));
    memory_send(&net.peer, SLICE_LITERAL("UNKNOWN\r\n"));
    memory_deliver(conn, &net.peer);
    assert_true(connpool_evict_idle(net.pool)); /* now it is the echo's, which is idle */
    net_turn();
    assert_non_null(open_proxied());
    assert_true(connpool_evict_idle(net.pool));
    assert_int_equal(it.refused, 0);
}

static void a_worker_that_leaves_parts_from_a_silent_one_without_a_word(void **state)
{
    struct connection *conn = open_proxied();

    (void)state;
    connpool_drain(net.pool, 50);
    net_advance(50);
    assert_true(net.peer.is_write_shut);
    memory_send_end(&net.peer);
    memory_deliver(conn, &net.peer);
    assert_true(net_is_closed(conn));
    assert_false(net.peer.is_reset);
    assert_int_equal(it.refused, 0);
}

static void without_memory_the_connection_is_reset(void **state)
{
    (void)state;
    net.echoes.is_out_of_memory = true;
    memory_send(&net.peer, SLICE_LITERAL(V1 "hello"));
    assert_true(net_is_closed(open_proxied()));
    assert_true(net.peer.is_reset);
    net_assert_received("");
}

#define PROXY_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, net_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROXY_TEST(what_follows_the_header_goes_on_at_once_as_the_client),
        PROXY_TEST(a_header_may_come_byte_by_byte),
        PROXY_TEST(the_next_protocol_may_have_to_wait_for_its_first_byte),
        PROXY_TEST(a_proxy_may_speak_for_itself),
        PROXY_TEST(who_is_not_trusted_is_refused_before_a_byte_is_read),
        PROXY_TEST(a_connection_without_a_header_is_refused),
        PROXY_TEST(a_header_has_to_be_complete_in_time),
        PROXY_TEST(a_peer_that_ends_within_its_header_is_refused),
        PROXY_TEST(a_peer_that_says_nothing_and_ends_is_no_trouble),
        PROXY_TEST(a_silent_connection_may_be_closed_for_others_and_a_header_saves_it),
        PROXY_TEST(a_worker_that_leaves_parts_from_a_silent_one_without_a_word),
        PROXY_TEST(without_memory_the_connection_is_reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
