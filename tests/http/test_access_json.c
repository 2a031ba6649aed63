/* SPDX-License-Identifier: MIT */
/* test_access_json.c - the text of a line: its members, its escapes, its limits. */
#include "support/unit.h"

#include "base/utf8.h"
#include "http/access_json.h"

#include <stdlib.h>

#define NOW 1795515342 /* 24 Nov 2026 10:15:42 */

static struct access_line line;
static struct address peer;

static struct access_record record_of(const char *request_line)
{
    assert_int_equal(address_parse(SLICE_LITERAL("192.0.2.1:5000"), 0, &peer), 0);
    return (struct access_record){
        .peer = &peer,
        .request_line = slice_from_string(request_line),
        .status = 200,
        .body_bytes = 1024,
        .duration_ms = 12345,
        .reason = "ok",
    };
}

/* The line as a string without its newline, which is asserted; the caller frees it. */
static char *write_line(const struct access_record *record)
{
    char *out = malloc(ACCESS_LINE_SIZE_MAX);
    size_t len;

    assert_non_null(out);
    len = access_json_write(&line, record, NOW, out);
    assert_in_range(len, 1, ACCESS_LINE_SIZE_MAX);
    assert_int_equal(out[len - 1], '\n');
    assert_int_equal(utf8_valid_length(slice_of(out, len)), len);
    out[len - 1] = '\0';
    for (size_t i = 0; i + 1 < len; i++)
        assert_true((unsigned char)out[i] >= 0x20);
    return out;
}

static void assert_line(const struct access_record *record, const char *expected)
{
    char *got = write_line(record);

    assert_string_equal(got, expected);
    free(got);
}

static void assert_has(const struct access_record *record, const char *part)
{
    char *got = write_line(record);

    if (!strstr(got, part))
        fail_msg("no %s in %s", part, got);
    free(got);
}

static void a_line_is_an_object_with_all_members(void **state)
{
    static const struct access_upstream upstream = {.server = "10.0.0.1:80",
                                                    .attempts = 2,
                                                    .is_reused = true,
                                                    .ended_by = 'S',
                                                    .first_byte_us = 123,
                                                    .total_us = 12345678};
    struct access_record record = record_of("GET /a?b HTTP/1.1");

    (void)state;
    assert_line(&record,
                "{\"time\":\"2026-11-24T10:15:42Z\",\"client\":\"192.0.2.1\",\"user\":null,"
                "\"host\":null,\"method\":\"GET\",\"target\":\"/a?b\",\"protocol\":\"HTTP/1.1\","
                "\"status\":200,\"bytes\":1024,\"duration\":12.345,\"referer\":null,"
                "\"user_agent\":null,\"request_id\":null,\"reason\":\"ok\",\"upstream\":null,"
                "\"cache\":null,\"coding\":null,\"range\":null}");
    record.user = "alice";
    record.host = SLICE_LITERAL("example.org:8080");
    record.referer = SLICE_LITERAL("http://from/");
    record.user_agent = SLICE_LITERAL("curl/8.0");
    record.request_id = "0192f0c1-7b5a";
    record.request_id_len = 13;
    record.duration_ms = -1;
    record.upstream = &upstream;
    record.cache = "hit";
    record.coding = CODING_BR;
    record.range = SLICE_LITERAL("0-99");
    assert_line(&record,
                "{\"time\":\"2026-11-24T10:15:42Z\",\"client\":\"192.0.2.1\",\"user\":\"alice\","
                "\"host\":\"example.org:8080\",\"method\":\"GET\",\"target\":\"/a?b\","
                "\"protocol\":\"HTTP/1.1\",\"status\":200,\"bytes\":1024,\"duration\":0.000,"
                "\"referer\":\"http://from/\",\"user_agent\":\"curl/8.0\","
                "\"request_id\":\"0192f0c1-7b5a\",\"reason\":\"ok\","
                "\"upstream\":{\"server\":\"10.0.0.1:80\",\"attempts\":2,\"reused\":true,"
                "\"connect\":null,\"first_byte\":0.000123,\"total\":12.345678,"
                "\"ended_by\":\"S\"},\"cache\":\"hit\",\"coding\":\"br\",\"range\":\"0-99\"}");
}

static void what_is_no_request_line_is_the_target_alone(void **state)
{
    static const struct {
        const char *line, *part;
    } rows[] = {
        {"", "\"method\":null,\"target\":null,\"protocol\":null"},
        {"nonsense", "\"method\":null,\"target\":\"nonsense\",\"protocol\":null"},
        {"GET /", "\"method\":null,\"target\":\"GET /\",\"protocol\":null"},
        {"GET /a b HTTP/1.1", "\"method\":null,\"target\":\"GET /a b HTTP/1.1\",\"protocol\":null"},
        {"OPTIONS * HTTP/1.1", "\"method\":\"OPTIONS\",\"target\":\"*\",\"protocol\":\"HTTP/1.1\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct access_record record = record_of(rows[i].line);

        assert_has(&record, rows[i].part);
    }
}

static void no_byte_of_a_client_breaks_the_object(void **state)
{
    struct access_record record = record_of("GET /\"\\\x01\t HTTP/1.1");

    (void)state;
    record.referer = SLICE_LITERAL("\xc3\xa4\xe4\x80z");
    record.user_agent = SLICE_LITERAL("\",\"status\":999,\"x\":\"");
    assert_has(&record, "\"target\":\"/\\\"\\\\\\u0001\\u0009\"");
    assert_has(&record, "\"referer\":\"\xc3\xa4\xef\xbf\xbd\xef\xbf\xbdz\"");
    assert_has(&record, "\"user_agent\":\"\\\",\\\"status\\\":999,\\\"x\\\":\\\"\"");
}

/* Of every kind that grows when it is escaped, and of two bytes that may be cut apart. */
static void a_line_has_room_for_the_longest_fields(void **state)
{
    static const char *const kinds[] = {"a", "\"", "\x01", "\xc3\xa4", "\xff", "a\xc3\xa4"};
    static char text[9000];

    (void)state;
    for (size_t kind = 0; kind < COUNT_OF(kinds); kind++) {
        struct access_record record = record_of("");
        struct slice pattern = slice_from_string(kinds[kind]);

        for (size_t i = 0; i + 1 < sizeof(text); i++)
            text[i] = pattern.data[i % pattern.len];
        assert_int_equal(
            address_parse(SLICE_LITERAL("[ffff:eeee:dddd:cccc:bbbb:aaaa:9999:8888]:1"), 0, &peer),
            0);
        record.request_line = record.referer = record.user_agent = record.host = slice_of(
            text, sizeof(text) - 1);
        record.user = record.reason = record.cache = text;
        record.upstream = &(struct access_upstream){.server = text,
                                                    .attempts = UINT_MAX,
                                                    .ended_by = '-',
                                                    .connect_us = UINT32_MAX,
                                                    .first_byte_us = UINT32_MAX,
                                                    .total_us = UINT32_MAX};
        record.request_id = text;
        record.request_id_len = UINT8_MAX;
        record.range = SLICE_LITERAL("18446744073709551614-18446744073709551614,+15");
        record.body_bytes = UINT64_MAX;
        record.duration_ms = INT64_MAX;
        assert_has(&record, "\"client\":\"ffff:eeee:dddd:cccc:bbbb:aaaa:9999:8888\"");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_an_object_with_all_members),
        cmocka_unit_test(what_is_no_request_line_is_the_target_alone),
        cmocka_unit_test(no_byte_of_a_client_breaks_the_object),
        cmocka_unit_test(a_line_has_room_for_the_longest_fields),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
