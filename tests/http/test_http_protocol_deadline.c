/* SPDX-License-Identifier: MIT */
/* test_http_protocol_deadline.c - how long a silent or slow client is borne, and what it hears. */
#include "support/unit.h"

#include "http/site.h"

#define GET_A "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n"

/* Of the site's configuration. */
#define HEADER_MS 15000
#define BODY_MS 30000
#define KEEPALIVE_MS 75000
#define DRAIN_IDLE_MS 1000

static struct site site;

static int set_up(void **state)
{
    site_init(&site);
    site_file(&site, "a.txt", "content of a");
    site_large_file(&site, "large.bin", 1000000);
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    return 0;
}

/* Still open one millisecond before @ms have passed, and not any more one after. */
static void check_ends_after(struct client *client, int64_t ms)
{
    site_wait(&site, ms - 1);
    assert_false(client->peer->is_closed || client->peer->is_write_shut);
    expect_nothing(client);
    site_wait(&site, 2);
    assert_true(client->peer->is_closed || client->peer->is_write_shut);
}

static void a_client_that_says_nothing_is_closed_in_silence(void **state)
{
    static const char *const texts[] = {"", "\r\n", "\r\n\r\n\r"};

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct client client;

        client_open(&site, &client, texts[i]);
        check_ends_after(&client, HEADER_MS);
        expect_nothing(&client);
        expect_closed(&client, false);
        client_close(&client);
    }
}

static void a_client_that_does_not_end_its_request_hears_408(void **state)
{
    static const char *const texts[] = {"G", "\r\nG", "GET /a.txt HTTP/1.1\r\n",
                                        "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r"};

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct client client;
        struct reply reply;

        client_open(&site, &client, texts[i]);
        check_ends_after(&client, HEADER_MS);
        client_reply(&client, false, &reply);
        assert_int_equal(reply.status, 408);
        assert_field(&reply, "Connection", "close");
        expect_nothing(&client);
        client_close(&client);
    }
    assert_non_null(strstr(site_log(&site), "\"GET /a.txt HTTP/1.1\" 408"));
}

/* Every byte would reset a deadline that runs from the last one. */
static void a_first_head_has_its_time_since_the_connection_was_made(void **state)
{
    struct client client;

    client_open(&site, &client, "");
    for (int i = 0; i < 14; i++) {
        site_wait(&site, 1000);
        client_send(&client, i == 0 ? "GET /a" : "a");
        expect_nothing(&client);
    }
    check_ends_after(&client, 1000);
    expect_status(&client, 408);
    client_close(&client);
}

static void a_later_head_has_its_time_since_its_first_byte(void **state)
{
    struct client client;

    client_open(&site, &client, GET_A);
    expect_status(&client, 200);
    site_wait(&site, KEEPALIVE_MS - 1000);
    client_send(&client, "GE");
    site_wait(&site, HEADER_MS - 1000);
    client_send(&client, "T /a");
    check_ends_after(&client, 1000);
    expect_status(&client, 408);
    client_close(&client);

    /* Also of one that came with the request before it. */
    client_open(&site, &client, GET_A "GET /");
    expect_status(&client, 200);
    check_ends_after(&client, HEADER_MS);
    expect_status(&client, 408);
    client_close(&client);
}

static void an_idle_connection_is_kept_for_its_time(void **state)
{
    struct client client;

    client_open(&site, &client, GET_A);
    expect_status(&client, 200);
    site_wait(&site, KEEPALIVE_MS - 1);
    client_send(&client, GET_A);
    expect_status(&client, 200);
    check_ends_after(&client, KEEPALIVE_MS);
    expect_nothing(&client);
    expect_closed(&client, false);
    client_close(&client);
}

/* An empty line is tolerated, but it is no request. */
static void an_empty_line_keeps_no_connection_alive_for_ever(void **state)
{
    struct client client;

    client_open(&site, &client, GET_A);
    expect_status(&client, 200);
    client_send(&client, "\r\n");
    site_wait(&site, KEEPALIVE_MS + 1);
    expect_nothing(&client);
    expect_closed(&client, false);
    client_close(&client);
}

