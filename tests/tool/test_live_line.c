/* SPDX-License-Identifier: MIT */
/* test_live_line.c - what the server logs is read back, whatever clients put into it. */
#include "support/unit.h"

#include "http/access_line.h"
#include "tool/live_line.h"

#include <stdio.h>
#include <string.h>

static struct live_line parsed(const char *text)
{
    struct live_line line = {0};

    assert_true(live_line_parse(slice_from_string(text), &line));
    return line;
}

static const char *shown(const struct live_line *line, bool has_colours)
{
    static char text[512];
    struct writer w = writer_on(text, sizeof(text) - 1);

    live_line_write(&w, line, "10:15:42", has_colours);
    assert_false(w.overflow);
    text[w.len] = '\0';
    return text;
}

static void a_line_of_the_log_is_taken_apart(void **state)
{
    struct live_line line = parsed("192.0.2.7 - anna [24/Nov/2026:10:15:42 +0000] \"GET /a%20b?x "
                                   "HTTP/1.1\" 206 1536 \"http://r/\" \"agent \\x22x\\x22\" 1.250 "
                                   "range 0-99");

    assert_true(slice_equal(line.host, SLICE_LITERAL("192.0.2.7")));
    assert_true(slice_equal(line.method, SLICE_LITERAL("GET")));
    assert_true(slice_equal(line.target, SLICE_LITERAL("/a%20b?x")));
    assert_int_equal(line.status, 206);
    assert_int_equal(line.bytes, 1536);
    assert_int_equal(line.duration_ms, 1250);
    assert_true(slice_equal(line.reason, SLICE_LITERAL("range")));
    assert_true(slice_equal(line.range, SLICE_LITERAL("0-99")));
}

static void whatever_the_server_writes_can_be_read(void **state)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1", "", "\" \" - [] \"", "GET", "GET /\"] \" HTTP/1.1", "\xff\\x\r"};
    char text[ACCESS_LINE_SIZE_MAX];
    struct access_line cache = {0};
    struct address peer;

    assert_int_equal(address_parse(SLICE_LITERAL("[2001:db8::1]:80"), 0, &peer), 0);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        const struct access_record record = {
            .peer = &peer,
            .user = i % 2 ? "a user" : NULL,
            .request_line = slice_from_string(requests[i]),
            .referer = slice_from_string(requests[i]),
            .user_agent = slice_from_string(requests[i]),
            .status = i == 2 ? 0 : 404,
            .body_bytes = UINT64_MAX,
            .duration_ms = 61000,
            .reason = "not-found",
        };
        size_t len = access_line_write(&cache, &record, 1795515342, text);
        struct live_line line = {0};

        assert_true(live_line_parse(slice_of(text, len - 1), &line));
        assert_int_equal(line.status, i == 2 ? 0 : 404);
        assert_int_equal(line.bytes, UINT64_MAX);
        assert_int_equal(line.duration_ms, 61000);
        assert_true(slice_equal(line.reason, SLICE_LITERAL("not-found")));
    }
}

static void other_text_is_none(void **state)
{
    static const char *const texts[] = {
        "",
        "Serving . on http://127.0.0.1:8080/",
        "a - - [x] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\" 0.001",
        "a - - [x] \"GET / HTTP/1.1\" 2000 1 \"-\" \"-\" 0.001 ok",
        "a - - [x] \"GET / HTTP/1.1\" 200 -1 \"-\" \"-\" 0.001 ok",
        "a - - [x] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\" 0.01 ok",
        "a - - [x] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\" x.001 ok",
    };
    struct live_line line;

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_false(live_line_parse(slice_from_string(texts[i]), &line));
}

static void it_is_shown_in_columns(void **state)
{
    struct live_line line = parsed("127.0.0.1 - - [x] \"GET /a.png HTTP/1.1\" 304 0 \"-\" \"-\" "
                                   "0.000 etag");

    assert_string_equal(
        shown(&line, false),
        "10:15:42  304  GET         0 B    <1 ms  /a.png  unchanged, by its ETag\n");
    line = parsed("10.0.0.9 - - [x] \"HEAD /b HTTP/1.1\" 503 1023 \"-\" \"-\" 2.345 no-memory");
    assert_string_equal(shown(&line, false),
                        "10:15:42  503  HEAD     1023 B    2.3 s  /b  no memory  from 10.0.0.9\n");
    line = parsed("127.0.0.1 - - [x] \"GET /a HTTP/1.1\" 206 100 \"-\" \"-\" 0.000 range 0-99");
    assert_non_null(strstr(shown(&line, false), "  /a  0-99\n"));
    line = parsed("127.0.0.1 - - [x] \"GET /a HTTP/1.1\" 206 9 \"-\" \"-\" 0.000 range 5-9,+2");
    assert_non_null(strstr(shown(&line, false), "  /a  5-9 and 2 more\n"));
    line = parsed("127.0.0.1 - - [x] \"GET /a HTTP/1.1\" 416 0 \"-\" \"-\" 0.000 range");
    assert_non_null(strstr(shown(&line, false), "  /a  there is no such part\n"));
    line = parsed("127.0.0.1 - - [x] \"-\" 000 0 \"-\" \"-\" 0.001 timeout-header");
    assert_non_null(strstr(shown(&line, false), "  000  -  "));
}

static void colours_end_where_they_began(void **state)
{
    static const char *const statuses[] = {"200", "304", "404", "500", "000"};
    char text[128];

    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        const char *at;
        int open = 0;
        struct live_line line;

        (void)snprintf(text, sizeof(text),
                       "127.0.0.1 - - [x] \"GET /a HTTP/1.1\" %s 1 \"-\" \"-\" 0.001 ok",
                       statuses[i]);
        line = parsed(text);
        for (at = strchr(shown(&line, true), '\033'); at; at = strchr(at + 1, '\033'))
            open += strncmp(at, "\033[0m", 4) == 0 ? -1 : 1;
        assert_int_equal(open, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_of_the_log_is_taken_apart),
        cmocka_unit_test(whatever_the_server_writes_can_be_read),
        cmocka_unit_test(other_text_is_none),
        cmocka_unit_test(it_is_shown_in_columns),
        cmocka_unit_test(colours_end_where_they_began),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
