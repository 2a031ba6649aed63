/* SPDX-License-Identifier: MIT */
/* test_selection.c - precompressed siblings through the whole HTTP layer. */
#include "support/unit.h"

#include "base/log.h"
#include "http/site.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct site site;
static char log_text[4096];
static int log_memory;

static int set_up(void **state)
{
    log_memory = memfd_create("log", MFD_CLOEXEC);
    log_set_fd(log_memory);
    site_init(&site);
    site.config.site.precompressed = true;
    site_file(&site, "a.txt", "content of a");
    site_file(&site, "a.txt.br", "br of a");
    site_file(&site, "a.txt.gz", "gzip of a");
    site_file(&site, "plain.txt", "plain");
    site_large_file(&site, "large.png", 200000);
    site_large_file(&site, "large.png.zst", 100000);
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    log_set_fd(STDERR_FILENO);
    (void)close(log_memory);
    return 0;
}

static const char *log_so_far(void)
{
    ssize_t len = pread(log_memory, log_text, sizeof(log_text) - 1, 0);

    assert_true(len >= 0);
    log_text[len] = '\0';
    return log_text;
}

static unsigned occurrences(const char *text, const char *part)
{
    unsigned count = 0;

    while ((text = strstr(text, part)) != NULL) {
        text += strlen(part);
        count++;
    }
    return count;
}

/* GET of @path with field lines @fields, each with its CRLF. */
static struct reply get(const char *path, const char *fields)
{
    char text[1024];

    (void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", path, fields);
    return ask(&site, text);
}

#define BR "Accept-Encoding: br\r\n"
#define GZIP "Accept-Encoding: gzip\r\n"

static void set_time(const char *name, time_t seconds)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = seconds}};

    assert_int_equal(utimensat(site.root_fd, name, times, 0), 0);
}

static void the_client_gets_what_it_can_decode(void **state)
{
    struct reply reply = get("/a.txt", BR);

    assert_int_equal(reply.status, 200);
    assert_content(&reply, "br of a");
    assert_field(&reply, "Content-Encoding", "br");
    assert_field(&reply, "Content-Type", "text/plain; charset=utf-8");
    assert_field(&reply, "Vary", "Accept-Encoding");
    assert_field(&reply, "Last-Modified", SITE_MTIME_DATE);
    reply = get("/a.txt", GZIP);
    assert_content(&reply, "gzip of a");
    assert_field(&reply, "Content-Encoding", "gzip");
    reply = get("/a.txt", "Accept-Encoding: zstd\r\n");
    assert_content(&reply, "content of a");
    assert_no_field(&reply, "Content-Encoding");
    assert_field(&reply, "Vary", "Accept-Encoding");
    reply = get("/a.txt", "");
    assert_content(&reply, "content of a");
    assert_field(&reply, "Vary", "Accept-Encoding");
}

static void a_file_without_siblings_says_nothing_of_codings(void **state)
{
    struct reply reply = get("/plain.txt", "Accept-Encoding: br, gzip, identity;q=0\r\n");

    assert_content(&reply, "plain");
    assert_no_field(&reply, "Vary");
    assert_no_field(&reply, "Content-Encoding");
}

static void every_coding_has_a_tag_of_its_own(void **state)
{
    struct slice tag;
    struct reply replies[] = {get("/a.txt", ""), get("/a.txt", BR), get("/a.txt", GZIP),
                              get("/a.txt.br", BR)};

    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        tag = reply_field(&replies[i], "ETag");
        assert_true(tag.len > 2 && tag.data[0] == '"');
        for (size_t k = 0; k < i; k++)
            assert_false(slice_equal(tag, reply_field(&replies[k], "ETag")));
    }
    tag = reply_field(&replies[1], "ETag");
    assert_true(slice_ends_with(tag, SLICE_LITERAL("-br\"")));
    tag = reply_field(&replies[2], "ETag");
    assert_true(slice_ends_with(tag, SLICE_LITERAL("-gz\"")));
}

static void conditions_and_ranges_are_of_what_was_selected(void **state)
{
    struct reply reply = get("/a.txt", BR);
    char fields[256];

    (void)snprintf(fields, sizeof(fields), BR "If-None-Match: %.*s\r\n",
                   SLICE_PRINTF(reply_field(&reply, "ETag")));
    reply = get("/a.txt", fields);
    assert_int_equal(reply.status, 304);
    assert_field(&reply, "Vary", "Accept-Encoding");
    assert_no_field(&reply, "Content-Encoding");
    memcpy(fields, "Accept-Encoding: xx", strlen("Accept-Encoding: xx"));
    reply = get("/a.txt", fields);
    assert_int_equal(reply.status, 200);

    reply = get("/a.txt", BR "Range: bytes=1-3\r\n");
    assert_int_equal(reply.status, 206);
    assert_content(&reply, "r o");
    assert_field(&reply, "Content-Range", "bytes 1-3/7");
    assert_field(&reply, "Content-Encoding", "br");
    assert_field(&reply, "Vary", "Accept-Encoding");
    reply = get("/a.txt", BR "Range: bytes=8-\r\n");
    assert_int_equal(reply.status, 416);
    assert_field(&reply, "Content-Range", "bytes */7");
    assert_field(&reply, "Vary", "Accept-Encoding");
    reply = get("/a.txt", BR "Range: bytes=0-1,3-4\r\n");
    assert_int_equal(reply.status, 200);
    assert_content(&reply, "br of a");
    reply = get("/a.txt", "Range: bytes=0-1,3-4\r\n");
    assert_int_equal(reply.status, 206);
    reply = get("/a.txt", BR "If-Match: \"x\"\r\n");
    assert_int_equal(reply.status, 412);
    assert_field(&reply, "Vary", "Accept-Encoding");
}

