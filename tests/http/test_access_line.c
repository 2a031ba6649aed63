/* SPDX-License-Identifier: MIT */
/* test_access_line.c - the text of a line: its form, its escapes, its limits. */
#include "support/unit.h"

#include "base/writer.h"
#include "http/access_line.h"

#include <stdio.h>
#include <stdlib.h>

#define NOW 1795515342 /* 24 Nov 2026 10:15:42 */

static struct access_line line;

static struct address peer_of(const char *text)
{
    struct address peer;

    assert_int_equal(address_parse(slice_from_string(text), 4711, &peer), 0);
    return peer;
}

/* The line as a string without its newline, which is asserted; the caller frees it. */
static char *write_line(const struct access_record *record, time_t now)
{
    char *out = malloc(ACCESS_LINE_SIZE_MAX);
    size_t len;

    assert_non_null(out);
    len = access_line_write(&line, record, now, out);
    assert_in_range(len, 1, ACCESS_LINE_SIZE_MAX);
    assert_int_equal(out[len - 1], '\n');
    out[len - 1] = '\0';
    assert_int_equal(strlen(out), len - 1);
    assert_null(strchr(out, '\n'));
    return out;
}

static void assert_line(const struct access_record *record, const char *expected)
{
    char *got = write_line(record, NOW);

    assert_string_equal(got, expected);
    free(got);
}

static void a_line_is_combined_with_time_and_reason(void **state)
{
    struct address v4 = peer_of("127.0.0.1:50000");
    struct access_record record = {
        .peer = &v4,
        .request_line = SLICE_LITERAL("GET /a HTTP/1.1"),
        .referer = SLICE_LITERAL("http://example.com/"),
        .user_agent = SLICE_LITERAL("curl/7.88.1"),
        .status = 200,
        .body_bytes = 1024,
        .duration_ms = 1,
        .reason = "ok",
    };

    assert_line(&record, "127.0.0.1 - - [24/Nov/2026:10:15:42 +0000] \"GET /a HTTP/1.1\" 200 1024 "
                         "\"http://example.com/\" \"curl/7.88.1\" 0.001 ok");
    record = (struct access_record){.peer = &v4, .reason = "aborted"};
    assert_line(&record,
                "127.0.0.1 - - [24/Nov/2026:10:15:42 +0000] \"-\" 000 0 \"-\" \"-\" 0.000 aborted");
    record.status = 404;
    record.body_bytes = UINT64_MAX;
    record.duration_ms = 3599999;
    record.reason = "not-found";
    assert_line(&record, "127.0.0.1 - - [24/Nov/2026:10:15:42 +0000] \"-\" 404 "
                         "18446744073709551615 \"-\" \"-\" 3599.999 not-found");
    record.duration_ms = -5; /* never, but then not a huge number */
    record.body_bytes = 0;
    record.reason = "";
    assert_line(&record,
                "127.0.0.1 - - [24/Nov/2026:10:15:42 +0000] \"-\" 404 0 \"-\" \"-\" 0.000 -");
    record.duration_ms = INT64_MAX;
    record.reason = "ok";
    assert_line(&record, "127.0.0.1 - - [24/Nov/2026:10:15:42 +0000] \"-\" 404 0 \"-\" \"-\" "
                         "9223372036854775.807 ok");
}

static void addresses_stand_bare(void **state)
{
    static const char *const rows[][2] = {
        {"10.1.2.3:80", "10.1.2.3 "},
        {"10.1.2.3:81", "10.1.2.3 "}, /* the same host */
        {"255.255.255.255:1", "255.255.255.255 "},
        {"[::1]:80", "::1 "},
        {"[2001:db8::17]:80", "2001:db8::17 "},
        {"[2001:db8::18]:80", "2001:db8::18 "},
        {"[::ffff:192.0.2.1]:80", "192.0.2.1 "}, /* fail2ban knows no mapped ones */
        {"10.1.2.3:80", "10.1.2.3 "},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address peer = peer_of(rows[i][0]);
        char *got = write_line(&(struct access_record){.peer = &peer, .reason = "ok"}, NOW);

        if (strncmp(got, rows[i][1], strlen(rows[i][1])) != 0)
            fail_msg("'%s': '%s'", rows[i][0], got);
        free(got);
    }
}

