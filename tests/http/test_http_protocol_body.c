/* SPDX-License-Identifier: MIT */
/* test_http_protocol_body.c - bodies nobody wants: skipped exactly, refused early, never trusted. */
#include "support/unit.h"

#include "http/site.h"

#include <stdio.h>
#include <stdlib.h>

#define GET_A "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST "POST /a.txt HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"
#define MAX_BODY 1000

static struct site site;

static int set_up(void **state)
{
    site_init(&site);
    site_file(&site, "a.txt", "content of a");
    site.config.server.max_body_size = MAX_BODY;
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    return 0;
}

static void the_request_behind_a_body_is_answered(void **state)
{
    static const struct {
        const char *text;
        unsigned status;
    } rows[] = {
        {"GET /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /", 200},
        {"HEAD /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /", 200},
        {"OPTIONS /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /", 204},
        {"GET /missing HTTP/1.1\r\nHost: a\r\n" CHUNKED "5\r\nGET /\r\n0\r\n\r\n", 404},
        {POST "Content-Length: 5\r\n\r\nGET /", 405},
        {POST "Content-Length: 0\r\n\r\n", 405},
        {POST CHUNKED "5;x=y\r\nGET /\r\n0\r\nHost: b\r\nContent-Length: 3\r\n\r\n", 405},
        {POST CHUNKED "0\r\n\r\n", 405},
        {"POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", 405},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[512];
        struct client client;
        struct reply reply;
        bool is_head = strncmp(rows[i].text, "HEAD", 4) == 0;

        (void)snprintf(text, sizeof(text), "%s" GET_A "%s" GET_A, rows[i].text, rows[i].text);
        client_open(&site, &client, text);
        for (int j = 0; j < 2; j++) {
            client_reply(&client, is_head, &reply);
            assert_int_equal(reply.status, rows[i].status);
            client_reply(&client, false, &reply);
            assert_int_equal(reply.status, 200);
            assert_content(&reply, "content of a");
        }
        expect_nothing(&client);
        assert_non_null(client_conn(&client));
        client_close(&client);
    }
}

static void a_large_body_passes_through_a_small_buffer(void **state)
{
    const size_t size = 300000;
    char *body = calloc(1, size);
    char head[128];

    site.config.server.max_body_size = size;
    for (size_t piece = 1000; piece < 10000; piece += 777) {
        struct client client;
        struct reply reply;

        client_init(&site, &client);
        client.peer->read_piece = piece;
        (void)snprintf(head, sizeof(head), POST "Content-Length: %zu\r\n\r\n", size);
        memory_send(client.peer, slice_from_string(head));
        memory_send(client.peer, slice_of(body, size));
        memory_send(client.peer, SLICE_LITERAL(GET_A));
        client_start(&client);
        client_reply(&client, false, &reply);
        assert_int_equal(reply.status, 405);
        client_reply(&client, false, &reply);
        assert_content(&reply, "content of a");
        client_close(&client);
    }
    free(body);
}

/* The head stays where its slices point, wherever that is in the input buffer. */
static void a_body_has_room_wherever_its_head_lies(void **state)
{
    size_t capacity = http_input_size(&site.config);
    char *text = malloc(capacity * 2);

    for (size_t end = capacity - 200; end <= capacity + 1; end += 7) {
        static const char post[] = POST "User-Agent: someone\r\nContent-Length: 900\r\n\r\n";
        size_t len = 0;
        size_t count = 0;
        struct client client;
        struct reply reply;

        while (len + 2 * sizeof(GET_A) + sizeof(post) < end) {
            memcpy(text + len, GET_A, sizeof(GET_A) - 1);
            len += sizeof(GET_A) - 1;
            count++;
        }
        /* A last one that is as long as it has to be. */
        len += (size_t)sprintf(text + len, "GET /a.txt?");
        while (len + sizeof(" HTTP/1.1\r\nHost: a\r\n\r\n") - 1 + sizeof(post) - 1 < end)
            text[len++] = 'q';
        len += (size_t)sprintf(text + len, " HTTP/1.1\r\nHost: a\r\n\r\n%s", post);
        memset(text + len, 'b', 900);
        client_init(&site, &client);
        memory_send(client.peer, slice_of(text, len + 900));
        memory_send(client.peer, SLICE_LITERAL(GET_A));
        client_start(&client);
        for (size_t i = 0; i < count + 1; i++)
            expect_status(&client, 200);
        client_reply(&client, false, &reply);
        assert_int_equal(reply.status, 405);
        assert_in_range(client.peer->reads, 1, 20); /* and not byte by byte */
        expect_status(&client, 200);
        expect_nothing(&client);
        client_close(&client);
    }
    assert_non_null(strstr(site_log(&site), "\"POST /a.txt HTTP/1.1\" 405"));
    assert_non_null(strstr(site_log(&site), "\"someone\""));
    free(text);
}

