/* SPDX-License-Identifier: MIT */
/* test_error_response.c - configured pages, and what is sent when they cannot be. */
#include "support/unit.h"

#include "http/site.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGE_SIZE 100000

#define OWN(s) ((char[]){s})

static struct error_page_config pages[] = {
    {.status = 404, .path = OWN("pages/404.html")},
    {.status = 403, .path = OWN("pages/missing.html")},
    {.status = 405, .path = OWN("pages/large.html")},
    {.status = 400, .path = OWN("pages/large.html")},
    {.status = 414, .path = OWN("pages")},
    {.status = 416, .content = OWN("no such part"), .content_len = 12, .extension = OWN("txt")},
    {.status = 412, .content = OWN("<p>no"), .content_len = 5, .extension = OWN("html")},
    {.status = 417, .content = OWN(""), .content_len = 0, .extension = OWN("")},
    {.status = 431, .content = OWN("x"), .content_len = 1, .extension = OWN("absurd")},
};

static char absurd_type[2000];
static struct mime_row rows[] = {
    {OWN("html"), OWN("text/html")}, {OWN("txt"), OWN("text/plain")}, {OWN("absurd"), absurd_type}};
static struct site site;

static int set_up(void **state)
{
    memset(absurd_type, 't', sizeof(absurd_type) - 1);
    site_init(&site);
    site.config.mime.rows = rows;
    site.config.mime.count = COUNT_OF(rows);
    site.config.site.error_pages = pages;
    site.config.site.error_page_count = COUNT_OF(pages);
    site_folder(&site, "pages");
    site_folder(&site, "folder");
    site_file(&site, "pages/404.html", "<h1>not here");
    site_large_file(&site, "pages/large.html", LARGE_SIZE);
    site_file(&site, "a.txt", "content of a");
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    return 0;
}

static void assert_built_in(const struct reply *reply)
{
    char status[8];

    (void)snprintf(status, sizeof(status), "%u", reply->status);
    assert_field(reply, "Content-Type", "text/html; charset=utf-8");
    assert_true(slice_starts_with(reply->content, SLICE_LITERAL("<!DOCTYPE html>")));
    assert_non_null(memmem(reply->content.data, reply->content.len, status, 3));
}

static void a_page_below_the_root_is_sent_as_it_is_now(void **state)
{
    struct reply reply = ask(&site, "GET /missing HTTP/1.1\r\nHost: a\r\n"
                                    "If-None-Match: *\r\nRange: bytes=0-1\r\n\r\n");

    assert_int_equal(reply.status, 404);
    assert_content(&reply, "<h1>not here");
    assert_field(&reply, "Content-Type", "text/html; charset=utf-8");
    /* Validators of the page say nothing of what was asked for. */
    assert_no_field(&reply, "ETag");
    assert_no_field(&reply, "Last-Modified");
    assert_no_field(&reply, "Accept-Ranges");
    site_file(&site, "pages/404.html", "<h1>moved");
    site_wait(&site, 2000);
    reply = ask(&site, "GET /missing HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(reply.status, 404);
    assert_content(&reply, "<h1>moved");
    /* Asked for by its own name it is a file like others. */
    reply = ask(&site, "GET /pages/404.html HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(reply.status, 200);
    assert_content(&reply, "<h1>moved");
    reply = ask(&site, "HEAD /missing HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(reply.status, 404);
    assert_field(&reply, "Content-Length", "9");
}

static void a_page_that_cannot_be_sent_makes_no_other_error(void **state)
{
    static char target[2000];
    struct reply reply = ask(&site, "GET /folder/ HTTP/1.1\r\nHost: a\r\n\r\n");

    assert_int_equal(reply.status, 403); /* not 404, because its page is missing */
    assert_built_in(&reply);
    (void)snprintf(target, sizeof(target), "GET /%*s HTTP/1.1\r\nHost: a\r\n\r\n", 1500, "");
    memset(target + 5, 'a', 1500);
    reply = ask(&site, target);
    assert_int_equal(reply.status, 414); /* its page is a folder */
    assert_built_in(&reply);
}

static void a_large_page_keeps_the_connection_in_step(void **state)
{
    struct client client;
    struct reply reply;

    client_open(&site, &client,
                "PUT /a.txt HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n");
    client_reply(&client, false, &reply);
    assert_int_equal(reply.status, 405);
    assert_int_equal(reply.content.len, LARGE_SIZE);
    assert_field(&reply, "Allow", "GET, HEAD, OPTIONS");
    expect_status(&client, 200);
    client_reply(&client, false, &reply);
    assert_int_equal(reply.status, 400);
    assert_int_equal(reply.content.len, LARGE_SIZE);
    assert_field(&reply, "Connection", "close");
    assert_true(client.peer->is_write_shut);
    client_end(&client);
    client_close(&client);
    assert_non_null(strstr(site_log(&site), "\"nonsense\" 400 100000 "));
}

static void a_page_from_elsewhere_has_its_type(void **state)
{
    struct reply reply = ask(&site, "GET /a.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=99-\r\n\r\n");

    assert_int_equal(reply.status, 416);
    assert_content(&reply, "no such part");
    assert_field(&reply, "Content-Type", "text/plain; charset=utf-8");
    assert_field(&reply, "Content-Range", "bytes */12");
    reply = ask(&site, "GET /a.txt HTTP/1.1\r\nHost: a\r\nIf-Match: \"x\"\r\n\r\n");
    assert_content(&reply, "<p>no");
    assert_field(&reply, "Content-Type", "text/html; charset=utf-8");
    reply = ask(&site, "GET /a.txt HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n");
    assert_int_equal(reply.status, 417);
    assert_content(&reply, "");
    assert_field(&reply, "Content-Type", "application/octet-stream");
}

static void a_type_of_absurd_length_is_not_sent(void **state)
{
    static char text[8000];
    struct reply reply;

    (void)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\nA: %*s\r\n\r\n", 5000, "b");
    reply = ask(&site, text);
    assert_int_equal(reply.status, 431);
    assert_content(&reply, "x");
    assert_field(&reply, "Content-Type", "application/octet-stream");
}

static void statuses_without_a_page_have_the_built_in_one(void **state)
{
    struct reply reply = ask(&site, "BREW / HTTP/1.1\r\nHost: a\r\n\r\n");

    assert_int_equal(reply.status, 501);
    assert_built_in(&reply);
    reply = ask(&site, "GET / HTTP/3.0\r\nHost: a\r\n\r\n");
    assert_int_equal(reply.status, 505);
    assert_built_in(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_page_below_the_root_is_sent_as_it_is_now, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_page_that_cannot_be_sent_makes_no_other_error, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_large_page_keeps_the_connection_in_step, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_page_from_elsewhere_has_its_type, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_type_of_absurd_length_is_not_sent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(statuses_without_a_page_have_the_built_in_one, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