static void the_time_follows_the_clock(void **state)
{
    static const struct {
        time_t now;
        const char *text;
    } rows[] = {
        {NOW, "[24/Nov/2026:10:15:42 +0000]"},        {NOW, "[24/Nov/2026:10:15:42 +0000]"},
        {NOW + 1, "[24/Nov/2026:10:15:43 +0000]"},    {NOW + 86400, "[25/Nov/2026:10:15:42 +0000]"},
        {NOW - 1, "[24/Nov/2026:10:15:41 +0000]"},    {0, "[01/Jan/1970:00:00:00 +0000]"},
        {1709251199, "[29/Feb/2024:23:59:59 +0000]"}, {-1, "[01/Jan/1970:00:00:00 +0000]"},
    };
    struct address peer = peer_of("127.0.0.1");

    line = (struct access_line){0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *got = write_line(&(struct access_record){.peer = &peer, .reason = "ok"}, rows[i].now);

        if (!strstr(got, rows[i].text))
            fail_msg("'%s' without '%s'", got, rows[i].text);
        free(got);
    }
}

static void no_bytes_of_the_peer_can_forge_a_line(void **state)
{
    static const struct {
        const char *sent, *logged;
    } rows[] = {
        {"GET / HTTP/1.1\r\n1.2.3.4 - - [", "GET / HTTP/1.1\\x0D\\x0A1.2.3.4 - - ["},
        {"a\nb", "a\\x0Ab"},
        {"a\" 200 1 \"", "a\\x22 200 1 \\x22"},
        {"\"", "\\x22"},
        {"\\\"", "\\x5C\\x22"},
        {"\\x22", "\\x5Cx22"},
        {"\\", "\\x5C"},
        {"\x1b[31mred\x1b[0m", "\\x1B[31mred\\x1B[0m"},
        {"\x7f\x80\xff", "\\x7F\\x80\\xFF"},
        {"\xe4\xb8\xad", "\\xE4\\xB8\\xAD"},
        {"\xc2\x85\xe2\x80\xa8", "\\xC2\\x85\\xE2\\x80\\xA8"}, /* NEL, LINE SEPARATOR */
        {"\t", "\\x09"},
        {"-", "-"},
        {"%22%0a", "%22%0a"},
        {"1234567\"", "1234567\\x22"},
        {"12345678\"12345678\n", "12345678\\x2212345678\\x0A"},
        {"~!#$%&'()*+,-./:;<=>?@[]^_`{|}", "~!#$%&'()*+,-./:;<=>?@[]^_`{|}"},
    };
    struct address peer = peer_of("127.0.0.1");

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice sent = slice_from_string(rows[i].sent);
        struct access_record record = {.peer = &peer,
                                       .request_line = sent,
                                       .referer = sent,
                                       .user_agent = sent,
                                       .status = 200,
                                       .reason = "ok"};
        char expected[1024];
        struct writer w = writer_on(expected, sizeof(expected) - 1);

        writer_format(&w,
                      "127.0.0.1 - - [24/Nov/2026:10:15:42 +0000] \"%s\" 200 0 \"%s\" \"%s\" "
                      "0.000 ok",
                      rows[i].logged, rows[i].logged, rows[i].logged);
        expected[w.len] = '\0';
        assert_line(&record, expected);
    }
}

