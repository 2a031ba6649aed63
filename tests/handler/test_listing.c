/* SPDX-License-Identifier: MIT */
/* test_listing.c - listings as answers: made in turns, sent in pieces, given up. */
#include "support/unit.h"

#include "http/site.h"

#include <stdio.h>
#include <sys/epoll.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_TEXT(path) "GET " path " HTTP/1.1\r\nHost: a\r\nAccept: text/plain\r\n\r\n"

static struct site site;

static int set_up(void **state)
{
    site_init(&site);
    site.config.site.listing = (struct listing_config){
        .is_on = true, .limit = 100000, .shows_readme = true};
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    return 0;
}

static void make_files(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "file-number-%05u.txt", i);
        site_file(&site, name, "");
    }
}

static bool contains(struct slice text, const char *part)
{
    return memmem(text.data, text.len, part, strlen(part)) != NULL;
}

static void a_directory_without_an_index_is_listed(void **state)
{
    struct reply reply;

    site_file(&site, "a.txt", "hello");
    site_folder(&site, "dir");
    site_file(&site, "dir/inner.txt", "1");
    site_folder(&site, "with");
    site_file(&site, "with/index.html", "the index");
    site_start(&site);
    reply = ask(&site, GET_TEXT("/"));
    assert_int_equal(reply.status, 200);
    assert_field(&reply, "Content-Type", "text/plain; charset=utf-8");
    assert_field(&reply, "Vary", "Accept");
    assert_field(&reply, "Cache-Control", "no-cache");
    assert_no_field(&reply, "Last-Modified");
    assert_no_field(&reply, "Accept-Ranges");
    assert_content(&reply, "dir/\nwith/\na.txt\n");
    reply = ask(&site, GET_TEXT("/dir/"));
    assert_content(&reply, "inner.txt\n");
    reply = ask(&site, GET_TEXT("/with/"));
    assert_content(&reply, "the index");
    reply = ask(&site, GET_TEXT("/dir?x=1"));
    assert_int_equal(reply.status, 301);
    assert_field(&reply, "Location", "/dir/?x=1");
    reply = ask(&site, GET_TEXT("/none/"));
    assert_int_equal(reply.status, 404);
    assert_non_null(strstr(site_log(&site), "listing"));
}

static void a_page_and_json_are_other_forms_of_it(void **state)
{
    struct reply reply;

    site_file(&site, "README.md", "about <this>");
    site_start(&site);
    reply = ask(&site, GET("/"));
    assert_field(&reply, "Content-Type", "text/html; charset=utf-8");
    assert_true(contains(reply.content, "<a href=\"README.md\">README.md</a>"));
    assert_true(contains(reply.content, "about &lt;this&gt;</pre>"));
    assert_true(contains(reply.head, "\r\nContent-Security-Policy: default-src 'none';"));
    reply = ask(&site, GET("/?format=json"));
    assert_field(&reply, "Content-Type", "application/json");
    assert_content(&reply, "[\n{\"name\":\"README.md\",\"type\":\"file\",\"size\":12,"
                           "\"mtime\":\"1994-11-06T08:49:37Z\"}\n]\n");
}

static void a_readme_may_stay_hidden(void **state)
{
    struct reply reply;

    site.config.site.listing.shows_readme = false;
    site_file(&site, "README.md", "about this");
    site_start(&site);
    reply = ask(&site, GET("/"));
    assert_false(contains(reply.content, "about this"));
}

static void without_listing_a_directory_is_forbidden(void **state)
{
    site.config.site.listing.is_on = false;
    site_start(&site);
    assert_int_equal(ask(&site, GET("/")).status, 403);
}

static void hidden_directories_are_not_listed(void **state)
{
    site_folder(&site, ".git");
    site_start(&site);
    assert_int_equal(ask(&site, GET("/.git/")).status, 404);
}

static void head_says_what_get_would(void **state)
{
    struct client client;
    struct reply get;
    struct reply head;

    make_files(100);
    site_start(&site);
    client_open(&site, &client, GET("/") "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    client_reply(&client, false, &get);
    client_reply(&client, true, &head);
    assert_true(slice_equal(get.head, head.head));
    expect_nothing(&client);
    client_close(&client);
}

static void a_range_is_ignored(void **state)
{
    struct reply reply;

    site_file(&site, "a", "1");
    site_start(&site);
    reply = ask(&site, "GET /?format=text HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0\r\n\r\n");
    assert_int_equal(reply.status, 200);
    assert_content(&reply, "a\n");
}

static struct reply ask_if_none_match(struct slice etag)
{
    static char text[256]; /* is read at once */

    (void)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: %.*s\r\n\r\n",
                   SLICE_PRINTF(etag));
    return ask(&site, text);
}

static void the_tag_changes_with_the_content_and_not_without(void **state)
{
    struct slice etag;
    struct reply reply;

    site_file(&site, "a", "1");
    site_start(&site);
    reply = ask(&site, GET("/"));
    etag = reply_field(&reply, "ETag");
    assert_true(slice_starts_with(etag, SLICE_LITERAL("W/\"")));
    reply = ask_if_none_match(etag);
    assert_int_equal(reply.status, 304);
    assert_true(slice_equal(reply_field(&reply, "ETag"), etag));
    assert_field(&reply, "Vary", "Accept");
    site_file(&site, "a", "12"); /* the directory is as it was */
    reply = ask_if_none_match(etag);
    assert_int_equal(reply.status, 200);
    reply = ask(&site, "GET / HTTP/1.1\r\nHost: a\r\nIf-Match: \"x\"\r\n\r\n");
    assert_int_equal(reply.status, 412);
}

