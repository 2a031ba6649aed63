/* SPDX-License-Identifier: MIT */
/* test_reply_parser.c - heads of replies, good and bad, and where their content ends. */
#include "support/unit.h"

#include "http/reply_parser.h"

#include <stdio.h>
#include <string.h>

static struct header rows[8];
static struct reply_limits limits = {.max_head_size = 512, .rows = rows, .max_field_count = 8};

static enum reply_result parse(const char *head, enum http_method method, bool wants_upgrade,
                               struct reply *ret_reply)
{
    const struct reply_context context = {.method = method, .wants_upgrade = wants_upgrade};
    struct reply_parser parser;
    size_t len = 0;
    enum reply_result result;

    reply_parser_reset(&parser);
    result = reply_parser_head(&parser, &limits, &context, slice_from_string(head), ret_reply,
                               &len);
    if (result == REPLY_COMPLETE)
        assert_int_equal(len, strlen(head));
    return result;
}

static const struct {
    const char *head;
    enum http_method method;
    unsigned status;
    enum reply_framing framing;
    uint64_t length;
    bool keep_alive;
} good[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", METHOD_GET, 200, REPLY_LENGTH, 5, true},
    {"HTTP/1.1 200 OK\r\ncontent-length:\t5 \r\n\r\n", METHOD_GET, 200, REPLY_LENGTH, 5, true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", METHOD_GET, 200, REPLY_LENGTH, 0, true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n", METHOD_GET, 200,
     REPLY_LENGTH, INT64_MAX, true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", METHOD_GET, 200, REPLY_CHUNKED, 0,
     true},
    {"HTTP/1.1 200 OK\r\n\r\n", METHOD_GET, 200, REPLY_UNTIL_CLOSE, 0, false},
    {"HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\n", METHOD_GET, 200, REPLY_LENGTH, 1, true},
    {"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n", METHOD_GET, 200, REPLY_LENGTH, 1, true},
    {"HTTP/1.7 200 OK\r\nContent-Length: 1\r\n\r\n", METHOD_GET, 200, REPLY_LENGTH, 1, true},
    {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n", METHOD_GET, 200,
     REPLY_LENGTH, 1, false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: a,\tCLOSE\r\n\r\n", METHOD_GET, 200,
     REPLY_LENGTH, 1, false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", METHOD_HEAD, 200, REPLY_NONE, 5, true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", METHOD_HEAD, 200, REPLY_NONE, 0,
     true},
    {"HTTP/1.1 200 OK\r\n\r\n", METHOD_HEAD, 200, REPLY_NONE, 0, true},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", METHOD_GET, 204, REPLY_NONE, 5, true},
    {"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", METHOD_GET, 304, REPLY_NONE,
     0, true},
    {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", METHOD_GET, 103, REPLY_NONE, 0, true},
    {"HTTP/1.1 599 x\r\nContent-Length: 1\r\n\r\n", METHOD_GET, 599, REPLY_LENGTH, 1, true},
};

static void good_heads_are_read(void **state)
{
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct reply reply;

        assert_int_equal(parse(good[i].head, good[i].method, false, &reply), REPLY_COMPLETE);
        assert_int_equal(reply.status, good[i].status);
        assert_int_equal(reply.framing, good[i].framing);
        assert_int_equal(reply.content_length, good[i].length);
        assert_int_equal(reply.keep_alive, good[i].keep_alive);
        assert_int_equal(reply.is_http10, good[i].head[7] == '0');
        assert_false(reply.may_switch);
    }
}

static void the_parts_of_a_head_are_told(void **state)
{
    struct reply reply;

    assert_int_equal(parse("HTTP/1.1 404 Not  Found\r\nX_y!: \r\n"
                           "A-name-of-more-than-one-block: \xc3\xa9 a\t b \r\n\r\n",
                           METHOD_GET, false, &reply),
                     REPLY_COMPLETE);
    assert_true(slice_equal(reply.reason, SLICE_LITERAL("Not  Found")));
    assert_int_equal(reply.headers.count, 2);
    assert_true(slice_equal(rows[0].name, SLICE_LITERAL("X_y!")));
    assert_int_equal(rows[0].value.len, 0);
    assert_true(slice_equal(rows[1].name, SLICE_LITERAL("A-name-of-more-than-one-block")));
    assert_true(slice_equal(rows[1].value, SLICE_LITERAL("\xc3\xa9 a\t b")));
}