/* Each byte at each place among others, against the writer's own escaping. */
static void escapes_are_those_of_the_writer(void **state)
{
    struct address peer = peer_of("127.0.0.1");

    for (unsigned at = 0; at < 20; at++) {
        for (unsigned c = 0; c < 256; c++) {
            char sent[20];
            char expected[256];
            struct writer w = writer_on(expected, sizeof(expected) - 1);
            char *got;

            memset(sent, at % 2 ? 'A' : '~', sizeof(sent));
            sent[at] = (char)c;
            writer_literal(&w, " \"");
            writer_log_escaped(&w, slice_of(sent, sizeof(sent)));
            writer_literal(&w, "\" 0.000 ok");
            expected[w.len] = '\0';
            got = write_line(&(struct access_record){.peer = &peer,
                                                     .user_agent = slice_of(sent, sizeof(sent)),
                                                     .reason = "ok"},
                             NOW);
            assert_non_null(strstr(got, expected));
            assert_int_equal(strstr(got, expected) - got + (ptrdiff_t)w.len,
                             (ptrdiff_t)strlen(got));
            free(got);
        }
    }
}

/* Two bytes to be escaped, or none, in texts of each length: wherever blocks begin and end. */
static void escapes_do_not_depend_on_where_they_stand(void **state)
{
    struct address peer = peer_of("127.0.0.1");

    for (size_t len = 1; len <= 53; len++) {
        for (size_t first = 0; first <= len; first++) {
            size_t second = (first * 7 + len) % len;
            char *sent = malloc(len); /* a sanitizer sees what is read behind it */
            char expected[512];
            struct writer w = writer_on(expected, sizeof(expected) - 1);
            char *got;

            assert_non_null(sent);
            for (size_t i = 0; i < len; i++)
                sent[i] = (char)('a' + i % 26);
            if (first < len)
                sent[first] = sent[second] = '"';
            writer_literal(&w, " \"");
            writer_log_escaped(&w, slice_of(sent, len));
            writer_literal(&w, "\" 0.000 ok");
            expected[w.len] = '\0';
            got = write_line(&(struct access_record){.peer = &peer,
                                                     .user_agent = slice_of(sent, len),
                                                     .reason = "ok"},
                             NOW);
            assert_non_null(strstr(got, expected));
            free(got);
            free(sent);
        }
    }
}

/* The quoted fields of @text, by their lengths. There are three, whatever is in them. */
static void quoted_lengths(const char *text, size_t ret_lengths[3])
{
    for (unsigned i = 0; i < 3; i++) {
        const char *start = strchr(text, '"');
        const char *end;

        assert_non_null(start);
        end = strchr(start + 1, '"');
        assert_non_null(end);
        ret_lengths[i] = (size_t)(end - start) - 1;
        text = end + 1;
    }
    assert_null(strchr(text, '"'));
}

static void long_fields_are_cut_and_the_line_stays_whole(void **state)
{
    static const char fills[] = {'a', '\n', '"', '\xff'};
    struct address peer = peer_of("[2001:db8:1111:2222:3333:4444:5555:6666]:1");
    static char huge[70000];

    for (size_t f = 0; f < COUNT_OF(fills); f++) {
        memset(huge, fills[f], sizeof(huge));
        for (size_t len = 0; len <= sizeof(huge); len = len < 300 ? len + 1 : len * 2 + 1) {
            struct access_record record = {.peer = &peer,
                                           .request_line = slice_of(huge, len),
                                           .referer = slice_of(huge, len),
                                           .user_agent = slice_of(huge, len),
                                           .status = 414,
                                           .body_bytes = UINT64_MAX,
                                           .duration_ms = INT64_MAX,
                                           .reason = "a-reason-that-is-longer-than-any"};
            size_t each = fills[f] == 'a' ? 1 : 4;
            size_t lengths[3];
            char *got = write_line(&record, NOW);

            quoted_lengths(got, lengths);
            assert_int_equal(lengths[0], len ? MIN(len * each, 2048) : 1);
            assert_int_equal(lengths[1], len ? MIN(len * each, 1024) : 1);
            assert_true(lengths[2] % each == 0 || len == 0);
            assert_true(lengths[2] >= MIN(len * each, 768) && lengths[2] <= 1024);
            assert_non_null(strstr(got, " 9223372036854775.807 a-reason-that-is-longer-than-any"));
            free(got);
        }
    }
}

