/* SPDX-License-Identifier: MIT */
/* test_response.c - what a handler decides, as bytes. */
#include "support/unit.h"

#include "http/site.h"

#include <stdio.h>
#include <stdlib.h>

static struct site site;

/* A handler that does as the test says. */
static struct {
    struct handler handler;
    void (*fill)(struct response *resp);
} own;

static void own_start(struct handler *handler, const struct request *req, struct response *resp)
{
    (void)handler;
    (void)req;
    own.fill(resp);
}

static void own_destroy(struct handler *handler)
{
    (void)handler;
}

static const struct handler_ops own_ops = {
    .name = "own", .start = own_start, .destroy = own_destroy};

static struct handler *make_own(struct http_context *http, enum answer_kind kind)
{
    (void)http;
    own.handler.ops = &own_ops;
    return &own.handler;
}

static int set_up(void **state)
{
    site_init(&site);
    site.make_handler = make_own;
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    return 0;
}

static void expect_exactly(const char *request, const char *expected)
{
    struct client client;
    struct slice got;

    client_open(&site, &client, request);
    got = client_rest(&client);
    if (!slice_equal(got, slice_from_string(expected)))
        fail_msg("'%.*s' instead of '%s'", SLICE_PRINTF(got), expected);
    client_close(&client);
}

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define START(status) "HTTP/1.1 " status "\r\nServer: TinyWeb\r\nDate: " SITE_DATE "\r\n"

static void fill_text(struct response *resp)
{
    resp->kind = CONTENT_TEXT;
    resp->text = SLICE_LITERAL("some text");
    resp->text_type = SLICE_LITERAL("text/plain");
}

static void a_text_has_its_length_and_type(void **state)
{
    own.fill = fill_text;
    expect_exactly(GET, START("200 OK") "Content-Length: 9\r\nContent-Type: text/plain\r\n\r\n"
                                        "some text");
    expect_exactly("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
                   START("200 OK") "Content-Length: 9\r\nContent-Type: text/plain\r\n\r\n");
}

