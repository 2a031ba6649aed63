/* SPDX-License-Identifier: MIT */
/* test_static_file_ranges.c - preconditions and byte ranges, from memory and from a descriptor. */
#include "support/unit.h"

#include "http/site.h"

#include <stdio.h>
#include <stdlib.h>

#define ETAG "\"c-2ebc98a1.0\""
#define LARGE_SIZE 100000
#define LARGE_ETAG "\"186a0-2ebc98a1.0\""
#define EARLIER "Sun, 06 Nov 1994 08:49:36 GMT"

static struct site site;

static int set_up(void **state)
{
    site_init(&site);
    site_file(&site, "a.txt", "content of a");
    site_file(&site, "empty.txt", "");
    site_large_file(&site, "large.txt", LARGE_SIZE);
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    return 0;
}

static struct reply request(const char *method, const char *target, const char *fields)
{
    static char text[8192];

    (void)snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n", method, target,
                   fields);
    return ask(&site, text);
}

static void preconditions_decide_the_status(void **state)
{
    static const struct {
        const char *fields;
        unsigned status;
    } rows[] = {
        {"If-None-Match: " ETAG "\r\n", 304},
        {"If-None-Match: W/" ETAG "\r\n", 304},
        {"If-None-Match: \"x\", " ETAG "\r\n", 304},
        {"If-None-Match: *\r\n", 304},
        {"If-None-Match: \"x\"\r\n", 200},
        {"If-None-Match: \"x\"\r\nIf-Modified-Since: " SITE_MTIME_DATE "\r\n", 200},
        {"If-Modified-Since: " SITE_MTIME_DATE "\r\n", 304},
        {"If-Modified-Since: " EARLIER "\r\n", 200},
        {"If-Modified-Since: nonsense\r\n", 200},
        {"If-Match: " ETAG "\r\n", 200},
        {"If-Match: *\r\n", 200},
        {"If-Match: \"x\"\r\n", 412},
        {"If-Match: W/" ETAG "\r\n", 412},
        {"If-Unmodified-Since: " SITE_MTIME_DATE "\r\n", 200},
        {"If-Unmodified-Since: " EARLIER "\r\n", 412},
        {"If-None-Match: " ETAG "\r\nRange: bytes=0-1\r\n", 304},
        {"If-Match: \"x\"\r\nRange: bytes=0-1\r\n", 412},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct reply get = request("GET", "/a.txt", rows[i].fields);
        struct reply head = request("HEAD", "/a.txt", rows[i].fields);

        if (get.status != rows[i].status)
            fail_msg("%u instead of %u: %s", get.status, rows[i].status, rows[i].fields);
        assert_true(slice_equal(get.head, head.head));
    }
}

static void a_304_has_the_validators_and_nothing_of_the_content(void **state)
{
    struct reply reply = request("GET", "/a.txt", "If-None-Match: *\r\n");

    assert_field(&reply, "ETag", ETAG);
    assert_field(&reply, "Last-Modified", SITE_MTIME_DATE);
    assert_field(&reply, "Date", SITE_DATE);
    assert_no_field(&reply, "Content-Length");
    assert_no_field(&reply, "Content-Type");
    reply = request("GET", "/a.txt", "If-Match: \"x\"\r\n");
    assert_no_field(&reply, "ETag");
    assert_no_field(&reply, "Last-Modified");
}

static void check_bytes(const struct reply *reply, size_t first, size_t len)
{
    assert_int_equal(reply->content.len, len);
    for (size_t i = 0; i < len; i++) {
        if (reply->content.data[i] != site_byte(first + i))
            fail_msg("byte %zu is wrong", first + i);
    }
}

static void one_range_is_exactly_its_bytes(void **state)
{
    static const struct {
        const char *range;
        size_t first, len;
        const char *content_range;
    } rows[] = {
        {"bytes=0-0", 0, 1, "bytes 0-0/100000"},
        {"bytes=0-", 0, LARGE_SIZE, "bytes 0-99999/100000"},
        {"bytes=1-70000", 1, 70000, "bytes 1-70000/100000"},
        {"bytes=99999-", 99999, 1, "bytes 99999-99999/100000"},
        {"bytes=99999-200000", 99999, 1, "bytes 99999-99999/100000"},
        {"bytes=-5", 99995, 5, "bytes 99995-99999/100000"},
        {"bytes=-200000", 0, LARGE_SIZE, "bytes 0-99999/100000"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char fields[128];
        struct reply reply;

        (void)snprintf(fields, sizeof(fields), "Range: %s\r\n", rows[i].range);
        reply = request("GET", "/large.txt", fields);
        assert_int_equal(reply.status, 206);
        assert_field(&reply, "Content-Range", rows[i].content_range);
        assert_field(&reply, "Content-Type", "text/plain; charset=utf-8");
        assert_field(&reply, "ETag", LARGE_ETAG);
        check_bytes(&reply, rows[i].first, rows[i].len);
        reply = request("HEAD", "/large.txt", fields);
        assert_int_equal(reply.status, 200); /* RFC 9110 section 14.2: for GET alone */
        assert_field(&reply, "Content-Length", "100000");
    }
    {
        struct reply reply = request("GET", "/a.txt", "Range: bytes=3-5\r\n");

        assert_content(&reply, "ten");
        assert_field(&reply, "Content-Range", "bytes 3-5/12");
    }
}

static void what_cannot_be_satisfied_is_416(void **state)
{
    struct reply reply = request("GET", "/a.txt", "Range: bytes=12-\r\n");

    assert_int_equal(reply.status, 416);
    assert_field(&reply, "Content-Range", "bytes */12");
    assert_field(&reply, "Content-Type", "text/html; charset=utf-8");
    assert_no_field(&reply, "ETag");
    reply = request("GET", "/empty.txt", "Range: bytes=0-\r\n");
    assert_int_equal(reply.status, 416);
    assert_field(&reply, "Content-Range", "bytes */0");
}

static void what_is_no_range_gets_the_whole(void **state)
{
    static const char *const fields[] = {"Range: bytes=1-0\r\n",
                                         "Range: lines=0-1\r\n",
                                         "Range: bytes=\r\n",
                                         "Range: bytes=a-b\r\n",
                                         "Range:\r\n",
                                         "Range: bytes=0-1\r\nRange: bytes=2-3\r\n",
                                         "Range: bytes=0-5,3-8\r\n",
                                         "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n",
                                         "Range: bytes=0-1\r\nIf-Range: W/" ETAG "\r\n",
                                         "Range: bytes=0-1\r\nIf-Range: " EARLIER "\r\n"};

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        struct reply reply = request("GET", "/a.txt", fields[i]);

        if (reply.status != 200)
            fail_msg("%u: %s", reply.status, fields[i]);
        assert_content(&reply, "content of a");
        assert_no_field(&reply, "Content-Range");
    }
}