static void who_refuses_all_there_is_gets_406(void **state)
{
    struct reply reply = get("/a.txt", "Accept-Encoding: identity;q=0, zstd\r\n");

    assert_int_equal(reply.status, 406);
    assert_field(&reply, "Vary", "Accept-Encoding");
    assert_field(&reply, "Content-Type", "text/html; charset=utf-8");
    assert_no_field(&reply, "ETag");
}

static void head_says_the_same_without_content(void **state)
{
    struct client client;
    struct reply reply;

    client_open(&site, &client, "HEAD /a.txt HTTP/1.1\r\nHost: a\r\n" BR "\r\n");
    client_reply(&client, true, &reply);
    assert_field(&reply, "Content-Length", "7");
    assert_field(&reply, "Content-Encoding", "br");
    client_close(&client);
}

static void a_large_sibling_is_sent_from_its_file(void **state)
{
    struct reply reply = get("/large.png", "Accept-Encoding: zstd\r\n");

    assert_int_equal(reply.content.len, 100000);
    assert_field(&reply, "Content-Type", "image/png");
    assert_field(&reply, "Content-Encoding", "zstd");
    for (size_t i = 0; i < reply.content.len; i++)
        assert_int_equal(reply.content.data[i], site_byte(i));
}

static void a_sibling_by_its_own_name_is_a_plain_file(void **state)
{
    struct reply reply;

    reply = get("/a.txt", GZIP);
    assert_content(&reply, "gzip of a");
    reply = get("/a.txt.gz", GZIP);
    assert_content(&reply, "gzip of a");
    assert_no_field(&reply, "Content-Encoding");
    assert_no_field(&reply, "Vary");
    assert_field(&reply, "Content-Type", "application/octet-stream");
    reply = get("/a.txt", GZIP);
    assert_field(&reply, "Content-Encoding", "gzip");
}

static void an_old_sibling_is_passed_over_and_reported_once(void **state)
{
    struct reply reply;

    set_time("a.txt.br", SITE_MTIME - 1);
    for (int i = 0; i < 3; i++) {
        reply = get("/a.txt", "Accept-Encoding: br, gzip;q=0.5\r\n");
        assert_content(&reply, "gzip of a");
        assert_field(&reply, "Vary", "Accept-Encoding");
    }
    reply = get("/a.txt", BR);
    assert_content(&reply, "content of a");
    assert_int_equal(occurrences(log_so_far(), "'a.txt.br' is not sent: it is older"), 1);

    site_file(&site, "a.txt.br", "new br of a"); /* and is used when it is no longer old */
    site_wait(&site, 2000);
    reply = get("/a.txt", BR);
    assert_content(&reply, "new br of a");
}

static void an_empty_sibling_is_passed_over(void **state)
{
    struct reply reply;

    site_file(&site, "plain.txt.gz", "");
    reply = get("/plain.txt", GZIP);
    assert_content(&reply, "plain");
    assert_int_equal(occurrences(log_so_far(), "'plain.txt.gz' is not sent: it is empty"), 1);
}

static void a_sibling_may_come_and_go_while_the_file_is_served(void **state)
{
    struct client client;
    struct reply reply;

    client_open(&site, &client, "GET /plain.txt HTTP/1.1\r\nHost: a\r\n" GZIP "\r\n");
    client_reply(&client, false, &reply);
    assert_content(&reply, "plain");
    assert_no_field(&reply, "Vary");

    site_file(&site, "plain.txt.gz", "gzip of plain");
    site_wait(&site, 2000);
    client_send(&client, "GET /plain.txt HTTP/1.1\r\nHost: a\r\n" GZIP "\r\n");
    client_reply(&client, false, &reply);
    assert_content(&reply, "gzip of plain");
    client_send(&client, "GET /plain.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    client_reply(&client, false, &reply);
    assert_content(&reply, "plain");
    assert_field(&reply, "Vary", "Accept-Encoding");

    assert_int_equal(unlinkat(site.root_fd, "plain.txt.gz", 0), 0);
    site_wait(&site, 2000);
    client_send(&client, "GET /plain.txt HTTP/1.1\r\nHost: a\r\n" GZIP "\r\n");
    client_reply(&client, false, &reply);
    assert_content(&reply, "plain");
    assert_no_field(&reply, "Vary");
    client_close(&client);
}

static void switched_off_siblings_are_not_looked_for(void **state)
{
    struct reply reply;

    site.config.site.precompressed = false;
    reply = get("/a.txt", BR);
    assert_content(&reply, "content of a");
    assert_no_field(&reply, "Vary");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_client_gets_what_it_can_decode),
        TEST(a_file_without_siblings_says_nothing_of_codings),
        TEST(every_coding_has_a_tag_of_its_own),
        TEST(conditions_and_ranges_are_of_what_was_selected),
        TEST(who_refuses_all_there_is_gets_406),
        TEST(head_says_the_same_without_content),
        TEST(a_large_sibling_is_sent_from_its_file),
        TEST(a_sibling_by_its_own_name_is_a_plain_file),
        TEST(an_old_sibling_is_passed_over_and_reported_once),
        TEST(an_empty_sibling_is_passed_over),
        TEST(a_sibling_may_come_and_go_while_the_file_is_served),
        TEST(switched_off_siblings_are_not_looked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
