/* SPDX-License-Identifier: MIT */
/* test_http_parser.c - heads: what llhttp or its versions let through, and what a request says. */
#include "support/unit.h"

#include "http/parser_fixture.h"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"

struct row {
    const char *text;
    size_t len;
    unsigned expected;
};

static void check(const struct row *row)
{
    struct parsed *whole = parse_message(&usual_settings, row->text, row->len, WHOLE);
    struct parsed *bytes = parse_bytes(&usual_settings, row->text, row->len);

    if (whole->result != row->expected)
        fail_msg("%u instead of %u:\n%.*s", whole->result, row->expected, (int)row->len, row->text);
    if (!parsed_equal(whole, bytes))
        fail_msg("%u byte by byte, %u else:\n%.*s", bytes->result, whole->result, (int)row->len,
                 row->text);
    parsed_free(bytes);
    for (size_t at = 0; at <= row->len; at++) {
        struct parsed *split = parse_message(&usual_settings, row->text, row->len, at);

        if (!parsed_equal(whole, split))
            fail_msg("%u when split at %zu, %u else:\n%.*s", split->result, at, whole->result,
                     (int)row->len, row->text);
        parsed_free(split);
    }
    parsed_free(whole);
}

static void check_all(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(&rows[i]);
}

static void request_lines_get_their_status(void **state)
{
    static const struct row rows[] = {
        {TEXT(GET "\r\n"), GOOD},
        {TEXT("\r\n" GET "\r\n"), GOOD},
        {TEXT("GET /\xe4\xb8\xad\xe6\x96\x87.html HTTP/1.1\r\nHost: a\r\n\r\n"), GOOD},
        {TEXT("GET /?\xe4\xb8\xad HTTP/1.1\r\nHost: a\r\n\r\n"), GOOD},
        {TEXT("GET /\t HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT("GET /\f HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT("GET /a#frag HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT("GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT("GET /<a> HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT("GET /  HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), 400},
        {TEXT("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT(" GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"), GOOD},
        {TEXT("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n"), GOOD},
        {TEXT("GET http://u@b/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT("GET /\r\n"), UNFINISHED},
        {TEXT("GET /\r\n\r\n"), 400},
        {TEXT("GET /\n"), 400},
        {TEXT("GET / HTTP/0.9\r\n\r\n"), 505},
        {TEXT("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), GOOD},
        {TEXT("GET /\xe4\xb8\xad HTTP/1.9\r\nHost: a\r\n\r\n"), GOOD},
        {TEXT("GET / HTTP/1.2\r\n\r\n"), 400},
        {TEXT("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505},
        {TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505},
        {TEXT("GET / RTSP/1.0\r\nHost: a\r\n\r\n"), 400},
        {TEXT("GET / ICE/1.0\r\nHost: a\r\n\r\n"), 400},
        {TEXT("SOURCE / HTTP/1.1\r\nHost: a\r\n\r\n"), 501},
        {TEXT("DESCRIBE / HTTP/1.1\r\nHost: a\r\n\r\n"), 501},
        {TEXT("BREW / HTTP/1.1\r\nHost: a\r\n\r\n"), 501},
        {TEXT("get / HTTP/1.1\r\nHost: a\r\n\r\n"), 501},
        {TEXT("G(T / HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"), GOOD},
        {TEXT("CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), GOOD},
        {TEXT("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
        {TEXT("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"), GOOD},
        {TEXT("\x16\x03\x01\x02\x01"), 400}, /* TLS */
        {TEXT("\r\n\r\n\r\n\r\n\r\n"), 400},
    };

    check_all(rows, COUNT_OF(rows));
}

static void field_lines_get_their_status(void **state)
{
    static const struct row rows[] = {
        {TEXT("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), 400},
        {TEXT(GET "a b: c\r\n\r\n"), 400},
        {TEXT(GET "a\t: c\r\n\r\n"), 400},
        {TEXT(GET ": x\r\n\r\n"), 400},
        {TEXT(GET ":\r\n\r\n"), 400},
        {TEXT(GET "name\r\n\r\n"), 400},
        {TEXT(GET "a\xe4: b\r\n\r\n"), 400},
        {TEXT(GET "a(b): c\r\n\r\n"), 400},
        {TEXT(GET "a\": c\r\n\r\n"), 400},
        {TEXT(GET "!#$%&'*+-.^_`|~09azAZ: b\r\n\r\n"), GOOD},
        {TEXT(GET "a:b\r\n\r\n"), GOOD},
        {TEXT(GET "a:\r\n\r\n"), GOOD},
        {TEXT(GET "a: \t \r\nb:\r\n\r\n"), GOOD},
        {TEXT(GET "a: b\tc \xe4\xff\r\n\r\n"), GOOD},
        {TEXT(GET "a: b\x7f\r\n\r\n"), 400},
        {TEXT(GET "a: b\0c\r\n\r\n"), 400},
        {TEXT(GET "a: b\x0b\r\n\r\n"), 400},
        {TEXT(GET "a: b\n\r\n"), 400},
        {TEXT(GET "a: b\rc\r\n\r\n"), 400},
        {TEXT(GET "a: b\r\n\n"), 400},
        {TEXT("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\nHost: a\n\n"), 400},
        /* A folded line: the length would be swallowed (CVE-2024-27982). */
        {TEXT("POST / HTTP/1.1\r\nHost: a\r\n Content-Length: 5\r\n\r\nGET /"), 400},
        {TEXT(GET "a: b\r\n\tc\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400},
        /* An empty value and a CR that begins a new field (CVE-2023-30589). */
        {TEXT("POST / HTTP/1.1\r\nHost: a\r\nA:\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
         400},
        {TEXT("POST / HTTP/1.1\r\nHost: a\r\nA: \rContent-Length: 1\r\n\r\nx"), 400},
        /* The head's end without its LF (CVE-2025-23167). */
        {TEXT(GET "\rX\r\n\r\n"), 400},
        {TEXT(GET "\r\r\n"), 400},
    };

    check_all(rows, COUNT_OF(rows));
}

static void a_host_is_there_once_and_is_one(void **state)
{
    static const struct row rows[] = {
        {TEXT("GET / HTTP/1.1\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nA: b\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.0\r\n\r\n"), GOOD},
        {TEXT("GET http://b/ HTTP/1.1\r\n\r\n"), 400},
        {TEXT("GET http://b/ HTTP/1.0\r\n\r\n"), GOOD},
        {TEXT("GET / HTTP/1.1\r\nHost:\r\n\r\n"), GOOD},
        {TEXT("GET / HTTP/1.1\r\nHost: \t \r\n\r\n"), GOOD},
        {TEXT("GET / HTTP/1.1\r\nHost:\r\nHost:\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nHost:\r\nA: b\r\nHost: a\r\n\r\n"), 400},
        {TEXT(GET "Host: a\r\n\r\n"), 400},
        {TEXT(GET "host: b\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nhOsT: A:80\r\n\r\n"), GOOD},
        {TEXT("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), GOOD},
        {TEXT("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nHost: a:x\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.0\r\nHost: a b\r\n\r\n"), 400},
        {TEXT("GET http://b/ HTTP/1.1\r\nHost: a b\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400},
    };

    check_all(rows, COUNT_OF(rows));
}

static void the_end_of_a_message_is_never_in_doubt(void **state)
{
    static const struct row rows[] = {
        {TEXT(POST "Content-Length: 0\r\n\r\n"), GOOD},
        {TEXT(POST "Content-Length: 3\r\n\r\nabc"), GOOD},
        {TEXT(POST "Content-Length: 3\r\n\r\nab"), UNFINISHED},
        {TEXT(POST "Content-Length: 003\r\n\r\nabc"), GOOD},
        {TEXT(POST "Content-Length: \t3 \r\n\r\nabc"), GOOD},
        {TEXT(POST "Content-Length: +3\r\n\r\nabc"), 400},
        {TEXT(POST "Content-Length: -3\r\n\r\nabc"), 400},
        {TEXT(POST "Content-Length: 0x3\r\n\r\nabc"), 400},
        {TEXT(POST "Content-Length: 3 3\r\n\r\nabc"), 400},
        {TEXT(POST "Content-Length: 3, 3\r\n\r\nabc"), 400},
        {TEXT(POST "Content-Length: 3,\r\n\r\nabc"), 400},
        {TEXT(POST "Content-Length: \"3\"\r\n\r\nabc"), 400},
        {TEXT(POST "Content-Length: 3a\r\n\r\nabc"), 400},
        {TEXT(POST "Content-Length: 3.0\r\n\r\nabc"), 400},
        {TEXT(POST "Content-Length:\r\n\r\n"), 400},
        {TEXT(POST "Content-Length:\r\nContent-Length: 3\r\n\r\nabc"), 400},
        {TEXT(POST "Content-Length: 99999999999999999999\r\n\r\n"), 400},
        {TEXT(POST "Content-Length: 18446744073709551616\r\n\r\n"), 400},
        {TEXT(POST "Content-Length: 18446744073709551619\r\n\r\nabc"), 400},
        {TEXT(POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), 400},
        {TEXT(POST "Content-Length: 0\r\nContent-Length: 0\r\n\r\n"), 400},
        {TEXT(POST "Content-Length: 3\r\ncontent-length: 4\r\n\r\nabcd"), 400},
        {TEXT(POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400},
        {TEXT(POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"), 400},
        {TEXT(POST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n"), 400},
        {TEXT(POST "Transfer-Encoding: identity\r\n\r\n"), 400},
        {TEXT(POST "Transfer-Encoding: gzip\r\n\r\n"), 400},
        {TEXT(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), 400},
        {TEXT(POST "Transfer-Encoding: chunkedx\r\n\r\n0\r\n\r\n"), 400},
        {TEXT(POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"), 400},
        {TEXT(POST "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"), 400},
        {TEXT(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 501},
        {TEXT(POST "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 501},
        {TEXT(POST "Transfer-Encoding:\r\n\r\n"), 400},
        {TEXT(POST "Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 501},
        {TEXT(POST "Transfer-Encoding:\x0b"
                   "chunked\r\n\r\n0\r\n\r\n"),
         400},
        {TEXT(POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"), 400},
        {TEXT(POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"), 400},
        {TEXT(POST "Transfer-Encoding: Chunked \r\n\r\n0\r\n\r\n"), GOOD},
        {TEXT("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), GOOD},
        {TEXT("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400},
        {TEXT("POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\na"), GOOD},
        {TEXT("POST / HTTP/1.0\r\n\r\n"), GOOD},
        {TEXT(POST "\r\n"), GOOD},
        {TEXT("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"), GOOD},
        {TEXT("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"), GOOD},
        {TEXT("CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"), GOOD},
    };

    check_all(rows, COUNT_OF(rows));
    /* Lists with chunked twice, in one line or two: never one body, whichever status says so. */
    for (int i = 0; i < 2; i++) {
        static const char *const values[] = {
            POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
            POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"};
        struct parsed *parsed = parse_message(&usual_settings, values[i], strlen(values[i]), WHOLE);

        assert_in_range(parsed->result, 400, 501);
        parsed_free(parsed);
    }
}

static void nothing_is_upgraded_and_nothing_else_expected(void **state)
{
    static const struct row rows[] = {
        {TEXT(GET "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"
                  "\r\n"),
         GOOD},
        {TEXT(GET "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"), GOOD},
        {TEXT(POST "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nab"), GOOD},
        {TEXT(POST "Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "1\r\na\r\n0\r\n\r\n"),
         GOOD},
        {TEXT(GET "Upgrade:\r\nConnection:\r\n\r\n"), GOOD},
        {TEXT(POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\na"), GOOD},
        {TEXT(POST "Expect: 200-ok\r\nContent-Length: 1\r\n\r\na"), 417},
        {TEXT(POST "Expect:\r\nContent-Length: 1\r\n\r\na"), 417},
        {TEXT("POST / HTTP/1.0\r\nExpect: x\r\nContent-Length: 1\r\n\r\na"), GOOD},
    };

    check_all(rows, COUNT_OF(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_lines_get_their_status),
        cmocka_unit_test(field_lines_get_their_status),
        cmocka_unit_test(a_host_is_there_once_and_is_one),
        cmocka_unit_test(the_end_of_a_message_is_never_in_doubt),
        cmocka_unit_test(nothing_is_upgraded_and_nothing_else_expected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
