/* SPDX-License-Identifier: MIT */
/* test_http_parser_body.c - bodies end where they end, and the next request begins there. */
#include "support/unit.h"

#include "http/parser_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#define CHUNKED "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
#define NEXT "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"

static void chunked_bodies_are_read_to_their_end_or_refused(void **state)
{
    static const struct {
        const char *body;
        size_t len;
        unsigned expected;
    } rows[] = {
        {TEXT("0\r\n\r\n"), GOOD},
        {TEXT("000\r\n\r\n"), GOOD},
        {TEXT("3\r\nabc\r\n0\r\n\r\n"), GOOD},
        {TEXT("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"), GOOD},
        {TEXT("3\r\nabc\r\n"), UNFINISHED},
        {TEXT("3\r\nabc\r\n0\r\n"), UNFINISHED},
        {TEXT("3\r\nabc\r\n0\r\n\r"), UNFINISHED},
        {TEXT("3;a=b\r\nabc\r\n0;c\r\n\r\n"), GOOD},
        {TEXT("3;a=\"b c\"\r\nabc\r\n0\r\n\r\n"), GOOD},
        /* Extensions, all of them ignored (section 7.1.1). */
        {TEXT("3;a=b;c;d=e\r\nabc\r\n0;f;g=h\r\n\r\n"), GOOD},
        {TEXT("3 ;\ta = b ; c ;d=\" \\\" ;\x80\\\\\" ;e\r\nabc\r\n0\r\n\r\n"), GOOD},
        {TEXT("3;\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3;;a\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3;a=\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3;a==b\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3;a \r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3;a=b \r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3;a b\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3 a\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3;a=\"b\"c\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3;a=\"b\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3;a=\"b\\\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3;a=\"\x7f\"\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3;\xe9\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3,a\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        /* Trailers. */
        {TEXT("0\r\nA: b\r\n\r\n"), GOOD},
        {TEXT("0\r\nContent-Length: 5\r\nHost: b\r\n\r\n"), GOOD},
        {TEXT("0\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"), GOOD},
        {TEXT("0\r\nA: b\r\n"), UNFINISHED},
        {TEXT("0\r\nA: b\r\nC:\r\n!#$%&'*+-.^_`|~0: \t\x80\xff\r\n\r\n"), GOOD},
        {TEXT("0\r\nA b\r\n\r\n"), BAD_BODY},
        {TEXT("0\r\nA : b\r\n\r\n"), BAD_BODY},
        {TEXT("0\r\nA\r\n\r\n"), BAD_BODY},
        {TEXT("0\r\n: b\r\n\r\n"), BAD_BODY},
        {TEXT("0\r\n A: b\r\n\r\n"), BAD_BODY},
        {TEXT("0\r\nA: b\r\n c\r\n\r\n"), BAD_BODY},
        {TEXT("0\r\nA: b\r\n\tc\r\n\r\n"), BAD_BODY},
        {TEXT("0\r\nA: b\n\r\n"), BAD_BODY},
        {TEXT("0\r\nA: b\rc\r\n\r\n"), BAD_BODY},
        {TEXT("0\r\nA: \x01\r\n\r\n"), BAD_BODY},
        {TEXT("0\r\nA: \x7f\r\n\r\n"), BAD_BODY},
        {TEXT("0\r\nA\xe9: b\r\n\r\n"), BAD_BODY},
        {TEXT("0\r\n\n"), BAD_BODY},
        {TEXT("0\r\n\r\r\n"), BAD_BODY},
        {TEXT("0\r\n\rX"), BAD_BODY},
        {TEXT("0\n\n"), BAD_BODY},
        /* Sizes. */
        {TEXT("\r\n"), BAD_BODY},
        {TEXT("g\r\n"), BAD_BODY},
        {TEXT("-1\r\na\r\n"), BAD_BODY},
        {TEXT("+1\r\na\r\n"), BAD_BODY},
        {TEXT("0x1\r\na\r\n"), BAD_BODY},
        {TEXT(" 1\r\na\r\n"), BAD_BODY},
        {TEXT("1 \r\na\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("1_\r\na\r\n"), BAD_BODY},
        {TEXT("ffffffffffffffff1\r\n"), BAD_BODY},
        {TEXT("ffffffffffffffff\r\n"), LARGE_BODY},
        {TEXT("1\r\na\r\nffffffffffffffff\r\n"), LARGE_BODY},
        {TEXT("100001\r\n"), LARGE_BODY}, /* of 100000 allowed */
        {TEXT("10000000000000001\r\na\r\n0\r\n\r\n"), BAD_BODY},
        /* Ends of lines, and of chunks. */
        {TEXT("3\r\nabcd\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3\r\nabc0\r\n\r\n"), BAD_BODY},
        {TEXT("3\r\nab\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3\r\nabc\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3\rabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3;a\nb\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
        {TEXT("3;a\rb\r\nabc\r\n0\r\n\r\n"), BAD_BODY},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[512];
        size_t len = (size_t)snprintf(text, sizeof(text), CHUNKED "%s" NEXT, rows[i].body);
        bool is_whole = rows[i].expected != UNFINISHED;
        struct parsed *whole;

        if (!is_whole)
            len -= sizeof(NEXT) - 1;
        whole = parse_message(&usual_settings, text, len, WHOLE);
        if (whole->result != rows[i].expected)
            fail_msg("%u instead of %u:\n%s", whole->result, rows[i].expected, rows[i].body);
        for (size_t at = 0; at <= len; at++) {
            struct parsed *split = parse_message(&usual_settings, text, len, at);

            if (!parsed_equal(whole, split))
                fail_msg("%u when split at %zu:\n%s", split->result, at, rows[i].body);
            parsed_free(split);
        }
        if (rows[i].expected == GOOD) {
            assert_int_equal(whole->used, sizeof(CHUNKED) - 1 + rows[i].len);
            assert_int_equal(whole->req.headers.count, 2); /* trailers are not among them */
            assert_true(slice_equal(whole->req.host, SLICE_LITERAL("a")));
        }
        parsed_free(whole);
    }
}

static void what_follows_a_message_is_left_for_the_next(void **state)
{
    static const char *const texts[] = {
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /",
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nGET /",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
        CHUNKED "1\r\na\r\n0\r\n\r\n",
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char text[512];
        size_t len = (size_t)snprintf(text, sizeof(text), "%s" NEXT, texts[i]);

        for (size_t at = 0; at <= len; at++) {
            struct parsed *parsed = parse_message(&usual_settings, text, len, at);

            assert_int_equal(parsed->result, GOOD);
            assert_int_equal(parsed->used, strlen(texts[i]));
            parsed_free(parsed);
        }
    }
}

static void a_reset_parser_takes_the_next_request(void **state)
{
    static const char text[] = CHUNKED "1\r\na\r\n0\r\nHost: x\r\n\r\n" NEXT;
    struct http_parser *parser = http_parser_create(&usual_settings.limits);
    struct slice rest = slice_of(text, sizeof(text) - 1);
    struct request req;
    size_t used;

    assert_int_equal(http_parser_head(parser, rest, &req, &used), HTTP_HEAD_COMPLETE);
    rest = slice_from(rest, used);
    assert_int_equal(http_parser_body(parser, rest, 1, &used), BODY_COMPLETE);
    rest = slice_from(rest, used);
    http_parser_reset(parser);
    assert_int_equal(http_parser_head(parser, rest, &req, &used), HTTP_HEAD_COMPLETE);
    assert_int_equal(used, rest.len);
    assert_true(slice_equal(req.path, SLICE_LITERAL("/next")));
    /* Also after an error. */
    http_parser_reset(parser);
    assert_int_equal(
        http_parser_head(parser, SLICE_LITERAL("GET / HTTP/1.1\r\nA b\r\n\r\n"), &req, &used), 400);
    http_parser_reset(parser);
    assert_int_equal(http_parser_head(parser, rest, &req, &used), HTTP_HEAD_COMPLETE);
    http_parser_destroy(parser);
}

/* The result of @count chunks "1\r\nx\r\n", byte by byte, or all at once. */
static unsigned parse_small_chunks(size_t count, const char *chunk, uint64_t max_body)
{
    struct parsed_settings settings = usual_settings;
    size_t chunk_len = strlen(chunk);
    char *text = malloc(sizeof(CHUNKED) + count * chunk_len + 8);
    size_t len = sizeof(CHUNKED) - 1;
    struct parsed *whole;
    struct parsed *split;
    unsigned result;

    memcpy(text, CHUNKED, len);
    for (size_t i = 0; i < count; i++) {
        memcpy(text + len, chunk, chunk_len);
        len += chunk_len;
    }
    memcpy(text + len, "0\r\n\r\n", 5);
    len += 5;
    settings.max_body = max_body;
    whole = parse_message(&settings, text, len, WHOLE);
    split = parse_message(&settings, text, len, len / 2);
    assert_true(parsed_equal(whole, split));
    result = whole->result;
    parsed_free(whole);
    parsed_free(split);
    free(text);
    return result;
}

static void thousands_of_small_chunks_are_one_body(void **state)
{
    assert_int_equal(parse_small_chunks(50000, "1\r\nx\r\n", 50000), GOOD);
    assert_int_equal(parse_small_chunks(50000, "1\r\nx\r\n", 49999), LARGE_BODY);
    assert_int_equal(parse_small_chunks(50000, "00000000000001\r\nx\r\n", 50000), LARGE_BODY);
    assert_int_equal(parse_small_chunks(50000, "1;extension=value\r\nx\r\n", 50000), LARGE_BODY);
}

static void a_chunked_body_may_have_the_allowed_size_and_no_more(void **state)
{
    assert_int_equal(parse_small_chunks(1, "a\r\n0123456789\r\n", 10), GOOD);
    assert_int_equal(parse_small_chunks(1, "a\r\n0123456789\r\n", 9), LARGE_BODY);
    assert_int_equal(parse_small_chunks(1, "a\r\n0123456789\r\n", 0), LARGE_BODY);
    assert_int_equal(parse_small_chunks(0, "", 0), GOOD);
}

/* Trailers and extensions are not content, but no gift either. */
static void endless_framing_is_refused(void **state)
{
    static const char *const starts[] = {CHUNKED "0\r\nA: ", CHUNKED "1;a=", CHUNKED "0\r\nA"};

    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        const size_t len = 64 * 1024;
        char *text = malloc(len);
        struct parsed *parsed;

        memset(text, 'a', len);
        memcpy(text, starts[i], strlen(starts[i]));
        parsed = parse_bytes(&usual_settings, text, len / 2);
        assert_int_equal(parsed->result, LARGE_BODY);
        parsed_free(parsed);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunked_bodies_are_read_to_their_end_or_refused),
        cmocka_unit_test(what_follows_a_message_is_left_for_the_next),
        cmocka_unit_test(a_reset_parser_takes_the_next_request),
        cmocka_unit_test(thousands_of_small_chunks_are_one_body),
        cmocka_unit_test(a_chunked_body_may_have_the_allowed_size_and_no_more),
        cmocka_unit_test(endless_framing_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
