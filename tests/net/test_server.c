/* SPDX-License-Identifier: MIT */
/* test_server.c - an echo server on the loopback, from its first connection to its last. */
#include "net_fixture.h"

#include "net/server.h"
#include "os/socket.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CAPACITY 4
#define IDLE_MS 100

static struct {
    struct event_loop *loop;
    struct mempool *mempool;
    struct echo_factory echoes;
    struct worker_counters counters[1];
    struct server *server;
    struct address addr[2];
    int listen_fds[2];
    unsigned drained; /* calls */
    bool destroys;    /* on_drained does */
} it;

static void on_drained(void *context)
{
    assert_ptr_equal(context, &it);
    it.drained++;
    if (it.destroys) {
        server_destroy(it.server);
        it.server = NULL;
    }
}

static int listen_anywhere(struct address *ret_addr)
{
    int fd;

    assert_int_equal(address_parse(SLICE_LITERAL("127.0.0.1:0"), 0, ret_addr), 0);
    assert_int_equal(socket_listen(ret_addr, 16, &fd), 0);
    assert_int_equal(socket_local_address(fd, ret_addr), 0);
    return fd;
}

static int set_up(void **state)
{
    struct server_settings settings = {
        .listen_fds = it.listen_fds,
        .listen_count = 2,
        .pool = {.capacity = CAPACITY,
                 .input_size = 512,
                 .send_timeout_ms = 1000,
                 .linger_timeout_ms = 1000},
        .accept_mutex_delay_ms = 10,
        .counters = it.counters,
        .counters_count = 1,
        .on_drained = on_drained,
        .context = &it,
    };

    memset(&it, 0, sizeof(it));
    fake_clock_set(1000);
    echo_factory_init(&it.echoes);
    it.echoes.deadline_ms = 10000;
    it.listen_fds[0] = listen_anywhere(&it.addr[0]);
    it.listen_fds[1] = listen_anywhere(&it.addr[1]);
    it.mempool = mempool_create();
    assert_non_null(it.mempool);
    assert_int_equal(loop_create(&it.loop), 0);
    assert_int_equal(server_create(it.loop, it.mempool, &it.echoes.factory, &settings, &it.server),
                     0);
    return 0;
}

static int tear_down(void **state)
{
    server_destroy(it.server);
    assert_int_equal(it.echoes.calls[ECHO_CLOSE], it.echoes.made);
    assert_int_equal(counter_get(&it.counters[0].active), 0);
    assert_int_equal(counter_get(&it.counters[0].connections), 0);
    assert_int_equal(loop_run_once(it.loop, 0), 0); /* nothing is left in it */
    mempool_destroy(it.mempool);
    loop_destroy(it.loop);
    close(it.listen_fds[0]);
    close(it.listen_fds[1]);
    fake_clock_off();
    return 0;
}

static void turn(void)
{
    assert_int_equal(loop_run_once(it.loop, 0), 0);
}

static int connect_to(int which)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, &it.addr[which].any, address_size(&it.addr[which])), 0);
    return fd;
}

