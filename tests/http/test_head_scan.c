/* SPDX-License-Identifier: MIT */
/* test_head_scan.c - where a head ends, what is refused, whatever the pieces it comes in. */
#include "support/unit.h"

#include "http/head_scan.h"

#include <stdlib.h>

#define TEXT(s) s, sizeof(s) - 1

struct outcome {
    enum head_scan_result result;
    struct head_scan scan;
};

static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
    return a->result == b->result && a->scan.offset == b->scan.offset &&
           a->scan.start == b->scan.start && a->scan.first_line_end == b->scan.first_line_end &&
           a->scan.lines == b->scan.lines && a->scan.end == b->scan.end;
}

/* The first @len bytes of @text, in a block of exactly that size, so that a sanitizer sees the
 * first byte read beyond them. */
static void feed(struct outcome *outcome, const char *text, size_t len)
{
    char *exact = malloc(len > 0 ? len : 1);

    memcpy(exact, text, len);
    outcome->result = head_scan(&outcome->scan, slice_of(exact, len));
    free(exact);
}

static struct outcome scan_whole(const char *text, size_t len)
{
    struct outcome outcome;

    head_scan_init(&outcome.scan);
    feed(&outcome, text, len);
    return outcome;
}

static struct outcome scan_split(const char *text, size_t len, size_t at)
{
    struct outcome outcome;

    head_scan_init(&outcome.scan);
    feed(&outcome, text, at);
    if (outcome.result == HEAD_INCOMPLETE)
        feed(&outcome, text, len);
    return outcome;
}

/* A byte at a time there are never sixteen to look at together: this is the plain path. */
static struct outcome scan_bytes(const char *text, size_t len)
{
    struct outcome outcome = {.result = HEAD_INCOMPLETE};

    head_scan_init(&outcome.scan);
    for (size_t i = 1; i <= len && outcome.result == HEAD_INCOMPLETE; i++)
        feed(&outcome, text, i);
    return outcome;
}

static void check_all_ways(const char *text, size_t len, enum head_scan_result expected)
{
    struct outcome whole = scan_whole(text, len);
    struct outcome bytes = scan_bytes(text, len);

    if (whole.result != expected)
        fail_msg("%d instead of %d: %.*s", whole.result, expected, (int)len, text);
    if (!same_outcome(&whole, &bytes))
        fail_msg("byte by byte it differs: %.*s", (int)len, text);
    for (size_t at = 0; at <= len; at++) {
        struct outcome split = scan_split(text, len, at);

        if (!same_outcome(&whole, &split))
            fail_msg("split at %zu it differs: %.*s", at, (int)len, text);
    }
}

