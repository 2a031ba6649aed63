/* SPDX-License-Identifier: MIT */
/* test_locations.c - redirects, fixed statuses, clean URLs and fallbacks, as clients see them. */
#include "support/unit.h"

#include "http/site.h"

#include <stdio.h>
#include <stdlib.h>

#define OWN(s) ((char[]){s})
#define BROWSER "Accept: text/html, */*;q=0.8\r\n"

enum { OLD, AWAY, QUERY, GONE, APP, CLEAN, LOCATION_COUNT };
static struct location_config locations[] = {
    [OLD] = {.prefix = OWN("old"),
             .redirect = {.status = 301, .target = OWN("/new/"), .has_tail = true}},
    [AWAY] = {.prefix = OWN("away"),
              .redirect = {.status = 308, .target = OWN("https://x.example/#top")}},
    [QUERY] = {.prefix = OWN("q"), .redirect = {.status = 302, .target = OWN("/found?by=us")}},
    [GONE] = {.prefix = OWN("gone"), .status = 410},
    [APP] = {.prefix = OWN("app")},
    [CLEAN] = {.prefix = OWN("clean"), .strip_prefix = true},
};
static_assert(COUNT_OF(locations) == LOCATION_COUNT, "a location is missing");
static struct route_config routes[LOCATION_COUNT];
static char fallback[] = "index.html";
static struct site site;

static void configure(void)
{
    site.config.locations = locations;
    site.config.location_count = LOCATION_COUNT;
    site.config.routes = routes;
    site.config.route_count = LOCATION_COUNT;
    for (size_t i = 0; i < LOCATION_COUNT; i++)
        routes[i] = (struct route_config){.location = &locations[i], .site = site.config.site};
    routes[APP].site.fallback = fallback;
    routes[CLEAN].site.clean_urls = true;
}

static int set_up(void **state)
{
    site_init(&site);
    configure();
    site_folder(&site, "folder");
    site_folder(&site, "bare");
    site_file(&site, "index.html", "start");
    site_file(&site, "a.html", "page a");
    site_file(&site, "both", "file");
    site_file(&site, "both.html", "page");
    site_file(&site, "folder.html", "page of the folder");
    site_file(&site, "folder/index.html", "folder");
    site_file(&site, "bare.html", "page of the bare one");
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    return 0;
}

struct row {
    const char *target, *fields;
    unsigned status;
    const char *location; /* NULL: none */
    const char *content;  /* NULL: any */
};

static void expect(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char request[512];
        struct reply reply;
        struct slice location;

        (void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: t\r\n%s\r\n",
                       rows[i].target, rows[i].fields ? rows[i].fields : "");
        reply = ask(&site, request);
        location = reply_field(&reply, "Location");
        if (reply.status != rows[i].status ||
            !slice_equal(location, slice_from_string(rows[i].location ? rows[i].location : "")) ||
            (rows[i].content && !slice_equal(reply.content, slice_from_string(rows[i].content))))
            fail_msg("%s: %.*s", rows[i].target, SLICE_PRINTF(reply.head));
    }
}

static void redirects_keep_the_tail_and_the_query(void **state)
{
    static const struct row rows[] = {
        {"/old/a", NULL, 301, "/new/a", ""},
        {"/old", NULL, 301, "/new/", ""},
        {"/old/%2e%2e/old/x?y=1", NULL, 301, "/new/x?y=1", ""},
        {"/old/%0d%0aSet-Cookie:x", NULL, 301, "/new/%0D%0ASet-Cookie:x", ""},
        {"/old///x.example/", NULL, 301, "/new/x.example/", ""},
        {"/away/b?c", NULL, 308, "https://x.example/?c#top", ""},
        {"/q/b?c", NULL, 302, "/found?by=us", ""},
        {"/older", NULL, 404, NULL, NULL},
    };

    expect(rows, COUNT_OF(rows));
}

static void a_fixed_status_is_for_all_below(void **state)
{
    static const struct row rows[] = {
        {"/gone", NULL, 410, NULL, NULL},
        {"/gone/a.html", NULL, 410, NULL, NULL},
        {"/gone.html", NULL, 404, NULL, NULL},
    };

    expect(rows, COUNT_OF(rows));
}

static void the_fallback_is_for_pages_alone(void **state)
{
    static const struct row rows[] = {
        {"/app/users", BROWSER, 200, NULL, "start"},
        {"/app/users/", BROWSER, 200, NULL, "start"},
        {"/app/users", NULL, 404, NULL, NULL},
        {"/app/users", "Accept: text/html;q=0\r\n", 404, NULL, NULL},
        {"/app/users", "Accept: a/b\r\nAccept: c/d, text/html\r\n", 200, NULL, "start"},
        {"/app/x.png", BROWSER, 404, NULL, NULL},
        {"/users", BROWSER, 404, NULL, NULL},
    };

    expect(rows, COUNT_OF(rows));
}

static void clean_urls_find_pages_and_shorten_names(void **state)
{
    static const struct row rows[] = {
        {"/clean/", NULL, 200, NULL, "start"},
        {"/clean/a", NULL, 200, NULL, "page a"},
        {"/clean/a.html?b", NULL, 301, "/clean/a?b", ""},
        {"/clean/a/", NULL, 301, "/clean/a", ""},
        {"/clean/index.html", NULL, 301, "/clean/", ""},
        {"/clean/both", NULL, 200, NULL, "file"},
        {"/clean/both.html", NULL, 200, NULL, "page"},
        {"/clean/folder", NULL, 200, NULL, "page of the folder"},
        {"/clean/folder/", NULL, 200, NULL, "folder"},
        {"/clean/bare/", NULL, 301, "/clean/bare", ""},
        {"/clean/bare", NULL, 200, NULL, "page of the bare one"},
        {"/clean/none.html", NULL, 404, NULL, NULL},
        {"/clean/none/", NULL, 404, NULL, NULL},
    };

    expect(rows, COUNT_OF(rows));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(redirects_keep_the_tail_and_the_query),
        TEST(a_fixed_status_is_for_all_below),
        TEST(the_fallback_is_for_pages_alone),
        TEST(clean_urls_find_pages_and_shorten_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
