/* SPDX-License-Identifier: MIT */
/* test_http_limits.c - who runs into a limit is counted under its name, and nobody else is. */
#include "support/unit.h"

#include "base/client_rates.h"
#include "base/log.h"
#include "http/site.h"

#include <stdio.h>

#define GET_A "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST_A "POST /a.txt HTTP/1.1\r\nHost: a\r\n"
#define X100                                                                                       \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X1000 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100
#define LINES8 "a: b\r\na: b\r\na: b\r\na: b\r\na: b\r\na: b\r\na: b\r\na: b\r\n"

/* Of the site's configuration. */
#define HEADER_MS 15000
#define BODY_MS 30000
#define KEEPALIVE_MS 75000

static struct site site;

static int set_up(void **state)
{
    site_init(&site);
    site.config.server.max_header_size = 2000;
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

/* @limit was met @count times, and no other. */
static void check_counted(enum limit limit, unsigned count)
{
    for (int other = 0; other < LIMIT_COUNT; other++) {
        unsigned wanted = other == (int)limit ? count : 0;

        if (counter_get(&site.counters.limits[other]) != wanted)
            fail_msg("%s: %u", limit_name((enum limit)other),
                     (unsigned)counter_get(&site.counters.limits[other]));
    }
}

static void what_is_too_large_is_counted_by_what_it_is(void **state)
{
    static const struct {
        enum limit limit;
        const char *request;
        unsigned status;
        const char *reason;
    } rows[] = {
        {LIMIT_URI_SIZE, "GET /" X1000 X1000 " HTTP/1.1\r\nHost: a\r\n\r\n", 414, "uri-too-long"},
        {LIMIT_HEADER_SIZE, "GET / HTTP/1.1\r\na: " X1000 X1000, 431, "header-too-large"},
        {LIMIT_HEADER_COUNT, "GET / HTTP/1.1\r\nHost: a\r\n" LINES8 LINES8 LINES8 LINES8 "\r\n",
         431, "too-many-headers"},
        {LIMIT_BODY_SIZE, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", 413,
         "body-too-large"},
        {LIMIT_BODY_SIZE,
         "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n", 413,
         "body-too-large"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct client client;
        char wanted[64];

        site.counters = (struct worker_counters){.requests = 0};
        client_open(&site, &client, rows[i].request);
        expect_status(&client, rows[i].status);
        client_close(&client);
        check_counted(rows[i].limit, 1);
        (void)snprintf(wanted, sizeof(wanted), " %s\n", rows[i].reason);
        assert_non_null(strstr(site_log(&site), wanted));
    }
}

static void what_is_too_slow_is_counted_by_what_it_is(void **state)
{
    static const struct {
        enum limit limit;
        const char *text;
        int64_t ms;
        unsigned status;
    } rows[] = {
        {LIMIT_HEADER_TIMEOUT, "GET", HEADER_MS, 408},
        {LIMIT_HEADER_TIMEOUT, "", HEADER_MS, 0},
        {LIMIT_HEADER_TIMEOUT, GET_A "GET /", HEADER_MS, 200},
        {LIMIT_KEEPALIVE_TIMEOUT, GET_A, KEEPALIVE_MS, 200},
        {LIMIT_BODY_TIMEOUT, POST_A "Content-Length: 9\r\n\r\n", BODY_MS, 408},
        {LIMIT_BODY_TIMEOUT, POST_A "Content-Length: 9\r\n\r\nx", BODY_MS, 408},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct client client;

        site.counters = (struct worker_counters){.requests = 0};
        client_open(&site, &client, rows[i].text);
        site_wait(&site, rows[i].ms - 1);
        assert_int_equal(counter_get(&site.counters.limits[rows[i].limit]), 0);
        site_wait(&site, 1);
        if (rows[i].status)
            expect_status(&client, rows[i].status);
        client_close(&client);
        check_counted(rows[i].limit, 1);
    }
}

/* A byte in time for body_timeout each, and yet it ends. */
static void a_body_that_drips_is_not_borne_for_long(void **state)
{
    struct client client;
    int64_t waited_ms = 0;

    site.config.server.min_body_rate = 500;
    client_open(&site, &client, POST_A "Content-Length: 60000\r\n\r\n");
    while (waited_ms < 10 * BODY_MS && !client.peer->is_write_shut) {
        site_wait(&site, 1000);
        waited_ms += 1000;
        if (!client.peer->is_write_shut)
            client_send(&client, "x");
    }
    assert_int_equal(waited_ms, BODY_MS + 1000);
    expect_status(&client, 408);
    assert_non_null(strstr(site_log(&site), "body-too-slow"));
    client_close(&client);
    check_counted(LIMIT_MIN_BODY_RATE, 1);
}

static void a_body_at_the_least_rate_is_waited_for(void **state)
{
    struct client client;

    site.config.server.min_body_rate = 1000;
    client_open(&site, &client, POST_A "Content-Length: 60000\r\n\r\n");
    for (int i = 0; i < 60; i++) {
        site_wait(&site, 1000);
        client_send(&client, X1000);
    }
    expect_status(&client, 405);
    client_close(&client);
    check_counted(LIMIT_COUNT, 0);
}

/* What came early is time for what comes late, but no silence is longer than body_timeout. */
static void an_early_part_gives_a_late_one_time(void **state)
{
    struct client client;

    site.config.server.min_body_rate = 100;
    client_open(&site, &client, POST_A "Content-Length: 6001\r\n\r\n" X1000 X1000 X1000 X1000);
    for (int i = 0; i < 2; i++) {
        site_wait(&site, BODY_MS - 1000);
        client_send(&client, X1000);
    }
    site_wait(&site, BODY_MS - 1);
    expect_nothing(&client);
    site_wait(&site, 2);
    expect_status(&client, 408);
    client_close(&client);
    check_counted(LIMIT_BODY_TIMEOUT, 1);
}

static void without_a_rate_a_body_may_drip(void **state)
{
    struct client client;

    client_open(&site, &client, POST_A "Content-Length: 60000\r\n\r\n");
    for (int i = 0; i < 100; i++) {
        site_wait(&site, BODY_MS - 1);
        client_send(&client, "x");
    }
    expect_nothing(&client);
    client_close(&client);
    check_counted(LIMIT_COUNT, 0);
}

static void the_last_request_of_a_connection_is_counted(void **state)
{
    struct client client;

    site.config.server.keepalive_requests = 2;
    client_open(&site, &client, GET_A GET_A);
    expect_status(&client, 200);
    expect_status(&client, 200);
    client_close(&client);
    check_counted(LIMIT_KEEPALIVE_REQUESTS, 1);
}

static void a_client_that_takes_nothing_is_counted(void **state)
{
    struct client client;

    client_init(&site, &client);
    client.peer->write_room = 1000;
    memory_send(client.peer, SLICE_LITERAL("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n"));
    client_start(&client);
    site_wait(&site, 29999);
    site_wait(&site, 1);
    expect_closed(&client, true);
    client_close(&client);
    check_counted(LIMIT_SEND_TIMEOUT, 1);
}

static void an_idle_connection_that_made_room_is_counted(void **state)
{
    struct client client;

    client_open(&site, &client, GET_A);
    expect_status(&client, 200);
    assert_true(connpool_evict_idle(site.pool));
    site_turn(&site);
    client_close(&client);
    check_counted(LIMIT_WORKER_CONNECTIONS, 1);
}

static void who_asks_too_often_hears_429(void **state)
{
    static struct client_rates rates;
    struct client client;
    struct reply reply;

    rates = (struct client_rates){
        .buckets = test_calloc(1, client_rates_size()), .rate = 1, .burst = 2};
    site.http->rates = &rates;
    client_open(&site, &client, GET_A GET_A GET_A);
    expect_status(&client, 200);
    expect_status(&client, 200);
    client_reply(&client, false, &reply);
    assert_int_equal(reply.status, 429);
    assert_field(&reply, "Retry-After", "1");
    assert_no_field(&reply, "Connection");
    assert_non_null(strstr(site_log(&site), "request-rate"));
    check_counted(LIMIT_REQUEST_RATE, 1);
    site_wait(&site, 1000);
    client_send(&client, GET_A);
    expect_status(&client, 200);
    client_send(&client, POST_A "Content-Length: 10\r\n\r\n");
    client_reply(&client, false, &reply);
    assert_int_equal(reply.status, 429);
    assert_field(&reply, "Connection", "close"); /* its body is not waited for */
    client_close(&client);
    test_free(rates.buckets);
}

static void usual_ends_are_not_counted(void **state)
{
    struct client client;

    client_open(&site, &client, GET_A "GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect_status(&client, 200);
    expect_status(&client, 404);
    client_close(&client);
    check_counted(LIMIT_COUNT, 0);
}

int main(void)
{
#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_SITE(what_is_too_large_is_counted_by_what_it_is),
        WITH_SITE(what_is_too_slow_is_counted_by_what_it_is),
        WITH_SITE(a_body_that_drips_is_not_borne_for_long),
        WITH_SITE(a_body_at_the_least_rate_is_waited_for),
        WITH_SITE(an_early_part_gives_a_late_one_time),
        WITH_SITE(without_a_rate_a_body_may_drip),
        WITH_SITE(the_last_request_of_a_connection_is_counted),
        WITH_SITE(a_client_that_takes_nothing_is_counted),
        WITH_SITE(an_idle_connection_that_made_room_is_counted),
        WITH_SITE(who_asks_too_often_hears_429),
        WITH_SITE(usual_ends_are_not_counted),
    };

    log_set_fd(-1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
