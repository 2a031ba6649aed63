/* SPDX-License-Identifier: MIT */
/* test_http_protocol.c - requests one after another, and when the connection ends. */
#include "support/unit.h"

#include "http/site.h"

#include <stdio.h>
#include <stdlib.h>

#define GET_A "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n"
#define CLOSE_A "GET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static struct site site;

static int set_up(void **state)
{
    site_init(&site);
    site_file(&site, "a.txt", "content of a");
    site_file(&site, "b.txt", "b");
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    return 0;
}

static void a_file_is_answered_with_all_its_fields(void **state)
{
    static const char expected[] = "HTTP/1.1 200 OK\r\n"
                                   "Server: TinyWeb\r\n"
                                   "Date: " SITE_DATE "\r\n"
                                   "Content-Length: 12\r\n"
                                   "Content-Type: text/plain; charset=utf-8\r\n"
                                   "Last-Modified: " SITE_MTIME_DATE "\r\n"
                                   "ETag: \"c-2ebc98a1.0\"\r\n"
                                   "Accept-Ranges: bytes\r\n"
                                   "X-Content-Type-Options: nosniff\r\n"
                                   "\r\n"
                                   "content of a";
    struct client client;
    struct slice got;

    client_open(&site, &client, GET_A);
    got = client_rest(&client);
    if (!slice_equal(got, SLICE_LITERAL(expected)))
        fail_msg("'%.*s'", SLICE_PRINTF(got));
    assert_int_equal(client.peer->writes, 1);
    assert_non_null(client_conn(&client));
    client_close(&client);
}

static void http_1_1_goes_on_until_somebody_says_close(void **state)
{
    struct client client;
    struct reply reply;

    client_open(&site, &client, GET_A);
    for (int i = 0; i < 3; i++) {
        client_reply(&client, false, &reply);
        assert_int_equal(reply.status, 200);
        assert_no_field(&reply, "Connection");
        client_send(&client, i < 2 ? GET_A : CLOSE_A);
    }
    client_reply(&client, false, &reply);
    assert_field(&reply, "Connection", "close");
    assert_content(&reply, "content of a");
    expect_closed(&client, false);
    assert_false(client.peer->is_write_shut); /* nothing was left of the client to wait for */
    client_close(&client);
}

static void http_1_0_ends_unless_the_client_asks_to_go_on(void **state)
{
    struct client client;
    struct reply reply;

    client_open(&site, &client, "GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    client_reply(&client, false, &reply);
    assert_field(&reply, "Connection", "keep-alive");
    client_send(&client, "GET /a.txt HTTP/1.0\r\n\r\n");
    client_reply(&client, false, &reply);
    assert_field(&reply, "Connection", "close");
    assert_content(&reply, "content of a");
    expect_closed(&client, false);
    client_close(&client);
}

/* What a whole request gives is given when it comes in two pieces, or byte by byte. */
static void a_request_split_anywhere_gets_the_same_reply(void **state)
{
    static const char *const requests[] = {
        GET_A,
        "\r\nHEAD /%61.txt?q HTTP/1.1\r\nHost:\r\nX: y\r\n\r\n",
        "GET /\xe4\xb8\xad HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=1-2,4-\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody" GET_A,
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n" GET_A,
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        CLOSE_A "GET /b.txt",
    };

    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        size_t len = strlen(requests[i]);
        struct slice text = slice_of(requests[i], len);
        struct client whole;

        site.http->boundary = 7;
        client_open(&site, &whole, requests[i]);
        for (size_t at = 0; at <= len; at++) {
            struct client split;

            site.http->boundary = 7;
            client_init(&site, &split);
            memory_send(split.peer, slice_of(text.data, at));
            client_start(&split);
            client_send_bytes(&split, slice_from(text, at));
            if (!slice_equal(client_rest(&whole), client_rest(&split)))
                fail_msg("split at %zu: '%.*s'", at, SLICE_PRINTF(client_rest(&split)));
            client_close(&split);
        }
        site.http->boundary = 7;
        {
            struct client bytes;

            client_init(&site, &bytes);
            bytes.peer->read_piece = 1;
            memory_send(bytes.peer, text);
            client_start(&bytes);
            assert_true(slice_equal(client_rest(&whole), client_rest(&bytes)));
            client_close(&bytes);
        }
        client_close(&whole);
    }
}