static void the_connection_field_says_only_what_is_not_usual(void **state)
{
#define REST "Content-Length: 9\r\nContent-Type: text/plain\r\n\r\nsome text"
    own.fill = fill_text;
    expect_exactly("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                   START("200 OK") "Connection: close\r\n" REST);
    expect_exactly("GET / HTTP/1.0\r\n\r\n", START("200 OK") "Connection: close\r\n" REST);
    expect_exactly("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                   START("200 OK") "Connection: keep-alive\r\n" REST);
    expect_exactly("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
                   START("200 OK") REST);
}

static void fill_empty(struct response *resp)
{
    resp->status = 200;
}

static void fill_204(struct response *resp)
{
    resp->status = 204;
}

static void no_content_is_of_length_0_where_there_could_be_some(void **state)
{
    own.fill = fill_empty;
    expect_exactly(GET, START("200 OK") "Content-Length: 0\r\n\r\n");
    own.fill = fill_204;
    expect_exactly(GET, START("204 No Content") "\r\n");
}

static void fill_must_close(struct response *resp)
{
    fill_text(resp);
    resp->must_close = true;
}

static void a_handler_may_end_the_connection(void **state)
{
    struct client client;
    struct reply reply;

    own.fill = fill_must_close;
    client_open(&site, &client, GET GET);
    client_reply(&client, false, &reply);
    assert_field(&reply, "Connection", "close");
    expect_nothing(&client);
    assert_true(client.peer->is_write_shut);
    client_close(&client);
}

static size_t line_len;

static void fill_long_line(struct response *resp)
{
    resp->status = 301;
    writer_literal(&resp->headers, "Location: /");
    for (size_t i = 0; i < line_len; i++)
        writer_char(&resp->headers, 'l');
    writer_literal(&resp->headers, "\r\n");
}

static void field_lines_of_a_handler_may_be_long(void **state)
{
    own.fill = fill_long_line;
    for (line_len = 0; line_len + 100 < site.http->header_space_size; line_len += 37) {
        struct reply reply = ask(&site, GET);

        assert_int_equal(reply.status, 301);
        assert_int_equal(reply_field(&reply, "Location").len, line_len + 1);
        assert_field(&reply, "Content-Length", "0");
    }
}

/* As it happens where one file answers another request, with a status of its own. */
static bool is_large, is_shared;

static void fill_file(struct response *resp)
{
    assert_int_equal(file_cache_get(site.http->files, &site.http->site.root,
                                    is_large ? SLICE_LITERAL("large") : SLICE_LITERAL("small.txt"),
                                    0, &resp->file),
                     0);
    resp->kind = CONTENT_FILE;
    resp->rep = representation_of(resp->file, SITE_NOW,
                                  &(struct representation_traits){.site = &site.config.site},
                                  &site.http->representation);
    assert_non_null(resp->rep);
    if (is_shared)
        writer_literal(&resp->headers, "X-Own: yes\r\n");
}

static void the_ways_to_send_a_file_say_the_same(void **state)
{
    static const char *const fields[] = {"Content-Length", "Content-Type",          "Last-Modified",
                                         "ETag",           "Accept-Ranges",         "Date",
                                         "Server",         "X-Content-Type-Options"};

    site_file(&site, "small.txt", "small");
    site_large_file(&site, "large", 70000);
    own.fill = fill_file;
    for (int i = 0; i < 2; i++) {
        struct reply in_one_piece;
        struct reply in_pieces;
        struct reply http10;

        is_large = i == 1;
        is_shared = false;
        in_one_piece = ask(&site, GET);
        http10 = ask(&site, "GET / HTTP/1.0\r\n\r\n");
        is_shared = true;
        in_pieces = ask(&site, GET);
        assert_field(&in_pieces, "X-Own", "yes");
        for (size_t j = 0; j < COUNT_OF(fields); j++) {
            struct slice value = reply_field(&in_one_piece, fields[j]);

            assert_non_null(value.data);
            assert_true(slice_equal(value, reply_field(&in_pieces, fields[j])));
            assert_true(slice_equal(value, reply_field(&http10, fields[j])));
        }
        assert_true(slice_equal(in_one_piece.content, in_pieces.content));
        assert_true(slice_equal(in_one_piece.content, http10.content));
    }
}

/* The head in front of the body is rewritten only when nobody sends from it. */
static void a_date_that_is_being_sent_stays_what_it_was(void **state)
{
    static const char next_date[] = "Fri, 01 Jan 2100 00:00:01 GMT";
    struct client slow;
    struct client quick;
    struct reply reply;

    site_file(&site, "small.txt", "small");
    is_large = is_shared = false;
    own.fill = fill_file;
    client_init(&site, &slow);
    slow.peer->write_room = 10;
    memory_send(slow.peer, SLICE_LITERAL(GET));
    client_start(&slow);
    site_wait(&site, 1000);
    client_open(&site, &quick, GET GET);
    for (int i = 0; i < 2; i++) {
        client_reply(&quick, false, &reply);
        assert_field(&reply, "Date", next_date);
        assert_content(&reply, "small");
    }
    memory_take(client_conn(&slow), slow.peer, MEMORY_UNLIMITED);
    client_reply(&slow, false, &reply);
    assert_field(&reply, "Date", SITE_DATE);
    assert_content(&reply, "small");
    client_send(&slow, GET);
    client_reply(&slow, false, &reply);
    assert_field(&reply, "Date", next_date);
    client_close(&quick);
    client_close(&slow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_text_has_its_length_and_type, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_connection_field_says_only_what_is_not_usual, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(no_content_is_of_length_0_where_there_could_be_some, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_handler_may_end_the_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(field_lines_of_a_handler_may_be_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_ways_to_send_a_file_say_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_date_that_is_being_sent_stays_what_it_was, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