static void if_range_lets_the_same_file_go_on(void **state)
{
    static const char *const fields[] = {"Range: bytes=3-5\r\nIf-Range: " ETAG "\r\n",
                                         "Range: bytes=3-5\r\nIf-Range: " SITE_MTIME_DATE "\r\n"};

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        struct reply reply = request("GET", "/a.txt", fields[i]);

        assert_int_equal(reply.status, 206);
        assert_content(&reply, "ten");
    }
}

static void several_ranges_are_parts_with_their_fields(void **state)
{
    static const char expected[] = "\r\n--TinyWebff\r\n"
                                   "Content-Type: text/plain; charset=utf-8\r\n"
                                   "Content-Range: bytes 3-5/12\r\n"
                                   "\r\n"
                                   "ten"
                                   "\r\n--TinyWebff\r\n"
                                   "Content-Type: text/plain; charset=utf-8\r\n"
                                   "Content-Range: bytes 0-0/12\r\n"
                                   "\r\n"
                                   "c"
                                   "\r\n--TinyWebff--\r\n";
    struct reply reply;

    site.http->boundary = 255;
    reply = request("GET", "/a.txt", "Range: bytes=3-5,0-0,50-\r\n");
    assert_int_equal(reply.status, 206);
    assert_content(&reply, expected);
    assert_field(&reply, "Content-Type", "multipart/byteranges; boundary=TinyWebff");
    assert_no_field(&reply, "Content-Range");
    assert_field(&reply, "ETag", ETAG);
    assert_int_equal(site.http->boundary, 256); /* another one each time */
    reply = request("HEAD", "/a.txt", "Range: bytes=3-5,0-0\r\n");
    assert_int_equal(reply.status, 200);
}

static void parts_of_a_large_file_are_exact(void **state)
{
    char fields[512] = "Range: bytes=";
    struct reply reply;
    const char *at;

    site.http->boundary = UINT64_MAX;
    for (int i = 0; i < 16; i++)
        (void)sprintf(fields + strlen(fields), "%s%d-%d", i ? "," : "", i * 6000, i * 6000 + 999);
    (void)strcat(fields, "\r\n");
    reply = request("GET", "/large.txt", fields);
    assert_int_equal(reply.status, 206);
    at = reply.content.data;
    for (size_t i = 0; i < 16; i++) {
        char head[256];
        size_t len = (size_t)snprintf(
            head, sizeof(head),
            "\r\n--TinyWebffffffffffffffff\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Range: bytes %zu-%zu/100000\r\n\r\n",
            i * 6000, i * 6000 + 999);

        assert_memory_equal(at, head, len);
        at += len;
        for (size_t j = 0; j < 1000; j++)
            assert_int_equal(at[j], site_byte(i * 6000 + j));
        at += 1000;
    }
    assert_memory_equal(at, "\r\n--TinyWebffffffffffffffff--\r\n", 31);
    assert_ptr_equal(at + 31, reply.content.data + reply.content.len);
}

/* The next request begins where the parts end. */
static void ranges_keep_the_connection_in_step(void **state)
{
    static const char *const paths[] = {"/a.txt", "/large.txt"};

    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        char text[512];
        struct client client;

        (void)snprintf(text, sizeof(text),
                       "GET %s HTTP/1.1\r\nHost: a\r\nRange: bytes=0-2,4-6\r\n\r\n"
                       "GET %s HTTP/1.1\r\nHost: a\r\nRange: bytes=-3\r\n\r\n"
                       "GET %s HTTP/1.1\r\nHost: a\r\nRange: bytes=900000-\r\n\r\n"
                       "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
                       paths[i], paths[i], paths[i], paths[i]);
        client_open(&site, &client, text);
        expect_status(&client, 206);
        expect_status(&client, 206);
        expect_status(&client, 416);
        expect_status(&client, 200);
        expect_nothing(&client);
        client_close(&client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(preconditions_decide_the_status),
        cmocka_unit_test(a_304_has_the_validators_and_nothing_of_the_content),
        cmocka_unit_test(one_range_is_exactly_its_bytes),
        cmocka_unit_test(what_cannot_be_satisfied_is_416),
        cmocka_unit_test(what_is_no_range_gets_the_whole),
        cmocka_unit_test(if_range_lets_the_same_file_go_on),
        cmocka_unit_test(several_ranges_are_parts_with_their_fields),
        cmocka_unit_test(parts_of_a_large_file_are_exact),
        cmocka_unit_test(ranges_keep_the_connection_in_step),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
