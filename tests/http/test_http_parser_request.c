/* SPDX-License-Identifier: MIT */
/* test_http_parser_request.c - what a parsed request says, and how long it may be. */
#include "support/unit.h"

#include "http/parser_fixture.h"

#include <stdio.h>
#include <stdlib.h>

static struct parsed *parse_good(const char *text)
{
    struct parsed *parsed = parse_message(&usual_settings, text, strlen(text), WHOLE);

    if (parsed->result != GOOD)
        fail_msg("%u: %s", parsed->result, text);
    return parsed;
}

static void assert_slice(struct slice got, const char *expected)
{
    if (!slice_equal(got, slice_from_string(expected)))
        fail_msg("'%.*s' instead of '%s'", SLICE_PRINTF(got), expected);
}

static void fields_are_slices_of_the_head(void **state)
{
    struct parsed *parsed = parse_good("\r\nGET /\xe4\xb8\xad?b HTTP/1.1\r\n"
                                       "Host:example.org:80\r\nX-A: \t one, \xe4 two\t \r\n"
                                       "x-a:\r\nUSER-AGENT: me\r\n\r\n");
    const struct request *req = &parsed->req;
    const struct header *rows = req->headers.rows;

    assert_slice(req->line, "GET /\xe4\xb8\xad?b HTTP/1.1");
    assert_slice(req->target, "/\xe4\xb8\xad?b");
    assert_slice(req->path, "/\xe4\xb8\xad");
    assert_slice(req->query, "?b");
    assert_slice(req->host, "example.org:80");
    assert_int_equal(req->headers.count, 4);
    assert_slice(rows[1].name, "X-A");
    assert_slice(rows[1].value, "one, \xe4 two");
    assert_slice(rows[2].name, "x-a");
    assert_slice(rows[2].value, "");
    assert_slice(header_table_get(&req->headers, HEADER_USER_AGENT), "me");
    assert_ptr_equal(rows[0].name.data, req->line.data + req->line.len + 2);
    parsed_free(parsed);
}

static void an_empty_value_is_a_value(void **state)
{
    static const char *const texts[] = {
        "GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / HTTP/1.1\r\nHost: \t\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\nA: b\r\n\r\n", "GET / HTTP/1.1\r\nA:\r\nHost:\r\n\r\n"};

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct parsed *parsed = parse_good(texts[i]);

        assert_true(header_table_has(&parsed->req.headers, HEADER_HOST));
        assert_non_null(header_table_get(&parsed->req.headers, HEADER_HOST).data);
        assert_non_null(parsed->req.host.data);
        assert_int_equal(parsed->req.host.len, 0);
        parsed_free(parsed);
    }
}

static void the_host_of_an_absolute_target_wins(void **state)
{
    struct parsed *parsed = parse_good("GET http://b:1/c HTTP/1.1\r\nHost: a\r\n\r\n");

    assert_slice(parsed->req.host, "b:1");
    assert_slice(parsed->req.path, "/c");
    parsed_free(parsed);
}