static void a_body_behind_the_largest_head_has_room(void **state)
{
    size_t size = site.config.server.max_header_size;
    char *text = calloc(1, size + 2000);
    size_t len = (size_t)sprintf(text, POST "Content-Length: 900\r\nPad: ");
    struct client client;

    while (len + 4 < size)
        text[len++] = 'p';
    len += (size_t)sprintf(text + len, "\r\n\r\n");
    memset(text + len, 'b', 900);
    client_open(&site, &client, text);
    expect_status(&client, 405);
    client_send(&client, GET_A);
    expect_status(&client, 200);
    client_close(&client);
    free(text);
}

static void a_body_beyond_the_limit_is_refused(void **state)
{
    static const struct {
        const char *text;
        unsigned status;
    } rows[] = {
        {"GET /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 413},
        {"GET /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n", 413},
        {"GET /a.txt HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n",
         413},
        {POST "Content-Length: 1001\r\n\r\n", 405}, /* the more useful answer, as early */
        {POST CHUNKED "3e9\r\n", 413},
        {POST CHUNKED "3e8\r\n", 0},
        {POST CHUNKED "fffffffffffffff\r\n", 413},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct client client;
        struct reply reply;
        char content[1001];

        memset(content, 'c', sizeof(content));
        client_open(&site, &client, rows[i].text);
        if (client_rest(&client).len == 0) {
            client_send_bytes(&client, slice_of(content, sizeof(content)));
            if (rows[i].status == 0) { /* the last byte is no CRLF */
                expect_status(&client, 400);
                client_close(&client);
                continue;
            }
        }
        client_reply(&client, false, &reply);
        if (reply.status != rows[i].status)
            fail_msg("%u: %s", reply.status, rows[i].text);
        assert_field(&reply, "Connection", "close");
        assert_true(client.peer->is_write_shut && !client.peer->is_closed);
        client_end(&client);
        expect_closed(&client, false);
        client_close(&client);
    }
}

static void a_client_that_waits_for_100_gets_it_or_the_final_answer(void **state)
{
    struct client client;
    struct reply reply;

    /* Content that will be read: for GET, as for anybody who may be answered then. */
    client_open(
        &site, &client,
        "GET /a.txt HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    client_reply(&client, false, &reply);
    assert_int_equal(reply.status, 100);
    assert_true(slice_equal(reply.head, SLICE_LITERAL("HTTP/1.1 100 Continue\r\n\r\n")));
    expect_nothing(&client);
    client_send(&client, "bo");
    expect_nothing(&client);
    client_send(&client, "dy" GET_A);
    expect_status(&client, 200);
    expect_status(&client, 200);
    client_close(&client);

    /* Content that has begun needs no leave. */
    client_open(
        &site, &client,
        "GET /a.txt HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nb");
    expect_nothing(&client);
    client_send(&client, "ody");
    expect_status(&client, 200);
    client_close(&client);

    /* Content that nobody wants is not asked for. */
    client_open(&site, &client, POST "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    client_reply(&client, false, &reply);
    assert_int_equal(reply.status, 405);
    assert_field(&reply, "Connection", "close");
    assert_field(&reply, "Allow", "GET, HEAD, OPTIONS");
    client_send(&client, "body" GET_A);
    expect_nothing(&client);
    client_close(&client);

    client_open(&site, &client, POST "Expect: something\r\nContent-Length: 4\r\n\r\n");
    client_reply(&client, false, &reply);
    assert_int_equal(reply.status, 417);
    assert_field(&reply, "Connection", "close");
    client_close(&client);
}

static void a_broken_body_ends_the_connection(void **state)
{
    static const char *const bodies[] = {"x\r\n", "1\r\nxx\r\n", "1\nx\n0\n\n", "\r\n",
                                         "1\r\nx\r\n0\r\nA b\r\n\r\n"};

    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        char text[256];
        struct client client;
        struct reply reply;

        (void)snprintf(text, sizeof(text), POST CHUNKED "%s" GET_A, bodies[i]);
        client_open(&site, &client, text);
        client_reply(&client, false, &reply);
        assert_int_equal(reply.status, 400);
        assert_field(&reply, "Connection", "close");
        expect_nothing(&client);
        client_close(&client);
    }
    assert_non_null(strstr(site_log(&site), "\"POST /a.txt HTTP/1.1\" 400"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_request_behind_a_body_is_answered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_large_body_passes_through_a_small_buffer, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_body_has_room_wherever_its_head_lies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_body_behind_the_largest_head_has_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_body_beyond_the_limit_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_waits_for_100_gets_it_or_the_final_answer,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_broken_body_ends_the_connection, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