static void a_field_alone_has_its_full_length(void **state)
{
    struct address peer = peer_of("127.0.0.1");
    char agent[2000];
    size_t lengths[3];
    char *got;

    memset(agent, 'u', sizeof(agent));
    got = write_line(&(struct access_record){.peer = &peer,
                                             .user_agent = slice_of(agent, sizeof(agent)),
                                             .reason = "ok"},
                     NOW);
    quoted_lengths(got, lengths);
    assert_int_equal(lengths[2], 1024);
    free(got);
}

static void the_part_of_a_file_stands_at_the_end(void **state)
{
    struct address peer = peer_of("127.0.0.1");
    struct access_record record = {
        .peer = &peer, .status = 206, .reason = "range", .range = SLICE_LITERAL("0-99")};
    char out[ACCESS_LINE_SIZE_MAX];
    size_t len;

    assert_line(&record, "127.0.0.1 - - [24/Nov/2026:10:15:42 +0000] \"-\" 206 0 \"-\" \"-\" "
                         "0.000 range 0-99");
    len = access_line_write_upstream(&line, &record, NOW, out);
    assert_true(slice_ends_with(slice_of(out, len), SLICE_LITERAL(" - 0-99\n")));
}

/* What is kept of the line before says neither another client nor another time. */
static void clients_and_seconds_may_alternate(void **state)
{
    static const char *const hosts[] = {"10.0.0.1", "10.0.0.20", "2001:db8::1", "::ffff:10.0.0.1"};

    line = (struct access_line){0};
    for (unsigned i = 0; i < 200; i++) {
        unsigned which = i * 7 % 4, seconds = i * 5 / 3 % 3;
        struct address peer = peer_of(hosts[which]);
        struct access_record record = {
            .peer = &peer, .reason = "ok", .user = i % 5 ? NULL : "anna b"};
        char expected[128];
        char *got = write_line(&record, NOW + seconds);

        (void)snprintf(
            expected, sizeof(expected), "%s - %s [24/Nov/2026:10:15:4%u +0000] \"-\" 000 0",
            which == 3 ? hosts[0] : hosts[which], i % 5 ? "-" : "anna\\x20b", 2 + seconds);
        assert_true(slice_starts_with(slice_from_string(got), slice_from_string(expected)));
        free(got);
        if (i % 3 == 0) /* another format asks for the host alone */
            assert_true(slice_equal(access_line_host(&line, &peer),
                                    slice_from_string(which == 3 ? hosts[0] : hosts[which])));
    }
}

/* In front of the same line. */
static void expect_vhost(const char *host, const char *expected)
{
    struct address v4 = peer_of("127.0.0.1:50000");
    const struct access_record record = {
        .peer = &v4,
        .host = slice_from_string(host),
        .request_line = SLICE_LITERAL("GET /a HTTP/1.1"),
        .status = 200,
        .reason = "ok",
    };
    char out[ACCESS_LINE_SIZE_MAX];
    size_t len = access_line_write_vhost(&line, &record, NOW, out);
    char *combined = write_line(&record, NOW);
    size_t front = strlen(expected);

    assert_int_equal(len, front + strlen(combined) + 1);
    assert_memory_equal(out, expected, front);
    assert_memory_equal(out + front, combined, strlen(combined));
    free(combined);
}

static void the_host_that_was_asked_for_may_stand_in_front(void **state)
{
    (void)state;
    expect_vhost("example.org", "example.org:80 ");
    expect_vhost("example.org:8080", "example.org:8080 ");
    expect_vhost("[::1]", "[::1]:80 ");
    expect_vhost("[::1]:8080", "[::1]:8080 ");
    expect_vhost("", "-:80 ");
    expect_vhost("a\"b", "a\\x22b:80 ");
}

static void a_long_host_leaves_room_for_the_line(void **state)
{
    static char text[9000];
    struct address v6 = peer_of("[ffff:eeee:dddd:cccc:bbbb:aaaa:9999:8888]:1");
    struct access_record record = {.peer = &v6, .status = 200, .reason = text};
    char out[ACCESS_LINE_SIZE_MAX];
    size_t len;

    (void)state;
    memset(text, '"', sizeof(text) - 1);
    record.range = SLICE_LITERAL("18446744073709551614-18446744073709551614,+15");
    record.host = record.request_line = record.referer = record.user_agent = slice_of(text, 8999);
    record.user = text;
    record.body_bytes = UINT64_MAX;
    record.duration_ms = INT64_MAX;
    len = access_line_write_vhost(&line, &record, NOW, out);
    assert_in_range(len, 1, ACCESS_LINE_SIZE_MAX);
    assert_int_equal(out[len - 1], '\n');
}

