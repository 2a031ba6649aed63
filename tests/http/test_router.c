/* SPDX-License-Identifier: MIT */
/* test_router.c - which host and which location a request is for. */
#include "support/unit.h"

#include "http/http_context.h"
#include "http/router.h"

#include <stdio.h>
#include <stdlib.h>

#define OWN(s) ((char[]){s})
#define LIST(...)                                                                                  \
    {                                                                                              \
        .items = (char *[]){__VA_ARGS__},                                                          \
        .count = sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)                                  \
    }

/* The site of a host or a location is told by its number. */
static struct host_config hosts[] = {
    {.name = OWN("shop"), .server_names = LIST(OWN("shop.example"), OWN("www.shop.example"))},
    {.name = OWN("wild"), .server_names = LIST(OWN("*.example"), OWN("*.a.b.example"))},
    {.name = OWN("six"), .server_names = LIST(OWN("[::1]"), OWN("127.0.0.1"))},
};

enum { ROOT, API, API_V2, APIS, CSS, DEEP, SHOP_API, IMAGES, LOCATION_COUNT };
static struct location_config locations[LOCATION_COUNT] = {
    [ROOT] = {.name = OWN("root"), .globs = LIST(OWN("*.jpg"), OWN("/only/**"))},
    [API] = {.name = OWN("api"), .prefix = OWN("api")},
    [API_V2] = {.name = OWN("v2"), .prefix = OWN("api/v2"), .strip_prefix = true},
    [APIS] = {.name = OWN("apis"), .prefix = OWN("api-s")},
    [CSS] = {.name = OWN("css"), .prefix = OWN("api"), .globs = LIST(OWN("*.css"))},
    [DEEP] = {.name = OWN("deep"), .prefix = OWN("a/b/c/d")},
    [SHOP_API] = {.name = OWN("shop-api"), .host = OWN("shop"), .prefix = OWN("api")},
    [IMAGES] = {.name = OWN("images"), .prefix = OWN("img"), .globs = LIST(OWN("*.png"))},
};

static struct config config;
static struct http_context http;
static struct router *router;
static const int root_fd = 7;

static int set_up(void **state)
{
    config = (struct config){
        .hosts = hosts,
        .host_count = COUNT_OF(hosts),
        .locations = locations,
        .location_count = COUNT_OF(locations),
    };
    config.routes = calloc(64, sizeof(*config.routes));
    for (size_t host = 0; host <= COUNT_OF(hosts); host++) {
        for (size_t i = 0; i < COUNT_OF(locations); i++) {
            if (!locations[i].host || host == 1)
                config.routes[config.route_count++] = (struct route_config){
                    .host = host, .location = &locations[i]};
        }
    }
    http = (struct http_context){.config = &config, .root_fds = &root_fd};
    return router_create(&http, &router);
}

static int tear_down(void **state)
{
    router_destroy(router);
    free(config.routes);
    return 0;
}

static const struct http_site *find(const char *host, const char *name, size_t *ret_stripped)
{
    struct request req = {.host = slice_from_string(host), .name = slice_from_string(name)};
    const struct http_site *site = router_find(router, &req);

    assert_non_null(site);
    *ret_stripped = req.stripped;
    return site;
}

static void hosts_are_found_by_name(void **state)
{
    static const struct {
        const char *authority;
        size_t host; /* 0: none */
    } rows[] = {
        {"shop.example", 1},
        {"www.shop.example", 1},
        {"SHOP.Example", 1},
        {"shop.example:8080", 1},
        {"shop.example.", 1},
        {"shop.example.:80", 1},
        {"shop.example:", 1},
        {"other.example", 2},
        {"x.y.example", 2},
        {"a.b.example", 2},
        {"z.a.b.example", 2},
        {"example", 0},
        {".example", 0},
        {"shop.example.org", 0},
        {"xshop.example", 2},
        {"", 0},
        {".", 0},
        {":80", 0},
        {"[::1]", 3},
        {"[::1]:80", 3},
        {"[::2]", 0},
        {"127.0.0.1:1", 3},
        {"127.0.0.2", 0},
        {"..", 0},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t stripped;
        const struct http_site *site = find(rows[i].authority, "nowhere", &stripped);
        const struct site_config *expected = rows[i].host ? &hosts[rows[i].host - 1].site
                                                          : &config.site;

        if (site->config != expected || site->location)
            fail_msg("'%s'", rows[i].authority);
    }
}

static void a_name_of_any_length_is_looked_up(void **state)
{
    static char name[4096];
    size_t stripped;

    for (size_t len = 1; len < sizeof(name); len = len * 3 / 2 + 1) {
        memset(name, len % 2 ? '.' : 'a', len);
        name[len] = '\0';
        assert_ptr_equal(find(name, "", &stripped)->config, &config.site);
    }
}

