/* SPDX-License-Identifier: MIT */
/* test_guard.c - who comes in, and what everybody else gets. */
#include "support/unit.h"

#include "config/auth_file.h"
#include "http/site.h"

#include <stdio.h>
#include <time.h>

#define OWN(s) ((char[]){s})
#define ALICE "Basic YWxpY2U6c2VjcmV0" /* alice:secret */
#define BOB "Basic Ym9iOnNlY3JldA=="   /* bob:secret */

/* Sorted by name. */
static struct auth_user user_rows[] = {
    {"alice", "$2y$04$IBYt5uZS5NsfZMcYPRPcG.hWHatztlKVTLrjTGN.cteX3hov6hXbe", 1},
    {"o p\"", "$2y$04$IBYt5uZS5NsfZMcYPRPcG.hWHatztlKVTLrjTGN.cteX3hov6hXbe", 2},
};
static struct auth_users users = {.users = user_rows, .count = COUNT_OF(user_rows)};
static struct auth_users nobody;

enum { OPEN, OLD, GONE, CORS, EMPTY, KEPT, AUTO, LOCATION_COUNT };
static struct location_config locations[] = {
    [OPEN] = {.prefix = OWN("open"), .strip_prefix = true},
    [OLD] = {.prefix = OWN("old"), .redirect = {.status = 301, .target = OWN("/secret-place")}},
    [GONE] = {.prefix = OWN("gone"), .status = 410},
    [CORS] = {.prefix = OWN("cors"), .strip_prefix = true},
    [EMPTY] = {.prefix = OWN("empty")},
    [KEPT] = {.prefix = OWN("kept"), .strip_prefix = true},
    [AUTO] = {.prefix = OWN("auto"), .strip_prefix = true},
};
static_assert(COUNT_OF(locations) == LOCATION_COUNT, "a location is missing");
static struct route_config routes[LOCATION_COUNT];
static char *origins[] = {OWN("https://a.example"), OWN("https://b.example")};
static struct error_page_config error_pages[] = {{.status = 401, .path = OWN("401.html")}};
static char file_name[] = "pw", realm[] = "The \"Lab\" \\ here", kept[] = "max-age=60",
            by_name[] = "auto";
static struct site site;

static void configure(void)
{
    struct site_config *config = &site.config.site;

    config->auth_file = file_name;
    config->auth_realm = realm;
    config->auth_users = &users;
    config->error_pages = error_pages;
    config->error_page_count = COUNT_OF(error_pages);
    config->listing = (struct listing_config){.is_on = true, .limit = 100};
    site.config.locations = locations;
    site.config.location_count = LOCATION_COUNT;
    site.config.routes = routes;
    site.config.route_count = LOCATION_COUNT;
    for (size_t i = 0; i < LOCATION_COUNT; i++) {
        routes[i] = (struct route_config){.location = &locations[i], .site = *config};
        routes[i].site.file_space = (unsigned)i + 1;
    }
    routes[OPEN].site.auth_file = NULL;
    routes[CORS].site.cors = (struct string_list){origins, COUNT_OF(origins)};
    routes[EMPTY].site.auth_users = &nobody;
    routes[KEPT].site.cache_control = kept;
    routes[AUTO].site.cache_control = by_name;
}

static int set_up(void **state)
{
    site_init(&site);
    configure();
    site_folder(&site, "folder");
    site_file(&site, "a.txt", "hello");
    site_file(&site, "app.3f9c1b2e.js", "script");
    site_file(&site, "401.html", "sign in");
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    return 0;
}

/* @authorization NULL: none. */
static struct reply get_with(const char *start, const char *authorization)
{
    struct client client;
    struct reply reply;
    char text[1024];

    (void)snprintf(text, sizeof(text), "%s HTTP/1.1\r\nHost: t\r\n%s%s%s\r\n", start,
                   authorization ? "Authorization: " : "", authorization ? authorization : "",
                   authorization ? "\r\n" : "");
    client_open(&site, &client, text);
    client_wait(&client);
    client_reply(&client, strncmp(start, "HEAD ", 5) == 0, &reply);
    expect_nothing(&client);
    conn_close(client_conn(&client), CLOSE_PEER);
    site_turn(&site);
    return reply;
}

#define expect_reply(start, authorization, wanted)                                                 \
    assert_int_equal(get_with((start), (authorization)).status, (wanted))

static void expect_logged(const char *text)
{
    if (!strstr(site_log(&site), text))
        fail_msg("no '%s' in %s", text, site_log(&site));
}