static const char *const bad[] = {
    "H\n",
    "HTTP/2 200 OK\r\n\r\n",
    "HTTP/1.x 200 OK\r\n\r\n",
    "http/1.1 200 OK\r\n\r\n",
    "HTTP/1.1  200 OK\r\n\r\n",
    "HTTP/1.1 099 OK\r\n\r\n",
    "HTTP/1.1 600 OK\r\n\r\n",
    "HTTP/1.1 20 OK\r\n\r\n",
    "HTTP/1.1 2000 OK\r\n\r\n",
    "HTTP/1.1 200OK\r\n\r\n",
    "\r\nHTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\n\n",
    "HTTP/1.1 200 OK\r\nA: b\n\r\n",
    "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
    "HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA\r\n\r\n",
    "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA\xc3\xa9: b\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA: \x01\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 304 OK\r\nContent-Length: x\r\n\r\n",
};

static void bad_heads_are_refused(void **state)
{
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct reply reply;

        if (parse(bad[i], METHOD_GET, false, &reply) != REPLY_BAD)
            fail_msg("accepted: %s", bad[i]);
    }
}

static void what_does_not_begin_like_a_reply_is_not_waited_for(void **state)
{
    struct reply reply;

    assert_int_equal(parse("", METHOD_GET, false, &reply), REPLY_INCOMPLETE);
    assert_int_equal(parse("HTTP", METHOD_GET, false, &reply), REPLY_INCOMPLETE);
    assert_int_equal(parse("SSH", METHOD_GET, false, &reply), REPLY_BAD);
}