static void a_hundred_pipelined_requests_get_their_replies_in_order(void **state)
{
    static char text[8192];
    size_t len = 0;
    struct client client;
    struct reply reply;

    for (int i = 0; i < 100; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "n%d.txt", i);
        site_file(&site, name, name);
        len += (size_t)snprintf(text + len, sizeof(text) - len,
                                "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n", name);
    }
    client_open(&site, &client, text);
    for (int i = 0; i < 100; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "n%d.txt", i);
        client_reply(&client, false, &reply);
        assert_int_equal(reply.status, 200);
        assert_content(&reply, name);
    }
    expect_nothing(&client);
    assert_in_range(client.peer->writes, 1, 4); /* gathered */
    assert_non_null(client_conn(&client));
    client_close(&client);
}

static void requests_across_the_end_of_the_input_buffer_are_whole(void **state)
{
    enum { COUNT = 1000 };
    struct client client;
    char *text = malloc(COUNT * 128);
    size_t len = 0;
    struct reply reply;

    for (size_t i = 0; i < COUNT; i++)
        len += (size_t)sprintf(text + len, "GET /%s HTTP/1.1\r\nHost: a\r\nX: %*s\r\n\r\n",
                               i % 3 ? "a.txt" : "b.txt", (int)(i * 13 % 61), "x");
    client_open(&site, &client, text);
    for (size_t i = 0; i < COUNT; i++) {
        client_reply(&client, false, &reply);
        assert_int_equal(reply.status, 200);
        assert_content(&reply, i % 3 ? "content of a" : "b");
    }
    expect_nothing(&client);
    client_close(&client);
    free(text);
}

static void nothing_is_answered_behind_the_last_request(void **state)
{
    static const char *const texts[] = {
        CLOSE_A GET_A,
        "GET /a.txt HTTP/1.0\r\n\r\n" GET_A,
        "GET / HTTP/1.1\r\n\r\n" GET_A,
        "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n" GET_A,
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" GET_A,
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct client client;
        struct reply reply;

        client_open(&site, &client, texts[i]);
        client_reply(&client, false, &reply);
        assert_field(&reply, "Connection", "close");
        expect_nothing(&client);
        /* The rest is read and dropped, or a reset could take the reply away. */
        assert_true(client.peer->is_write_shut);
        assert_false(client.peer->is_closed);
        client_send(&client, GET_A);
        expect_nothing(&client);
        client_end(&client);
        expect_closed(&client, false);
        client_close(&client);
    }
}

static void a_client_that_ends_its_side_gets_its_answer(void **state)
{
    struct client client;
    struct reply reply;

    client_init(&site, &client);
    memory_send(client.peer, SLICE_LITERAL(GET_A GET_A));
    memory_send_end(client.peer);
    client_start(&client);
    client_reply(&client, false, &reply);
    client_reply(&client, false, &reply);
    assert_content(&reply, "content of a");
    expect_nothing(&client);
    expect_closed(&client, false);
    client_close(&client);
}

static void a_client_that_ends_within_a_request_is_let_go(void **state)
{
    static const char *const texts[] = {
        "", "\r\n", "G", "GET /a.txt HTTP/1.1\r\nHost: a\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"};

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct client client;

        client_open(&site, &client, texts[i]);
        client_end(&client);
        expect_nothing(&client);
        expect_closed(&client, false);
        client_close(&client);
    }
}