static void the_longest_prefix_wins_at_borders(void **state)
{
    static const struct {
        const char *host, *name;
        int location; /* -1: none */
        size_t stripped;
    } rows[] = {
        {"x", "", -1, 0},
        {"x", "a", -1, 0},
        {"x", "api", API, 0},
        {"x", "api/", API, 0},
        {"x", "api/x", API, 0},
        {"x", "api/v", API, 0},
        {"x", "api/v2", API_V2, 6},
        {"x", "api/v2/", API_V2, 7},
        {"x", "api/v2/a/b", API_V2, 7},
        {"x", "api/v22", API, 0},
        {"x", "api/v2-x", API, 0},
        {"x", "api/z", API, 0},
        {"x", "api-s", APIS, 0},
        {"x", "api-s/a", APIS, 0},
        {"x", "api-sx", -1, 0},
        {"x", "api!", -1, 0},
        {"x", "apis", -1, 0},
        {"x", "API", -1, 0},
        {"x", "api/a.css", CSS, 0},
        {"x", "api/v2/a.css", API_V2, 7},
        {"x", "a.css", -1, 0},
        {"x", "a/b/c/d", DEEP, 0},
        {"x", "a/b/c", -1, 0},
        {"x", "a/b/c/e", -1, 0},
        {"x", "img/a.png", IMAGES, 0},
        {"x", "img/a.jpg", ROOT, 0},
        {"x", "img/a.gif", -1, 0},
        {"x", "only", -1, 0},
        {"x", "only/this", ROOT, 0},
        {"x", "api/x.jpg", API, 0},
        {"shop.example", "api/x", SHOP_API, 0},
        {"shop.example", "api/a.css", CSS, 0},
        {"shop.example", "a/b/c/d/e", DEEP, 0},
        {"q.example", "api/x", API, 0},
        {"x", "\xff\xff", -1, 0},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t stripped;
        const struct http_site *site = find(rows[i].host, rows[i].name, &stripped);
        const struct location_config *expected = rows[i].location >= 0
                                                     ? &locations[rows[i].location]
                                                     : NULL;

        if (site->location != expected || stripped != rows[i].stripped || site->root.fd != root_fd)
            fail_msg("'%s' '%s': %s", rows[i].host, rows[i].name,
                     site->location ? site->location->name : "none");
    }
}

/* Against the plain way to find the same: by looking at each of them. */
static void a_thousand_prefixes_give_what_a_look_at_each_gives(void **state)
{
    enum { COUNT = 1000 };
    static struct location_config many[COUNT];
    static struct route_config routes[COUNT];
    static char prefixes[COUNT][32], name[64];
    struct config large = {.locations = many, .routes = routes, .route_count = COUNT};
    struct router *found;

    srand(1);
    large.location_count = COUNT;
    for (unsigned i = 0; i < COUNT; i++) {
        (void)snprintf(prefixes[i], sizeof(prefixes[i]), "%c%c%u", "ab/-"[i % 2], "!-/0"[i / 2 % 4],
                       i / 8 % 40);
        for (unsigned k = 0; k < i % 3; k++)
            strcat(prefixes[i], k ? "/x" : "/0");
        many[i] = (struct location_config){.name = OWN("n"), .prefix = prefixes[i]};
        routes[i].location = &many[i];
    }
    http.config = &large;
    assert_int_equal(router_create(&http, &found), 0);
    for (unsigned i = 0; i < 20000; i++) {
        struct request req = {.host = SLICE_LITERAL("x")};
        size_t best = 0;

        (void)snprintf(name, sizeof(name), "%s%s", prefixes[(unsigned)rand() % COUNT],
                       (const char *const[]){"", "/", "/0", "/x", "0", "-", "/0/x/y"}[rand() % 7]);
        req.name = slice_from_string(name);
        for (unsigned k = 0; k < COUNT; k++) {
            size_t len = strlen(prefixes[k]);

            if (strncmp(name, prefixes[k], len) == 0 && (name[len] == '/' || !name[len]))
                best = MAX(best, len);
        }
        const struct http_site *site = router_find(found, &req);
        if ((site->location ? strlen(site->location->prefix) : 0) != best)
            fail_msg("'%s'", name);
    }
    router_destroy(found);
}

static void without_hosts_and_locations_there_is_no_router(void **state)
{
    struct config none = {.host_count = 0};
    struct router *nothing = router;

    http.config = &none;
    assert_int_equal(router_create(&http, &nothing), 0);
    assert_null(nothing);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hosts_are_found_by_name),
        TEST(a_name_of_any_length_is_looked_up),
        TEST(the_longest_prefix_wins_at_borders),
        TEST(a_thousand_prefixes_give_what_a_look_at_each_gives),
        TEST(without_hosts_and_locations_there_is_no_router),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