static void a_switch_is_told_only_when_it_was_asked_for(void **state)
{
    static const char head[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    struct reply reply;

    assert_int_equal(parse(head, METHOD_GET, true, &reply), REPLY_COMPLETE);
    assert_true(reply.may_switch);
    assert_int_equal(parse(head, METHOD_GET, false, &reply), REPLY_COMPLETE);
    assert_false(reply.may_switch);
    assert_int_equal(parse("HTTP/1.1 101 x\r\n\r\n", METHOD_GET, true, &reply), REPLY_COMPLETE);
    assert_false(reply.may_switch);
}

static void limits_are_kept(void **state)
{
    char head[600] = "HTTP/1.1 200 OK\r\n";
    struct reply reply;

    for (unsigned i = 0; i < 8; i++)
        strcat(head, "A: b\r\n");
    strcat(head, "\r\n");
    assert_int_equal(parse(head, METHOD_GET, false, &reply), REPLY_COMPLETE);
    strcpy(head + strlen(head) - 2, "A: b\r\n\r\n");
    assert_int_equal(parse(head, METHOD_GET, false, &reply), REPLY_TOO_LARGE);

    memset(head, 'a', sizeof(head));
    memcpy(head, "HTTP/1.1 200 OK\r\nA: ", 20);
    head[511] = '\0';
    assert_int_equal(parse(head, METHOD_GET, false, &reply), REPLY_INCOMPLETE);
    head[511] = 'a';
    head[512] = '\0';
    assert_int_equal(parse(head, METHOD_GET, false, &reply), REPLY_TOO_LARGE);
}

/* Content of all kinds, as a text in which | marks where the reply ends. */
static const struct {
    const char *head, *data, *content;
    enum reply_result result;
} contents[] = {
    {"Content-Length: 3", "abc|HTTP", "abc", REPLY_COMPLETE},
    {"Content-Length: 3", "ab", "ab", REPLY_INCOMPLETE},
    {"Transfer-Encoding: chunked", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n|HTTP", "abcde",
     REPLY_COMPLETE},
    {"Transfer-Encoding: chunked", "0\r\nA: b\r\nC: d\r\n\r\n|", "", REPLY_COMPLETE},
    {"Transfer-Encoding: chunked", "3\r\nab", "ab", REPLY_INCOMPLETE},
    {"Transfer-Encoding: chunked", "3\r\nabcd", "abc", REPLY_BAD},
    {"Transfer-Encoding: chunked", "x", "", REPLY_BAD},
    {"Transfer-Encoding: chunked", "0\r\n A: b\r\n\r\n", "", REPLY_BAD},
    {"Transfer-Encoding: chunked", "fffffffffffffffff\r\n", "", REPLY_BAD},
    {"A: b", "abc", "abc", REPLY_INCOMPLETE},
};

static void content_is_told_without_its_framing(void **state)
{
    for (size_t i = 0; i < COUNT_OF(contents); i++) {
        const struct reply_context context = {.method = METHOD_GET};
        const char *bar = strchr(contents[i].data, '|');
        size_t size = strlen(contents[i].data);
        size_t at = 0;
        struct reply_parser parser;
        enum reply_result result;
        struct reply reply;
        struct slice part;
        char text[64] = "";
        char head[100];
        size_t used;

        assert_in_range(
            snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\n%s\r\n\r\n", contents[i].head), 1,
            sizeof(head) - 1);
        reply_parser_reset(&parser);
        assert_int_equal(
            reply_parser_head(&parser, &limits, &context, slice_from_string(head), &reply, &used),
            REPLY_COMPLETE);
        do {
            result = reply_parser_content(&parser, slice_of(contents[i].data + at, size - at),
                                          &used, &part);
            if (result != REPLY_BAD) {
                strncat(text, part.data, part.len);
                at += used;
            }
        } while (result == REPLY_INCOMPLETE && used > 0);
        assert_int_equal(result, contents[i].result);
        assert_string_equal(text, contents[i].content);
        if (bar)
            assert_int_equal(at, bar - contents[i].data);
        assert_int_equal(reply_parser_ends_there(&parser), i == COUNT_OF(contents) - 1);
    }
}

static void framing_without_content_has_an_end(void **state)
{
    const struct reply_context context = {.method = METHOD_GET};
    struct reply_parser parser;
    enum reply_result result = REPLY_INCOMPLETE;
    struct reply reply;
    struct slice part;
    size_t used;
    unsigned lines;

    reply_parser_reset(&parser);
    assert_int_equal(
        reply_parser_head(&parser, &limits, &context,
                          SLICE_LITERAL("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
                          &reply, &used),
        REPLY_COMPLETE);
    (void)reply_parser_content(&parser, SLICE_LITERAL("0\r\n"), &used, &part);
    for (lines = 0; lines < 10000 && result == REPLY_INCOMPLETE; lines++)
        result = reply_parser_content(&parser, SLICE_LITERAL("Trailer: with some text\r\n"), &used,
                                      &part);
    assert_int_equal(result, REPLY_TOO_LARGE);
    assert_in_range(lines * 25, 64 * 1024 - 25, 64 * 1024 + 50);
}

static void the_shortcut_makes_no_difference(void **state)
{
    limits.no_shortcut = true;
    good_heads_are_read(state);
    the_parts_of_a_head_are_told(state);
    bad_heads_are_refused(state);
    limits_are_kept(state);
    limits.no_shortcut = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shortcut_makes_no_difference),
        cmocka_unit_test(good_heads_are_read),
        cmocka_unit_test(the_parts_of_a_head_are_told),
        cmocka_unit_test(bad_heads_are_refused),
        cmocka_unit_test(what_does_not_begin_like_a_reply_is_not_waited_for),
        cmocka_unit_test(a_switch_is_told_only_when_it_was_asked_for),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(content_is_told_without_its_framing),
        cmocka_unit_test(framing_without_content_has_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