static void nobody_comes_in_without_the_right_password(void **state)
{
    static const char *const wrong[] = {
        NULL,                       /* none */
        "Basic YWxpY2U6d3Jvbmc=",   /* alice:wrong */
        "Basic YWxpY2U6",           /* alice: */
        "Basic OnNlY3JldA==",       /* :secret */
        "Basic QWxpY2U6c2VjcmV0",   /* Alice:secret */
        "Basic YWxpY2U6c2VjcmV0MQ", /* alice:secret1 */
        BOB,
        "Bearer YWxpY2U6c2VjcmV0",
        "Basic nonsense",
        "",
        ALICE ", " ALICE,
        ALICE "\r\nAuthorization: " ALICE,
    };

    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct reply reply = get_with("GET /a.txt", wrong[i]);

        assert_int_equal(reply.status, 401);
        assert_field(&reply, "WWW-Authenticate",
                     "Basic realm=\"The \\\"Lab\\\" \\\\ here\", charset=\"UTF-8\"");
        assert_field(&reply, "Cache-Control", "private");
        assert_content(&reply, "sign in");
    }
    expect_logged(" - - [");
    expect_logged("no-password\n");
    expect_logged(" - alice [");
    expect_logged("wrong-password\n");
    expect_logged("unknown-user\n");
    expect_logged("bad-credentials\n");
    assert_null(strstr(site_log(&site), "bob"));
    assert_null(strstr(site_log(&site), "secret"));
}

static void the_right_password_is_asked_for_once(void **state)
{
    struct reply reply = get_with("GET /a.txt", ALICE);
    struct client client;

    assert_int_equal(reply.status, 200);
    assert_content(&reply, "hello");
    assert_field(&reply, "Cache-Control", "private");
    expect_logged(" - alice [");
    /* Now known: the answer is there at once. */
    client_open(&site, &client,
                "GET /a.txt HTTP/1.1\r\nHost: t\r\nAuthorization: " ALICE "\r\n\r\n");
    expect_status(&client, 200);
    client_close(&client);
    expect_reply("GET /a.txt", NULL, 401);
    expect_reply("GET /a.txt", "Basic YWxpY2U6d3Jvbmc=", 401);
    expect_reply("GET /a.txt", "Basic b3AgInMK", 401);
}

static void all_that_a_site_has_is_guarded(void **state)
{
    static const struct {
        const char *start;
        unsigned status; /* for who may come in */
    } rows[] = {
        {"GET /a.txt", 200},  {"HEAD /a.txt", 200},  {"GET /none", 404},      {"GET /", 200},
        {"GET /folder", 301}, {"GET /folder/", 200}, {"GET /old/x", 301},     {"GET /gone", 410},
        {"GET /.git", 404},   {"POST /a.txt", 405},  {"OPTIONS /a.txt", 204}, {"OPTIONS *", 204},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct reply refused = get_with(rows[i].start, NULL);
        struct reply reply = get_with(rows[i].start, ALICE);

        if (refused.status != 401 || reply.status != rows[i].status)
            fail_msg("%s: %u, %u", rows[i].start, refused.status, reply.status);
        assert_no_field(&refused, "Location");
        assert_no_field(&refused, "Allow");
        if (strcmp(rows[i].start, "GET /") != 0 && strcmp(rows[i].start, "GET /folder/") != 0)
            assert_field(&reply, "Cache-Control", "private");
        else
            assert_field(&reply, "Cache-Control", "private, no-cache"); /* a listing */
    }
}

static void what_is_open_stays_open(void **state)
{
    struct reply reply = get_with("GET /open/a.txt", NULL);

    assert_int_equal(reply.status, 200);
    assert_no_field(&reply, "Cache-Control");
    expect_reply("GET /open/a.txt", "Basic nonsense", 200);
    assert_null(strstr(site_log(&site), "alice"));
}

static void head_is_get_without_content(void **state)
{
    struct reply get = get_with("GET /a.txt", ALICE), head = get_with("HEAD /a.txt", ALICE);

    assert_true(slice_equal(get.head, head.head));
    get = get_with("GET /a.txt", NULL);
    head = get_with("HEAD /a.txt", NULL);
    assert_true(slice_equal(get.head, head.head));
}

static void a_file_without_users_lets_nobody_in(void **state)
{
    expect_reply("GET /empty/a.txt", ALICE, 401);
}

static void what_is_set_of_caching_stays(void **state)
{
    struct reply reply = get_with("GET /kept/a.txt", ALICE);

    assert_field(&reply, "Cache-Control", "max-age=60");
    reply = get_with("GET /auto/app.3f9c1b2e.js", ALICE);
    assert_field(&reply, "Cache-Control", "private, max-age=31536000, immutable");
    reply = get_with("GET /auto/a.txt", ALICE);
    assert_field(&reply, "Cache-Control", "private, max-age=0, must-revalidate");
}