static void what_an_upstream_had_to_do_with_it_may_stand_behind(void **state)
{
    struct address peer = peer_of("127.0.0.1");
    const struct access_upstream upstream = {.server = "app one",
                                             .attempts = 2,
                                             .ended_by = 'T',
                                             .first_byte_us = 123,
                                             .total_us = 61000004};
    struct access_record record = {.peer = &peer, .status = 200, .reason = "ok"};
    static const char front[] = "127.0.0.1 - - [24/Nov/2026:10:15:42 +0000] \"-\" 200 0 \"-\" "
                                "\"-\" 0.000 ok ";
    char out[ACCESS_LINE_SIZE_MAX];
    size_t len = access_line_write_upstream(&line, &record, NOW, out);

    (void)state;
    assert_true(slice_starts_with(slice_of(out, len), slice_from_string(front)));
    assert_true(slice_ends_with(slice_of(out, len), SLICE_LITERAL(" ok - 0 - - - - -\n")));
    record.upstream = &upstream;
    record.cache = "hit";
    len = access_line_write_upstream(&line, &record, NOW, out);
    assert_true(slice_starts_with(slice_of(out, len), slice_from_string(front)));
    assert_true(slice_ends_with(slice_of(out, len),
                                SLICE_LITERAL(" ok app one 2 - 0.000123 61.000004 T hit\n")));
}

static void a_long_line_leaves_room_for_the_upstream(void **state)
{
    static char text[9000];
    struct address v6 = peer_of("[ffff:eeee:dddd:cccc:bbbb:aaaa:9999:8888]:1");
    const struct access_upstream upstream = {.server = text,
                                             .attempts = UINT_MAX,
                                             .ended_by = '-',
                                             .connect_us = UINT32_MAX,
                                             .first_byte_us = UINT32_MAX,
                                             .total_us = UINT32_MAX};
    struct access_record record = {.peer = &v6, .status = 200, .reason = text, .user = text};
    char out[ACCESS_LINE_SIZE_MAX];
    size_t len;

    (void)state;
    memset(text, '"', sizeof(text) - 1);
    record.request_line = record.referer = record.user_agent = slice_of(text, 8999);
    record.body_bytes = UINT64_MAX;
    record.duration_ms = INT64_MAX;
    record.range = SLICE_LITERAL("18446744073709551614-18446744073709551614,+15");
    record.upstream = &upstream;
    record.cache = text;
    len = access_line_write_upstream(&line, &record, NOW, out);
    assert_in_range(len, 1, ACCESS_LINE_SIZE_MAX);
    assert_int_equal(out[len - 1], '\n');
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_upstream_had_to_do_with_it_may_stand_behind),
        cmocka_unit_test(a_long_line_leaves_room_for_the_upstream),
        cmocka_unit_test(a_line_is_combined_with_time_and_reason),
        cmocka_unit_test(the_host_that_was_asked_for_may_stand_in_front),
        cmocka_unit_test(a_long_host_leaves_room_for_the_line),
        cmocka_unit_test(addresses_stand_bare),
        cmocka_unit_test(the_time_follows_the_clock),
        cmocka_unit_test(no_bytes_of_the_peer_can_forge_a_line),
        cmocka_unit_test(escapes_are_those_of_the_writer),
        cmocka_unit_test(escapes_do_not_depend_on_where_they_stand),
        cmocka_unit_test(long_fields_are_cut_and_the_line_stays_whole),
        cmocka_unit_test(a_field_alone_has_its_full_length),
        cmocka_unit_test(the_part_of_a_file_stands_at_the_end),
        cmocka_unit_test(clients_and_seconds_may_alternate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
