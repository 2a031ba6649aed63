/* SPDX-License-Identifier: MIT */
/* test_plain_head.c - what the shortcut takes and what it leaves; that it agrees with llhttp. */
#include "support/unit.h"

#include "http/parser_fixture.h"
#include "http/plain_head.h"

#include <stdio.h>
#include <stdlib.h>

#define MAX_URI_SIZE 64
#define MAX_FIELDS 6

struct taken {
    bool is_taken;
    size_t len;
    struct request req;
    struct header rows[MAX_FIELDS];
    char *block; /* the slices point here */
};

/* In a block of exactly its size, so that a sanitizer sees the first byte read beyond it. */
static struct taken *take(const char *text, size_t len)
{
    struct taken *taken = calloc(1, sizeof(*taken));

    taken->block = malloc(len > 0 ? len : 1);
    memcpy(taken->block, text, len);
    header_table_init(&taken->req.headers, taken->rows, MAX_FIELDS);
    taken->is_taken = plain_head_parse(slice_of(taken->block, len), MAX_URI_SIZE, &taken->req,
                                       &taken->len);
    return taken;
}

static void taken_free(struct taken *taken)
{
    free(taken->block);
    free(taken);
}

static void check(const char *text, size_t len, bool is_taken)
{
    struct taken *taken = take(text, len);

    if (taken->is_taken != is_taken)
        fail_msg("%s: %.*s", is_taken ? "left" : "taken", (int)len, text);
    taken_free(taken);
}

#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST

static void what_clients_send_is_taken(void **state)
{
    static const char *const heads[] = {
        GET "\r\n",
        GET "\r\nGET",
        "GET / HTTP/1.1\r\nHost:a\r\n\r\n",
        "GET /1k.html HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /1k.html HTTP/1.1\r\nHost: localhost:8080\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a-host.whose.name.is.longer.than.a.block.example\r\n\r\n",
        "GET /a/path/that/is/longer/than.a-single_block HTTP/1.1\r\n" HOST "\r\n",
        "GET /a%20b?c=d&e=f HTTP/1.1\r\n" HOST "\r\n",
        "GET //a/../.b HTTP/1.1\r\n" HOST "\r\n",
        "GET / HTTP/1.1\r\nAccept: */*\r\n" HOST "\r\n",
        GET "Accept: text/html;q=0.9, \"\\~!\"\r\n\r\n",
        GET "Upgrade-Insecure-Requests-And-More-Of-That: 1\r\n\r\n",
        GET "Connection: keep-alive\r\nRange: bytes=0-1\r\nIf-None-Match: \"a\"\r\nA: b\r\nA: b\r\n"
            "\r\n",
    };

    for (size_t i = 0; i < COUNT_OF(heads); i++)
        check(heads[i], strlen(heads[i]), true);
}

static void whatever_else_is_left_to_the_parser(void **state)
{
    static const char *const heads[] = {
        "HEAD / HTTP/1.1\r\n" HOST "\r\n",
        "GET  / HTTP/1.1\r\n" HOST "\r\n",
        "\r\n" GET "\r\n",
        "GET / HTTP/1.0\r\n" HOST "\r\n",
        "GET / HTTP/1.1 \r\n" HOST "\r\n",
        "GET / HTTP/1.1\n" HOST "\r\n",
        "GET / \r\n" HOST "\r\nAnd-Some-More: 1\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\n" HOST "\r\n",
        "GET * HTTP/1.1\r\n" HOST "\r\n",
        "GET /#a HTTP/1.1\r\n" HOST "\r\n",
        "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n",
        "GET /\" HTTP/1.1\r\n" HOST "\r\n",
        "GET /a b HTTP/1.1\r\n" HOST "\r\n",
        /* The Host. */
        "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n",
        GET HOST "\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        /* Fields that decide about the body or the protocol. */
        GET "Content-Length: 0\r\n\r\n",
        GET "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        GET "Expect: 100-continue\r\n\r\n",
        GET "Upgrade: h2c\r\n\r\n",
        GET "TE: trailers\r\n\r\n",
        GET "Trailer: a\r\n\r\n",
        /* Lines that want a closer look. */
        GET "A:\r\n\r\n",
        GET "A: \r\n\r\n",
        GET "A:  b\r\n\r\n",
        GET "A: b \r\n\r\n",
        GET "A:\tb\r\n\r\n",
        GET "A: b\tc\r\n\r\n",
        GET "A: \xc3\xa4\r\n\r\n",
        GET "A_B: c\r\n\r\n",
        GET "A : b\r\n\r\n",
        GET ": b\r\n\r\n",
        GET "A\r\n\r\n",
        GET " A: b\r\n\r\n",
        GET "A: b\r\n c\r\n\r\n",
        GET "A: b\n\r\n",
        GET "A: b\rc\r\n\r\n",
        GET "A: b\r\n\n",
        /* More than fits. */
        "GET /a-target-of-sixty-five-bytes-which-is-one-more-than-may-be-here-- HTTP/1.1\r\n" HOST
        "\r\n",
        GET "A: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\n\r\n",
    };

    for (size_t i = 0; i < COUNT_OF(heads); i++)
        check(heads[i], strlen(heads[i]), false);
    check(TEXT(GET "A: b\0c\r\n\r\n"), false);
    check(TEXT("GET /\0 HTTP/1.1\r\n" HOST "\r\n"), false);
}