static void a_body_has_its_time_between_two_pieces(void **state)
{
    struct client client;
    struct reply reply;

    client_open(&site, &client, "POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
    for (int i = 0; i < 5; i++) {
        site_wait(&site, BODY_MS - 1);
        client_send(&client, "x");
        expect_nothing(&client);
    }
    check_ends_after(&client, BODY_MS);
    client_reply(&client, false, &reply);
    assert_int_equal(reply.status, 408);
    assert_field(&reply, "Connection", "close");
    client_close(&client);
    assert_non_null(strstr(site_log(&site), "\"POST /a.txt HTTP/1.1\" 408"));
}

static void no_deadline_of_ours_runs_while_a_file_is_taken_slowly(void **state)
{
    struct client client;
    struct reply reply;

    client_init(&site, &client);
    client.peer->write_room = 1000;
    memory_send(client.peer, SLICE_LITERAL("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n"));
    client_start(&client);
    for (int i = 0; i < 20; i++) {
        site_wait(&site, 29000);
        memory_take(client_conn(&client), client.peer, 1000);
    }
    memory_take(client_conn(&client), client.peer, MEMORY_UNLIMITED);
    site_turn(&site);
    client_reply(&client, false, &reply);
    assert_int_equal(reply.content.len, 1000000);
    check_ends_after(&client, KEEPALIVE_MS);
    client_close(&client);
}

static void a_client_that_takes_nothing_is_cut(void **state)
{
    struct client client;

    client_init(&site, &client);
    client.peer->write_room = 1000;
    memory_send(client.peer, SLICE_LITERAL("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n"));
    client_start(&client);
    site_wait(&site, 29999);
    assert_false(client.peer->is_closed);
    site_wait(&site, 2);
    expect_closed(&client, true);
    assert_non_null(strstr(site_log(&site), "GET /large.bin HTTP/1.1\" 200 "));
    client_close(&client);
}

static void after_a_small_answer_was_blocked_the_connection_is_idle_again(void **state)
{
    struct client client;

    client_init(&site, &client);
    client.peer->write_room = 10;
    memory_send(client.peer, SLICE_LITERAL(GET_A));
    client_start(&client);
    site_wait(&site, 20000);
    memory_take(client_conn(&client), client.peer, MEMORY_UNLIMITED);
    expect_status(&client, 200);
    check_ends_after(&client, KEEPALIVE_MS);
    expect_nothing(&client);
    client_close(&client);
}

static void keepalive_of_0_closes_after_each_response(void **state)
{
    struct client client;
    struct reply reply;

    site.config.server.keepalive_timeout_ms = 0;
    client_open(&site, &client, GET_A);
    client_reply(&client, false, &reply);
    assert_field(&reply, "Connection", "close");
    client_end(&client);
    expect_closed(&client, false);
    client_close(&client);
}

static void a_connection_has_its_number_of_requests(void **state)
{
    for (unsigned limit = 1; limit <= 3; limit++) {
        struct client client;
        struct reply reply;

        site.config.server.keepalive_requests = limit;
        client_open(&site, &client, GET_A GET_A GET_A GET_A);
        for (unsigned i = 1; i <= limit; i++) {
            client_reply(&client, false, &reply);
            assert_field(&reply, "Connection", i < limit ? NULL : "close");
        }
        expect_nothing(&client);
        assert_true(client.peer->is_write_shut); /* more is there to be dropped */
        client_close(&client);
    }
}

/* --- a worker that leaves */

static void a_draining_connection_answers_one_more_request(void **state)
{
    struct client client;
    struct reply reply;

    client_open(&site, &client, GET_A);
    client_reply(&client, false, &reply);
    connpool_drain(site.pool, DRAIN_IDLE_MS);
    site_wait(&site, DRAIN_IDLE_MS - 1);
    client_send(&client, GET_A);
    client_reply(&client, false, &reply);
    assert_int_equal(reply.status, 200);
    assert_field(&reply, "Connection", "close");
    assert_true(client.peer->is_write_shut && !client.peer->is_closed); /* it lingers */
    client_end(&client);
    expect_closed(&client, false);
    client_close(&client);
}

static void a_quiet_draining_connection_is_closed_without_a_reset(void **state)
{
    struct client client;

    client_open(&site, &client, GET_A);
    expect_status(&client, 200);
    connpool_drain(site.pool, DRAIN_IDLE_MS);
    check_ends_after(&client, DRAIN_IDLE_MS);
    client_send(&client, GET_A); /* too late, but no reason to reset it */
    expect_nothing(&client);
    site_wait(&site, DRAIN_IDLE_MS + 1);
    expect_closed(&client, false);
    client_close(&client);
}

/* What has been sent before the answer that would say so is a request like any other. */
static void pipelined_requests_are_all_answered_while_draining(void **state)
{
    struct client client;
    struct reply reply;

    client_open(&site, &client, "");
    connpool_drain(site.pool, DRAIN_IDLE_MS);
    client_send(&client, GET_A GET_A GET_A);
    for (int i = 0; i < 2; i++) {
        client_reply(&client, false, &reply);
        assert_no_field(&reply, "Connection");
    }
    client_reply(&client, false, &reply);
    assert_field(&reply, "Connection", "close");
    expect_nothing(&client);
    client_close(&client);
}

static void a_head_that_has_begun_keeps_its_time_while_draining(void **state)
{
    struct client client;
    struct reply reply;

    client_open(&site, &client, "");
    connpool_drain(site.pool, DRAIN_IDLE_MS);
    client_send(&client, "GET /a.txt HTTP/1.1\r\n");
    site_wait(&site, 10 * DRAIN_IDLE_MS);
    client_send(&client, "Host: a\r\n\r\n");
    client_reply(&client, false, &reply);
    assert_int_equal(reply.status, 200);
    assert_field(&reply, "Connection", "close");
    client_close(&client);
}

/* Events of one iteration are handled before its timers; a request may come in between. */
static void a_request_that_comes_with_the_deadline_is_answered(void **state)
{
    struct client client;

    client_open(&site, &client, GET_A);
    expect_status(&client, 200);
    memory_send(client.peer, SLICE_LITERAL(GET_A));
    site_wait(&site, KEEPALIVE_MS + 1);
    expect_status(&client, 200);
    assert_false(client.peer->is_closed);
    client_close(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_client_that_says_nothing_is_closed_in_silence, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_does_not_end_its_request_hears_408, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_first_head_has_its_time_since_the_connection_was_made,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_later_head_has_its_time_since_its_first_byte, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_idle_connection_is_kept_for_its_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_line_keeps_no_connection_alive_for_ever, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_body_has_its_time_between_two_pieces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_deadline_of_ours_runs_while_a_file_is_taken_slowly,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_takes_nothing_is_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            after_a_small_answer_was_blocked_the_connection_is_idle_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keepalive_of_0_closes_after_each_response, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_connection_has_its_number_of_requests, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_draining_connection_answers_one_more_request, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_quiet_draining_connection_is_closed_without_a_reset,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(pipelined_requests_are_all_answered_while_draining, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_head_that_has_begun_keeps_its_time_while_draining, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_request_that_comes_with_the_deadline_is_answered, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
