/* SPDX-License-Identifier: MIT */
/* test_http_protocol_file.c - files that do not leave at once, and clients that do not take them. */
#include "support/unit.h"

#include "http/site.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define GET_A "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_LARGE "GET /large.bin HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\n\r\n"
#define LARGE_SIZE 1000000

static struct site site;

static int set_up(void **state)
{
    site_init(&site);
    site_file(&site, "a.txt", "content of a");
    site_large_file(&site, "large.bin", LARGE_SIZE);
    site_large_file(&site, "medium.bin", 60000);
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    return 0;
}

static void assert_large(const struct reply *reply)
{
    assert_int_equal(reply->status, 200);
    assert_int_equal(reply->content.len, LARGE_SIZE);
    for (size_t i = 0; i < LARGE_SIZE; i++) {
        if (reply->content.data[i] != site_byte(i))
            fail_msg("byte %zu is wrong", i);
    }
}

/* The client takes all there is, and what it sent meanwhile is delivered. */
static void take_all(struct client *client)
{
    memory_take(client_conn(client), client->peer, MEMORY_UNLIMITED);
    site_turn(&site);
    for (int i = 0; i < 1000 && client_conn(client) && memory_is_readable(client->peer); i++) {
        memory_deliver(client_conn(client), client->peer);
        site_turn(&site);
    }
}

static void a_large_file_leaves_whole_and_the_next_request_is_answered(void **state)
{
    struct client client;
    struct reply reply;

    client_open(&site, &client, GET_LARGE GET_A GET_LARGE);
    client_reply(&client, false, &reply);
    assert_large(&reply);
    assert_field(&reply, "Content-Type", "application/octet-stream");
    assert_true(client.peer->sendfiles > 0);
    client_reply(&client, false, &reply);
    assert_content(&reply, "content of a");
    client_reply(&client, false, &reply);
    assert_large(&reply);
    expect_nothing(&client);
    client_send(&client, GET_A);
    expect_status(&client, 200);
    client_close(&client);
}

static void a_large_file_taken_in_any_pieces_is_the_same(void **state)
{
    for (size_t room = 1; room < LARGE_SIZE; room = room * 3 + 1) {
        struct client client;
        struct reply reply;

        client_init(&site, &client);
        client.peer->write_room = room;
        memory_send(client.peer, SLICE_LITERAL(GET_LARGE GET_A "GET /a.txt"));
        client_start(&client);
        for (int i = 0; i < 40; i++) {
            memory_take(client_conn(&client), client.peer, room);
            site_turn(&site);
        }
        take_all(&client);
        client_reply(&client, false, &reply);
        assert_large(&reply);
        expect_status(&client, 200);
        expect_nothing(&client);
        client_send(&client, " HTTP/1.1\r\nHost: a\r\n\r\n");
        expect_status(&client, 200);
        client_close(&client);
    }
}

static void nothing_is_read_while_a_file_is_sent(void **state)
{
    struct client client;
    unsigned reads;

    client_init(&site, &client);
    client.peer->write_room = 1000;
    memory_send(client.peer, SLICE_LITERAL(GET_LARGE));
    client_start(&client);
    reads = client.peer->reads;
    client_send(&client, GET_A);
    client_send(&client, GET_A);
    assert_int_equal(client.peer->reads, reads);
    take_all(&client);
    for (int i = 0; i < 3; i++)
        expect_status(&client, 200);
    client_close(&client);
}

static void a_client_that_ends_its_side_gets_the_whole_file(void **state)
{
    struct client client;
    struct reply reply;

    client_init(&site, &client);
    client.peer->write_room = 1000;
    memory_send(client.peer, SLICE_LITERAL(GET_LARGE GET_A));
    client_start(&client);
    client_end(&client);
    take_all(&client);
    client_reply(&client, false, &reply);
    assert_large(&reply);
    expect_status(&client, 200);
    expect_closed(&client, false);
    client_close(&client);
}

static void a_file_that_shrinks_aborts_the_connection(void **state)
{
    struct client client;
    char path[128];

    client_init(&site, &client);
    client.peer->write_room = 1000;
    memory_send(client.peer, SLICE_LITERAL(GET_LARGE GET_A));
    client_start(&client);
    (void)snprintf(path, sizeof(path), "%s/large.bin", site.root);
    assert_int_equal(truncate(path, 5000), 0);
    take_all(&client);
    expect_closed(&client, true);
    assert_true(client.peer->record_len < 6000);
    client_close(&client);
    assert_non_null(strstr(site_log(&site), "GET /large.bin HTTP/1.1\" 200 5000 \"-\" \"me\""));
}