static void without_tags_there_is_none(void **state)
{
    struct reply reply;

    site.config.site.etag = ETAG_OFF;
    site_start(&site);
    reply = ask(&site, GET("/"));
    assert_no_field(&reply, "ETag");
    reply = ask(&site, "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"\"\r\n\r\n");
    assert_int_equal(reply.status, 200);
}

static void the_limit_cuts_and_says_so(void **state)
{
    struct reply reply;

    site.config.site.listing.limit = 10;
    make_files(20);
    site_start(&site);
    reply = ask(&site, GET("/"));
    assert_field(&reply, "X-Listing-Limit", "10");
    assert_true(contains(reply.content, "Only 10 entries are shown"));
    reply = ask(&site, GET_TEXT("/"));
    assert_int_equal(reply.content.len, 10 * strlen("file-number-00000.txt\n"));
}

static void others_are_served_while_a_listing_is_made(void **state)
{
    struct client lister;
    struct client other;
    struct reply reply;
    unsigned served = 0;

    make_files(5000);
    site_file(&site, "small", "x");
    site_start(&site);
    client_init(&site, &lister);
    client_start(&lister);
    client_init(&site, &other);
    client_start(&other);
    memory_send(lister.peer, SLICE_LITERAL(GET("/")));
    memory_event(client_conn(&lister), EPOLLIN);
    while (memory_received(lister.peer).len == 0) {
        memory_send(other.peer, SLICE_LITERAL(GET("/small")));
        memory_event(client_conn(&other), EPOLLIN);
        assert_int_equal(loop_run_once(site.loop, 0), 0);
        client_reply(&other, false, &reply);
        served++;
    }
    /* Steps of 256 to read, of 2048 moves to sort in 13 passes, of 1024 to measure. */
    assert_in_range(served, 5000 / 256 + 13 * 5000 / 2048 + 5000 / 1024, 80);
    site_turn(&site);
    client_close(&other);
    client_close(&lister);
}

static void listings_take_turns(void **state)
{
    struct client clients[8];
    struct reply first;

    make_files(600);
    site_start(&site);
    for (size_t i = 0; i < COUNT_OF(clients); i++)
        client_open(&site, &clients[i], GET("/?sort=size"));
    site_turn(&site);
    client_reply(&clients[0], false, &first);
    for (size_t i = 1; i < COUNT_OF(clients); i++) {
        struct reply reply;

        client_reply(&clients[i], false, &reply);
        assert_true(slice_equal(reply.content, first.content));
    }
    for (size_t i = 0; i < COUNT_OF(clients); i++)
        client_close(&clients[i]);
}

static void a_long_listing_arrives_whole_through_a_slow_client(void **state)
{
    struct client client;
    struct reply whole;
    struct reply reply;

    make_files(3000);
    site_start(&site);
    client_open(&site, &client, GET("/"));
    client_reply(&client, false, &whole);
    assert_true(whole.content.len > 200 * 1000);
    client_close(&client);

    whole = ask(&site, GET("/"));
    client_init(&site, &client);
    client.peer->write_room = 1000;
    memory_send(client.peer, SLICE_LITERAL(GET("/")));
    client_start(&client);
    while (memory_received(client.peer).len < whole.head.len + whole.content.len) {
        memory_take(client_conn(&client), client.peer, 33333);
        site_turn(&site);
    }
    client_reply(&client, false, &reply);
    assert_true(slice_equal(reply.content, whole.content));
    client_close(&client);
}

static void a_client_that_leaves_ends_its_listing(void **state)
{
    struct client client;
    struct client other;

    make_files(2000);
    site_start(&site);
    client_init(&site, &client);
    client_init(&site, &other);
    client_start(&client);
    client_start(&other);
    memory_send(client.peer, SLICE_LITERAL(GET("/")));
    memory_event(client_conn(&client), EPOLLIN);
    assert_int_equal(loop_run_once(site.loop, 0), 0);
    client_close(&client); /* while it is read; leaks are told by the sanitizer */

    other.peer->write_room = 1000;
    client_send(&other, GET("/"));
    assert_true(memory_received(other.peer).len > 0);
    client_close(&other); /* while it is sent */
}

static void the_worker_may_leave_in_the_middle(void **state)
{
    struct client client;

    make_files(2000);
    site_start(&site);
    client_init(&site, &client);
    client_start(&client);
    memory_send(client.peer, SLICE_LITERAL(GET("/")));
    memory_event(client_conn(&client), EPOLLIN);
    assert_int_equal(loop_run_once(site.loop, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_directory_without_an_index_is_listed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_page_and_json_are_other_forms_of_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_readme_may_stay_hidden, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_listing_a_directory_is_forbidden, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(hidden_directories_are_not_listed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(head_says_what_get_would, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_range_is_ignored, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_tag_changes_with_the_content_and_not_without, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_tags_there_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_limit_cuts_and_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(others_are_served_while_a_listing_is_made, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(listings_take_turns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_listing_arrives_whole_through_a_slow_client, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_leaves_ends_its_listing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_worker_may_leave_in_the_middle, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