static void the_client_says_whether_the_connection_stays(void **state)
{
    static const struct {
        const char *version, *fields;
        bool keep_alive;
    } rows[] = {
        {"1.1", "", true},
        {"1.1", "Connection: keep-alive\r\n", true},
        {"1.1", "Connection: close\r\n", false},
        {"1.1", "Connection: CLOSE\r\n", false},
        {"1.1", "Connection: foo, close ,bar\r\n", false},
        {"1.1", "Connection: foo\r\nConnection: close\r\n", false},
        {"1.1", "Connection: keep-alive, close\r\n", false},
        {"1.1", "Connection: closed\r\n", true},
        {"1.1", "Connection:\r\n", true},
        {"1.1", "Proxy-Connection: close\r\n", true},
        {"1.0", "", false},
        {"1.0", "Connection: Keep-Alive\r\n", true},
        {"1.0", "Connection: foo, keep-alive\r\n", true},
        {"1.0", "Connection: close\r\n", false},
        {"1.0", "Connection: keep-alive, close\r\n", false},
        {"1.0", "Keep-Alive: 5\r\n", false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[256];
        struct parsed *parsed;

        (void)snprintf(text, sizeof(text), "GET / HTTP/%s\r\nHost: a\r\n%s\r\n", rows[i].version,
                       rows[i].fields);
        parsed = parse_good(text);
        if (parsed->req.keep_alive != rows[i].keep_alive)
            fail_msg("%d: %s", parsed->req.keep_alive, text);
        parsed_free(parsed);
    }
}

static void a_continue_is_expected_only_before_a_body_of_http_1_1(void **state)
{
    static const struct {
        const char *text;
        bool is_expected;
    } rows[] = {
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na", true},
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", false},
        {"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na", false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct parsed *parsed = parse_good(rows[i].text);

        assert_int_equal(parsed->req.expects_continue, rows[i].is_expected);
        parsed_free(parsed);
    }
}

/* "GET /aaa HTTP/1.1", then fields of one byte until it has @fields; padded to @size if that is
 * more. Terminated; the caller frees it. */
static char *make_head(size_t uri, size_t fields, size_t size)
{
    char *text = calloc(1, uri + fields * 8 + size + 128);
    size_t len = (size_t)sprintf(text, "GET /%*s HTTP/1.1\r\nHost: a\r\n", (int)uri - 1, "");

    memset(text + 5, 'a', uri - 1);
    for (size_t i = 2; i < fields; i++)
        len += (size_t)sprintf(text + len, "B: c\r\n");
    len += (size_t)sprintf(text + len, "Pad: ");
    while (len + 4 < size)
        text[len++] = 'p';
    (void)strcpy(text + len, "\r\n\r\n");
    return text;
}

static void check_limit(size_t uri, size_t fields, size_t size, unsigned expected)
{
    char *text = make_head(uri, fields, size);
    size_t len = strlen(text);
    struct parsed *whole = parse_message(&usual_settings, text, len, WHOLE);
    struct parsed *bytes = parse_bytes(&usual_settings, text, len);

    if (whole->result != expected || bytes->result != expected)
        fail_msg("uri %zu, %zu fields, %zu bytes: %u whole, %u by bytes, not %u", uri, fields, len,
                 whole->result, bytes->result, expected);
    parsed_free(whole);
    parsed_free(bytes);
    free(text);
}

static void limits_are_allowed_and_one_more_is_refused(void **state)
{
    const struct http_parser_limits *limits = &usual_settings.limits;
    size_t uri = limits->max_uri_size;
    size_t count = limits->max_header_count;
    size_t size = limits->max_header_size;

    check_limit(uri - 1, 2, 0, GOOD);
    check_limit(uri, 2, 0, GOOD);
    check_limit(uri + 1, 2, 0, 414);
    check_limit(uri + 47, 2, 0, 414);
    check_limit(uri + 100, 2, 0, 414);
    check_limit(size * 2, 2, 0, 414);
    check_limit(1, count - 1, 0, GOOD);
    check_limit(1, count, 0, GOOD);
    check_limit(1, count + 1, 0, 431);
    check_limit(1, count + 100, 0, 431);
    check_limit(1, 2, size - 1, GOOD);
    check_limit(1, 2, size, GOOD);
    check_limit(1, 2, size + 1, 431);
    check_limit(1, 2, size * 10, 431);
}

/* Nobody has to send all of it first. */
static void what_cannot_become_a_request_is_refused_at_once(void **state)
{
    static const struct {
        const char *start;
        unsigned status;
    } rows[] = {{"GET /", 414},
                {"X", 414},
                {"GET / HTTP/1.1\r\nHost: a\r\nA: ", 431},
                {"GET / HTTP/1.1\r\nA", 431}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[4096];
        struct parsed *parsed;

        memset(text, 'a', sizeof(text));
        memcpy(text, rows[i].start, strlen(rows[i].start));
        parsed = parse_bytes(&usual_settings, text, sizeof(text));
        assert_int_equal(parsed->result, rows[i].status);
        assert_true(rows[i].status == 414 || parsed->req.line.len > 0);
        parsed_free(parsed);
    }
}

static void a_request_has_begun_with_its_first_byte_but_an_empty_line(void **state)
{
    static const struct {
        const char *text;
        bool has_begun;
    } rows[] = {{"", false},          {"\r", false}, {"\r\n", false},
                {"\r\n\r", false},    {"G", true},   {"\r\nG", true},
                {"\r\n\r\nGE", true}, {"GET", true}, {"GET / HTTP/1.1\r\n", true}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_parser *parser = http_parser_create(&usual_settings.limits);
        struct slice text = slice_from_string(rows[i].text);
        struct request req;
        size_t head_len;

        assert_int_equal(http_parser_head(parser, text, &req, &head_len), 0);
        assert_int_equal(http_parser_has_begun(parser, text), rows[i].has_begun);
        http_parser_destroy(parser);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_slices_of_the_head),
        cmocka_unit_test(an_empty_value_is_a_value),
        cmocka_unit_test(the_host_of_an_absolute_target_wins),
        cmocka_unit_test(the_client_says_whether_the_connection_stays),
        cmocka_unit_test(a_continue_is_expected_only_before_a_body_of_http_1_1),
        cmocka_unit_test(limits_are_allowed_and_one_more_is_refused),
        cmocka_unit_test(what_cannot_become_a_request_is_refused_at_once),
        cmocka_unit_test(a_request_has_begun_with_its_first_byte_but_an_empty_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