static void a_file_that_grows_is_sent_at_its_announced_length(void **state)
{
    struct client client;
    struct reply reply;
    int fd = openat(site.root_fd, "large.bin", O_WRONLY | O_APPEND | O_CLOEXEC);

    client_init(&site, &client);
    client.peer->write_room = 1000;
    memory_send(client.peer, SLICE_LITERAL(GET_LARGE GET_A));
    client_start(&client);
    assert_int_equal(write(fd, "more", 4), 4);
    take_all(&client);
    client_reply(&client, false, &reply);
    assert_large(&reply);
    expect_status(&client, 200);
    (void)close(fd);
    client_close(&client);
}

static void a_client_that_pipelines_without_reading_stays_bounded(void **state)
{
    static const char *const requests[] = {GET_A, "GET /medium.bin HTTP/1.1\r\nHost: a\r\n\r\n",
                                           "GET /missing HTTP/1.1\r\nHost: a\r\n\r\n"};
    enum { COUNT = 2000 };

    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        size_t len = strlen(requests[i]);
        char *text = malloc(len * COUNT);
        struct client client;

        for (size_t j = 0; j < COUNT; j++)
            memcpy(text + j * len, requests[i], len);
        client_init(&site, &client);
        client.peer->write_room = 0;
        memory_send(client.peer, slice_of(text, len * COUNT));
        client_start(&client);
        assert_true(conn_unsent_bytes(client_conn(&client)) <= 256 * 1024 + 100000);
        assert_true(conn_unsent_chunks(client_conn(&client)) <= 256 + 2);
        assert_true(client.peer->reads <= 2);
        assert_true(memory_is_readable(client.peer));
        /* Then everything comes after all, in order. */
        take_all(&client);
        for (size_t j = 0; j < COUNT; j++)
            expect_status(&client, i == 2 ? 404 : 200);
        expect_nothing(&client);
        client_close(&client);
        free(text);
    }
}

static void a_file_is_logged_when_it_has_left(void **state)
{
    struct client client;

    client_init(&site, &client);
    client.peer->write_room = 1000;
    memory_send(client.peer, SLICE_LITERAL(GET_LARGE));
    client_start(&client);
    assert_string_equal(site_log(&site), "");
    site_wait(&site, 5000);
    take_all(&client);
    assert_non_null(
        strstr(site_log(&site), "\"GET /large.bin HTTP/1.1\" 200 1000000 \"-\" \"me\" 5.000 ok\n"));
    client_close(&client);
}

static void what_a_client_left_untaken_is_not_logged_as_sent(void **state)
{
    struct client client;
    struct slice head;
    char expected[128];

    client_init(&site, &client);
    client.peer->write_room = 1000;
    memory_send(client.peer, SLICE_LITERAL(GET_LARGE));
    client_start(&client);
    head = client_rest(&client);
    head.len = (size_t)((const char *)memmem(head.data, head.len, "\r\n\r\n", 4) - head.data) + 4;
    memory_event(client_conn(&client), EPOLLERR | EPOLLHUP);
    site_turn(&site);
    expect_closed(&client, false);
    (void)snprintf(expected, sizeof(expected), "HTTP/1.1\" 200 %zu \"-\" \"me\" 0.000 ",
                   1000 - head.len);
    assert_non_null(strstr(site_log(&site), expected));
    client_close(&client);
}

static void a_file_on_a_connection_that_closes_is_logged_too(void **state)
{
    static const char *const texts[] = {
        "GET /large.bin HTTP/1.0\r\n\r\n",
        "GET /large.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        "\r\n"};

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct client client;
        struct reply reply;

        client_open(&site, &client, texts[i]);
        client_reply(&client, false, &reply);
        assert_large(&reply);
        assert_field(&reply, "Connection", "close");
        /* Much of it may not have arrived yet, and a stray byte would take it back. */
        assert_true(client.peer->is_write_shut && !client.peer->is_closed);
        client_send(&client, "\r\n");
        client_end(&client);
        expect_closed(&client, false);
        client_close(&client);
    }
    assert_non_null(strstr(site_log(&site), "\"GET /large.bin HTTP/1.0\" 200 1000000 "));
    assert_non_null(strstr(site_log(&site), "\"GET /large.bin HTTP/1.1\" 200 1000000 "));
}

static void head_of_a_large_file_sends_no_file(void **state)
{
    struct client client;
    struct reply reply;

    client_open(&site, &client, "HEAD /large.bin HTTP/1.1\r\nHost: a\r\n\r\n" GET_A);
    client_reply(&client, true, &reply);
    assert_field(&reply, "Content-Length", "1000000");
    expect_status(&client, 200);
    assert_int_equal(client.peer->sendfiles, 0);
    client_close(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_large_file_leaves_whole_and_the_next_request_is_answered,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_large_file_taken_in_any_pieces_is_the_same, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_read_while_a_file_is_sent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_ends_its_side_gets_the_whole_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_shrinks_aborts_the_connection, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_grows_is_sent_at_its_announced_length, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_pipelines_without_reading_stays_bounded,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_is_logged_when_it_has_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_client_left_untaken_is_not_logged_as_sent, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_on_a_connection_that_closes_is_logged_too, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(head_of_a_large_file_sends_no_file, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