/* What a client reads, as text; "" for the end. */
static const char *reply(int fd)
{
    static char text[64];
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    ssize_t n;

    for (int i = 0; i < 1000 && poll(&wait, 1, 1) == 0; i++)
        turn();
    n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
    if (n == -1)
        return strerror(errno);
    text[n] = '\0';
    return text;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void every_listener_is_served(void **state)
{
    int clients[CAPACITY];

    for (int i = 0; i < CAPACITY; i++) {
        clients[i] = connect_to(i % 2);
        say(clients[i], "hello");
        assert_string_equal(reply(clients[i]), "hello");
    }
    assert_int_equal(server_connection_count(it.server), CAPACITY);
    assert_int_equal(counter_get(&it.counters[0].accepted), CAPACITY);
    assert_int_equal(counter_get(&it.counters[0].connections), CAPACITY);
    assert_int_equal(counter_get(&it.counters[0].free_slots), 0);
    assert_int_equal(counter_get(&it.counters[0].active), 1);
    for (int i = 0; i < CAPACITY; i++) {
        assert_int_equal(shutdown(clients[i], SHUT_WR), 0);
        assert_string_equal(reply(clients[i]), "");
        close(clients[i]);
    }
    turn();
    assert_int_equal(server_connection_count(it.server), 0);
    assert_int_equal(counter_get(&it.counters[0].free_slots), CAPACITY);
}

static void a_full_server_makes_room_by_closing_who_is_idle(void **state)
{
    int clients[CAPACITY];
    int late;

    for (int i = 0; i < CAPACITY; i++) {
        clients[i] = connect_to(0);
        turn();
    }
    late = connect_to(1);
    say(late, "hello");
    assert_string_equal(reply(late), "hello");
    assert_string_equal(reply(clients[0]), ""); /* the longest idle */
    assert_int_equal(it.echoes.last_reason, CLOSE_EVICTED);
    for (int i = 0; i < CAPACITY; i++)
        close(clients[i]);
    close(late);
}

static bool stay_busy(struct echo *echo, enum echo_call call)
{
    if (call == ECHO_BYTES)
        conn_set_idle(echo->conn, false);
    return false;
}

static void a_full_and_busy_server_lets_the_others_wait(void **state)
{
    int clients[CAPACITY];
    int late;

    it.echoes.hook = stay_busy;
    for (int i = 0; i < CAPACITY; i++) {
        clients[i] = connect_to(0);
        say(clients[i], "hello");
        assert_string_equal(reply(clients[i]), "hello");
    }
    late = connect_to(0);
    say(late, "late");
    for (int i = 0; i < 5; i++)
        turn();
    assert_int_equal(counter_get(&it.counters[0].accepted), CAPACITY);
    close(clients[2]);
    turn();
    turn();
    fake_clock_advance(100); /* the rest is over */
    assert_string_equal(reply(late), "late");
    close(late);
    for (int i = 0; i < CAPACITY; i++)
        close(i == 2 ? -1 : clients[i]);
}

static void an_empty_server_is_drained_in_the_next_iteration(void **state)
{
    server_drain(it.server, false, IDLE_MS);
    assert_int_equal(it.drained, 0);
    turn();
    assert_int_equal(it.drained, 1);
    server_drain(it.server, false, IDLE_MS);
    turn();
    assert_int_equal(it.drained, 1);
}

static void drain_waits_for_open_connections(void **state)
{
    int client = connect_to(0);
    int refused;

    say(client, "hello");
    assert_string_equal(reply(client), "hello");
    server_drain(it.server, false, IDLE_MS);
    turn();
    assert_int_equal(counter_get(&it.counters[0].active), 0);
    refused = connect_to(0); /* the kernel takes it, we do not */
    say(client, "again");
    assert_string_equal(reply(client), "again");
    fake_clock_advance(IDLE_MS - 1);
    turn();
    assert_int_equal(it.drained, 0);
    fake_clock_advance(1);
    assert_string_equal(reply(client), "");
    turn();
    assert_int_equal(it.drained, 1);
    assert_int_equal(it.echoes.calls[ECHO_CLOSE], 1); /* before that */
    assert_int_equal(counter_get(&it.counters[0].accepted), 1);
    turn();
    assert_int_equal(it.drained, 1);
    close(client);
    close(refused);
}

static bool drain_at_bytes(struct echo *echo, enum echo_call call)
{
    if (call == ECHO_BYTES) {
        server_drain(it.server, false, IDLE_MS);
        conn_close(echo->conn, CLOSE_DONE);
    }
    if (call == ECHO_CLOSE)
        assert_int_equal(it.drained, 0);
    return call == ECHO_BYTES;
}

static void the_last_connection_may_close_in_the_iteration_of_the_drain(void **state)
{
    int client = connect_to(0);

    turn();
    it.echoes.hook = drain_at_bytes;
    say(client, "hello");
    assert_string_equal(reply(client), "");
    turn();
    turn();
    assert_int_equal(it.drained, 1);
    close(client);
}

static void a_connection_may_start_the_drain_while_it_is_accepted(void **state)
{
    int client = connect_to(0);

    it.echoes.hook = drain_at_bytes;
    say(client, "hello"); /* is read at once after accept */
    assert_string_equal(reply(client), "");
    fake_clock_advance(1000);
    turn();
    assert_int_equal(it.drained, 1);
    close(client);
    client = connect_to(0);
    turn();
    fake_clock_advance(1000);
    turn();
    assert_int_equal(counter_get(&it.counters[0].accepted), 1);
    close(client);
}

static void what_waits_already_is_taken_by_a_drain_that_is_asked_to(void **state)
{
    int clients[3];

    for (int i = 0; i < 3; i++) {
        clients[i] = connect_to(i % 2);
        say(clients[i], "hello");
    }
    server_drain(it.server, true, IDLE_MS);
    for (int i = 0; i < 3; i++)
        assert_string_equal(reply(clients[i]), "hello");
    assert_int_equal(server_connection_count(it.server), 3);
    assert_int_equal(it.drained, 0);
    fake_clock_advance(IDLE_MS);
    turn();
    assert_int_equal(it.drained, 1);
    for (int i = 0; i < 3; i++)
        close(clients[i]);
}

static void a_drain_takes_no_more_than_there_are_slots_for(void **state)
{
    int clients[CAPACITY + 2];

    for (int i = 0; i < CAPACITY + 2; i++)
        clients[i] = connect_to(0);
    server_drain(it.server, true, IDLE_MS);
    assert_int_equal(server_connection_count(it.server), CAPACITY);
    for (int i = 0; i < CAPACITY + 2; i++)
        close(clients[i]);
}

static void on_drained_may_destroy_the_server(void **state)
{
    int client = connect_to(0);

    turn();
    it.destroys = true;
    server_drain(it.server, false, IDLE_MS);
    close(client);
    turn();
    turn();
    assert_int_equal(it.drained, 1);
    assert_null(it.server);
}

static void an_empty_server_may_be_destroyed_by_on_drained(void **state)
{
    it.destroys = true;
    server_drain(it.server, false, IDLE_MS);
    turn();
    assert_null(it.server);
}

static void a_server_may_be_destroyed_in_every_state(void **state)
{
    int clients[3];

    for (int i = 0; i < 3; i++) {
        clients[i] = connect_to(0);
        turn();
    }
    say(clients[0], "hello");
    close(clients[1]);
    turn();
    server_drain(it.server, false, IDLE_MS); /* its task is posted */
    server_destroy(it.server);
    it.server = NULL;
    turn();
    assert_int_equal(it.drained, 0);
    assert_string_equal(reply(clients[0]), "hello"); /* what was sent arrives */
    assert_string_equal(reply(clients[0]), "");
    close(clients[0]);
    close(clients[2]);
}

static void a_server_that_cannot_be_made_leaves_nothing(void **state)
{
    int bad_fds[] = {it.listen_fds[0], -1};
    struct server_settings settings = {
        .listen_fds = bad_fds,
        .listen_count = 2,
        .pool = {.capacity = 1, .input_size = 512},
        .counters = it.counters,
        .counters_count = 1,
    };
    struct server *server = NULL;

    server_destroy(it.server);
    it.server = NULL;
    assert_int_equal(server_create(it.loop, it.mempool, &it.echoes.factory, &settings, &server),
                     -EBADF);
    assert_null(server);
    settings.pool.capacity = UINT32_MAX; /* more than one mapping holds */
    assert_int_equal(server_create(it.loop, it.mempool, &it.echoes.factory, &settings, &server),
                     -ENOMEM);
    server_destroy(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_listener_is_served),
        TEST(a_full_server_makes_room_by_closing_who_is_idle),
        TEST(a_full_and_busy_server_lets_the_others_wait),
        TEST(an_empty_server_is_drained_in_the_next_iteration),
        TEST(drain_waits_for_open_connections),
        TEST(the_last_connection_may_close_in_the_iteration_of_the_drain),
        TEST(a_connection_may_start_the_drain_while_it_is_accepted),
        TEST(what_waits_already_is_taken_by_a_drain_that_is_asked_to),
        TEST(a_drain_takes_no_more_than_there_are_slots_for),
        TEST(on_drained_may_destroy_the_server),
        TEST(an_empty_server_may_be_destroyed_by_on_drained),
        TEST(a_server_may_be_destroyed_in_every_state),
        TEST(a_server_that_cannot_be_made_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