static void every_rule_holds_however_the_bytes_come(void **state)
{
    static const struct {
        const char *text;
        size_t len;
        enum head_scan_result expected;
    } rows[] = {
        {TEXT(""), HEAD_INCOMPLETE},
        {TEXT("G"), HEAD_INCOMPLETE},
        {TEXT("GET / HTTP/1.1\r"), HEAD_INCOMPLETE},
        {TEXT("GET / HTTP/1.1\r\n"), HEAD_INCOMPLETE},
        {TEXT("GET / HTTP/1.1\r\nHost: a\r\n"), HEAD_INCOMPLETE},
        {TEXT("GET / HTTP/1.1\r\nHost: a\r\n\r"), HEAD_INCOMPLETE},
        {TEXT("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), HEAD_COMPLETE},
        {TEXT("GET / HTTP/1.1\r\n\r\n"), HEAD_COMPLETE},
        {TEXT("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2\n\n"), HEAD_COMPLETE},
        /* Empty lines before it. */
        {TEXT("\r\n"), HEAD_INCOMPLETE},
        {TEXT("\r\n\r\nGET / HTTP/1.1\r\n\r\n"), HEAD_COMPLETE},
        {TEXT("\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"), HEAD_COMPLETE},
        {TEXT("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"), HEAD_BAD},
        {TEXT("\nGET / HTTP/1.1\r\n\r\n"), HEAD_BAD},
        {TEXT("\r\rGET / HTTP/1.1\r\n\r\n"), HEAD_BAD},
        /* LF without CR, CR without LF. */
        {TEXT("GET / HTTP/1.1\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\nHost: a\r\n\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\nHost: a\n\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\nHost: a\r\n\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\rHost: a\r\n\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\nA:\rTransfer-Encoding: chunked\r\n\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\nA: b\r\r\n\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\nA: b\r\n\r\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\nA: b\r\n\rX\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\n\rGET /2 HTTP/1.1\r\n\r\n"), HEAD_BAD},
        /* Folded lines, and space before the request line. */
        {TEXT("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\n Content-Length: 5\r\n\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\n \r\n\r\n"), HEAD_BAD},
        {TEXT(" GET / HTTP/1.1\r\n\r\n"), HEAD_BAD},
        {TEXT("\r\n GET / HTTP/1.1\r\n\r\n"), HEAD_BAD},
        {TEXT("\tGET / HTTP/1.1\r\n\r\n"), HEAD_BAD},
        /* Control bytes: only HTAB, and only within field lines. */
        {TEXT("GET / HTTP/1.1\r\nA:\tb\tc\t\r\n\r\n"), HEAD_COMPLETE},
        {TEXT("GET /\t HTTP/1.1\r\n\r\n"), HEAD_BAD},
        {TEXT("GET\t/ HTTP/1.1\r\n\r\n"), HEAD_BAD},
        {TEXT("GET /\f HTTP/1.1\r\n\r\n"), HEAD_BAD},
        {TEXT("GET /\0 HTTP/1.1\r\n\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\nA: b\vc\r\n\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\nA: b\x7f\r\n\r\n"), HEAD_BAD},
        {TEXT("GET / HTTP/1.1\r\nA: b\x1b[0m\r\n\r\n"), HEAD_BAD},
        {TEXT("GET /\x80\xff HTTP/1.1\r\nA: \x80\xff\r\n\r\n"), HEAD_COMPLETE},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_all_ways(rows[i].text, rows[i].len, rows[i].expected);
}

static void the_parts_of_a_head_are_where_they_are_said_to_be(void **state)
{
    static const char text[] = "\r\nGET / HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\nrest";
    struct outcome outcome = scan_whole(TEXT(text));

    assert_int_equal(outcome.result, HEAD_COMPLETE);
    assert_int_equal(outcome.scan.start, 2);
    assert_int_equal(outcome.scan.first_line_end, 16);
    assert_int_equal(outcome.scan.lines, 2);
    assert_memory_equal(text + outcome.scan.end, "rest", 5);
}

static void every_control_byte_is_refused_at_every_place_but_a_tab(void **state)
{
    static const char head[] =
        "GET /a HTTP/1.1\r\nHost: example.org\r\nName: value of a field\r\n\r\n";
    const size_t line_len = sizeof("GET /a HTTP/1.1") - 1;
    char text[sizeof(head)];

    for (size_t at = 0; at < sizeof(head) - 1; at++) {
        if (head[at] == '\r' || head[at] == '\n')
            continue;
        for (int byte = 0; byte < 256; byte++) {
            bool is_control = byte < 0x20 || byte == 0x7f;
            bool begins_line = at == 0 || head[at - 1] == '\n';
            bool is_good = !is_control;

            if (byte == '\t')
                is_good = at > line_len && !begins_line;
            if (byte == ' ' && begins_line)
                is_good = false;
            memcpy(text, head, sizeof(head));
            text[at] = (char)byte;
            assert_int_equal(scan_whole(text, sizeof(head) - 1).result,
                             is_good ? HEAD_COMPLETE : HEAD_BAD);
        }
    }
}

/* Mostly valid text with a few bytes that matter, so that all branches meet all positions. */
static size_t random_head(char *text, size_t size)
{
    static const char spice[] = "\r\n\r\n\t \0\x1f\x7f\x80";
    size_t len = 0;
    size_t wanted = (size_t)rand() % size;

    while (len + 2 < wanted) {
        int kind = rand() % 40;

        if (kind == 0) {
            text[len++] = spice[(size_t)rand() % (sizeof(spice) - 1)];
        } else if (kind < 4) {
            text[len++] = '\r';
            text[len++] = '\n';
        } else {
            text[len++] = (char)('!' + rand() % 90);
        }
    }
    return len;
}

static void sixteen_bytes_at_a_time_find_what_single_bytes_find(void **state)
{
    char text[300];

    srand(1);
    for (int i = 0; i < 20000; i++) {
        size_t len = random_head(text, sizeof(text));
        struct outcome whole = scan_whole(text, len);
        struct outcome bytes = scan_bytes(text, len);
        struct outcome split = scan_split(text, len, len > 0 ? (size_t)rand() % len : 0);

        assert_true(same_outcome(&whole, &bytes));
        assert_true(same_outcome(&whole, &split));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_holds_however_the_bytes_come),
        cmocka_unit_test(the_parts_of_a_head_are_where_they_are_said_to_be),
        cmocka_unit_test(every_control_byte_is_refused_at_every_place_but_a_tab),
        cmocka_unit_test(sixteen_bytes_at_a_time_find_what_single_bytes_find),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