static void preflights_carry_no_password(void **state)
{
    struct reply reply = get_with("OPTIONS /cors/a.txt",
                                  "\r\nOrigin: https://a.example\r\n"
                                  "Access-Control-Request-Method: GET\r\nX-A: b");

    assert_int_equal(reply.status, 401); /* an empty Authorization is one */
    reply = ask(&site, "OPTIONS /cors/a.txt HTTP/1.1\r\nHost: t\r\nOrigin: https://a.example\r\n"
                       "Access-Control-Request-Method: GET\r\n\r\n");
    assert_int_equal(reply.status, 204);
    assert_field(&reply, "Access-Control-Allow-Origin", "https://a.example");
    reply = ask(&site, "OPTIONS /a.txt HTTP/1.1\r\nHost: t\r\nOrigin: https://a.example\r\n"
                       "Access-Control-Request-Method: GET\r\n\r\n");
    assert_int_equal(reply.status, 401); /* no other origins here */
    reply = ask(&site, "GET /cors/a.txt HTTP/1.1\r\nHost: t\r\nOrigin: https://a.example\r\n\r\n");
    assert_int_equal(reply.status, 401);
    assert_field(&reply, "Access-Control-Allow-Origin", "https://a.example");
}

static void odd_names_keep_the_log_in_its_form(void **state)
{
    expect_reply("GET /a.txt", "Basic byBwIjpzZWNyZXQ=", 200); /* o p" */
    expect_logged("127.0.0.1 - o\\x20p\\x22 [");
}

static void a_client_may_leave_while_its_password_is_checked(void **state)
{
    for (int i = 0; i < 20; i++) {
        struct client client;

        client_open(&site, &client,
                    "GET /a.txt HTTP/1.1\r\nHost: t\r\nAuthorization: " ALICE "\r\n\r\n");
        client_close(&client);
    }
    expect_reply("GET /a.txt", ALICE, 200);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    struct client client;

    client_open(&site, &client,
                "GET /a.txt HTTP/1.1\r\nHost: t\r\nAuthorization: " ALICE "\r\n\r\n"
                "GET /open/none HTTP/1.1\r\nHost: t\r\n\r\n"
                "GET /folder/ HTTP/1.1\r\nHost: t\r\nAuthorization: " ALICE "\r\n\r\n");
    client_wait(&client);
    site_turn(&site);
    expect_status(&client, 200);
    expect_status(&client, 404);
    expect_status(&client, 200);
    expect_nothing(&client);
    client_close(&client);
}

/* A request that is too many for the queue; others are answered in time. */
static void too_many_passwords_at_once_are_refused(void **state)
{
    enum { COUNT = SITE_CLIENTS_MAX };
    static struct client clients[COUNT];
    struct reply reply;
    unsigned refused = 0;

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COUNT / 2; i++) {
            char text[256];
            /* "a:" and three characters, each time others. */
            (void)snprintf(
                text, sizeof(text),
                "GET /a.txt HTTP/1.1\r\nHost: t\r\nAuthorization: Basic YTp%02d%d%c\r\n\r\n",
                i % 100, round, 'A' + i % 26);
            client_open(&site, &clients[round * COUNT / 2 + i], text);
        }
    }
    for (int i = 0; i < COUNT; i++) {
        client_wait(&clients[i]);
        client_reply(&clients[i], false, &reply);
        assert_true(reply.status == 401 || reply.status == 503);
        refused += reply.status == 503;
        client_close(&clients[i]);
    }
    assert_int_equal(counter_get(&site.counters.limits[LIMIT_PASSWORD_CHECKS]), refused);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(nobody_comes_in_without_the_right_password),
        WITH_SITE(the_right_password_is_asked_for_once),
        WITH_SITE(all_that_a_site_has_is_guarded),
        WITH_SITE(what_is_open_stays_open),
        WITH_SITE(head_is_get_without_content),
        WITH_SITE(a_file_without_users_lets_nobody_in),
        WITH_SITE(what_is_set_of_caching_stays),
        WITH_SITE(preflights_carry_no_password),
        WITH_SITE(odd_names_keep_the_log_in_its_form),
        WITH_SITE(a_client_may_leave_while_its_password_is_checked),
        WITH_SITE(pipelined_requests_are_answered_in_order),
        WITH_SITE(too_many_passwords_at_once_are_refused),
    };
#ifndef HAVE_CRYPT
    (void)tests;
    return 77; /* skipped */
#else
    return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