static const char usual_head[] =
    "GET /some.dir/index.html?query=1 HTTP/1.1\r\nHost: www.example.org:80\r\n"
    "User-Agent: Mozilla/5.0 (X11)\r\nAccept-Encoding: gzip, br\r\nConnection: keep-alive\r\n\r\n";
#define USUAL_LEN (sizeof(usual_head) - 1)

static void a_head_is_taken_when_its_last_byte_is_there(void **state)
{
    for (size_t len = 0; len < USUAL_LEN; len++)
        check(usual_head, len, false);
    check(usual_head, USUAL_LEN, true);
}

/* Every byte is replaced by every other: whatever the shortcut makes of it, llhttp makes the same. */
static void it_agrees_with_the_parser_about_every_byte(void **state)
{
    struct parsed_settings slow_settings = usual_settings;
    char text[USUAL_LEN];

    slow_settings.limits.no_shortcut = true;
    memcpy(text, usual_head, sizeof(text));
    for (size_t at = 0; at < USUAL_LEN; at++) {
        for (int c = 0; c < 256; c++) {
            struct parsed *quick, *slow;

            text[at] = (char)c;
            quick = parse_message(&usual_settings, text, USUAL_LEN, WHOLE);
            slow = parse_message(&slow_settings, text, USUAL_LEN, WHOLE);
            if (!parsed_equal(quick, slow))
                fail_msg("byte %d at %zu: %u, but llhttp says %u", c, at, quick->result,
                         slow->result);
            parsed_free(quick);
            parsed_free(slow);
        }
        text[at] = usual_head[at];
    }
}

static void the_request_is_filled(void **state)
{
    struct taken *taken = take(usual_head, USUAL_LEN);
    const struct request *req = &taken->req;
    const char *start = taken->block;

    assert_true(taken->is_taken);
    assert_int_equal(taken->len, USUAL_LEN);
    assert_int_equal(req->method, METHOD_GET);
    assert_true(slice_equal(req->line, SLICE_LITERAL("GET /some.dir/index.html?query=1 HTTP/1.1")));
    assert_true(slice_equal(req->target, SLICE_LITERAL("/some.dir/index.html?query=1")));
    assert_true(slice_equal(req->path, SLICE_LITERAL("/some.dir/index.html")));
    assert_true(slice_equal(req->query, SLICE_LITERAL("?query=1")));
    assert_true(slice_equal(req->host, SLICE_LITERAL("www.example.org:80")));
    assert_true(req->path_is_plain);
    assert_ptr_equal(req->line.data, start);
    assert_int_equal(req->headers.count, 4);
    assert_int_equal(taken->rows[2].id, HEADER_ACCEPT_ENCODING);
    assert_true(slice_equal(taken->rows[2].value, SLICE_LITERAL("gzip, br")));
    taken_free(taken);
}

static void a_path_is_plain_without_empty_segments_and_dots_before_names(void **state)
{
    static const struct {
        const char *path;
        bool is_plain;
    } rows[] = {
        {"/", true},
        {"/a", true},
        {"/a.b/c..d/", true},
        {"//", false},
        {"/.a", false},
        {"/a/.", false},
        {"/a//b", false},
        {"/a%62", false},
        {"/0123456789abcd/.e", false},
        {"/0123456789abcd//e", false},
        {"/0123456789abcde/.f", false},
        {"/0123456789abcde//f", false},
        {"/0123456789abc/.de", false},
        {"/0123456789abcde/f.g", true},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[128];
        struct taken *taken;

        (void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n" HOST "\r\n", rows[i].path);
        taken = take(text, strlen(text));
        assert_true(taken->is_taken);
        if (taken->req.path_is_plain != rows[i].is_plain)
            fail_msg("%s", rows[i].path);
        taken_free(taken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_clients_send_is_taken),
        cmocka_unit_test(whatever_else_is_left_to_the_parser),
        cmocka_unit_test(a_head_is_taken_when_its_last_byte_is_there),
        cmocka_unit_test(it_agrees_with_the_parser_about_every_byte),
        cmocka_unit_test(the_request_is_filled),
        cmocka_unit_test(a_path_is_plain_without_empty_segments_and_dots_before_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