static void a_request_without_an_answer_is_logged_as_000(void **state)
{
    static const struct {
        const char *text, *line;
    } rows[] = {
        {"", NULL},
        {"\r\n", NULL},
        {GET_A, NULL},
        {GET_A "\r\n", NULL},
        {"GET /a.", "] \"-\" 000 0 \"-\" \"-\" 0.000 peer-closed\n"},
        {GET_A "GET /c.", "] \"-\" 000 0 \"-\" \"-\" 0.000 peer-closed\n"},
        {"GET /d HTTP/1.1\r\nHost: a\r\n", "] \"GET /d HTTP/1.1\" 000 0 "},
        {"POST /e HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\nContent-Length: 5\r\n\r\nab",
         "] \"POST /e HTTP/1.1\" 000 0 \"-\" \"me\" 0.000 peer-closed\n"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t before = counter_get(&site.counters.responses[0]);
        struct client client;

        client_open(&site, &client, rows[i].text);
        client_close(&client);
        assert_int_equal(counter_get(&site.counters.responses[0]) - before, rows[i].line != NULL);
        if (rows[i].line && !strstr(site_log(&site), rows[i].line))
            fail_msg("'%s' is not in\n%s", rows[i].line, site_log(&site));
        if (!rows[i].line)
            assert_null(strstr(site_log(&site), " 000 "));
    }
}

static void a_connection_that_lingers_holds_little(void **state)
{
    struct client client;

    client_open(&site, &client, "nonsense\r\n\r\nand more");
    expect_status(&client, 400);
    assert_true(client.peer->is_write_shut && !client.peer->is_closed);
    assert_null(conn_input(client_conn(&client)));
    assert_int_equal(site.http->spare_count, 1);
    client_close(&client);
    assert_non_null(strstr(site_log(&site), "\"nonsense\" 400 "));
    assert_null(strstr(site_log(&site), " 000 "));
}

static void head_has_the_fields_of_get_and_no_content(void **state)
{
    static const char *const paths[] = {"/a.txt", "/missing", "/.hidden", "/%zz", "/"};

    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct client client;
        struct reply get;
        struct reply head;
        char text[128];

        (void)snprintf(text, sizeof(text),
                       "GET %s HTTP/1.1\r\nHost: a\r\n\r\nHEAD %s HTTP/1.1\r\nHost: a\r\n\r\n",
                       paths[i], paths[i]);
        client_open(&site, &client, text);
        client_reply(&client, false, &get);
        client_reply(&client, true, &head);
        assert_true(slice_equal(get.head, head.head));
        assert_true(get.content.len > 0);
        expect_nothing(&client);
        client_close(&client);
    }
}

static void the_worker_that_leaves_says_close(void **state)
{
    struct client busy;
    struct client idle;
    struct reply reply;

    client_open(&site, &idle, GET_A);
    client_open(&site, &busy, GET_A "GET /a.txt HT");
    connpool_drain(site.pool, 1000);
    client_reply(&busy, false, &reply);
    client_send(&busy, "TP/1.1\r\nHost: a\r\n\r\n");
    client_reply(&busy, false, &reply);
    assert_field(&reply, "Connection", "close");
    assert_true(busy.peer->is_write_shut);
    site_wait(&site, 1001);
    assert_true(idle.peer->is_write_shut);
    client_end(&idle);
    expect_closed(&idle, false);
    client_end(&busy);
    expect_closed(&busy, false);
    client_close(&busy);
    client_close(&idle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_answered_with_all_its_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(http_1_1_goes_on_until_somebody_says_close, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(http_1_0_ends_unless_the_client_asks_to_go_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_request_split_anywhere_gets_the_same_reply, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_hundred_pipelined_requests_get_their_replies_in_order,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(requests_across_the_end_of_the_input_buffer_are_whole,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_answered_behind_the_last_request, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_ends_its_side_gets_its_answer, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_ends_within_a_request_is_let_go, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_request_without_an_answer_is_logged_as_000, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_connection_that_lingers_holds_little, set_up, tear_down),
        cmocka_unit_test_setup_teardown(head_has_the_fields_of_get_and_no_content, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_worker_that_leaves_says_close, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
