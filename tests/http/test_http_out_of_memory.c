/* SPDX-License-Identifier: MIT */
/* test_http_out_of_memory.c - whichever allocation fails: no crash, no leak, the next one is served. */
#include "support/unit.h"

#include "http/site.h"

#include <errno.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);

/* Allocation number @fail_at fails, and the @fail_count - 1 behind it. */
static struct {
    bool is_on;
    unsigned seen, fail_at, fail_count;
} plan;

static bool may_allocate(void)
{
    if (!plan.is_on)
        return true;
    plan.seen++;
    return plan.seen < plan.fail_at || plan.seen >= plan.fail_at + plan.fail_count;
}

void *__wrap_malloc(size_t size)
{
    return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return may_allocate() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *block, size_t size)
{
    return may_allocate() ? __real_realloc(block, size) : NULL;
}

#define GET_A "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n"

static const char *const scripts[] = {
    GET_A,
    GET_A GET_A "GET /b.html HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n" GET_A,
    "GET /large.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=0-9,20-29,50000-60000\r\n\r\n" GET_A,
    "GET /a.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1,3-4\r\n\r\n" GET_A,
    "GET /missing HTTP/1.1\r\nHost: a\r\n\r\n" GET_A,
    "GET /folder HTTP/1.1\r\nHost: a\r\n\r\n" GET_A,
    "GET /folder/ HTTP/1.1\r\nHost: a\r\n\r\n" GET_A,
    "POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody" GET_A,
    "GET /a.txt HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET /listed/ HTTP/1.1\r\nHost: a\r\n\r\n" GET_A,
    "GET /listed/?format=json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" GET_A,
};

static struct site site;

/* So that there is a router; what is asked for lies in none of them. */
static struct string_list names = {.items = (char *[]){(char[]){"*.example"}}, .count = 1};
static struct host_config host = {.name = (char[]){"h"}};
static struct location_config locations[] = {{.prefix = (char[]){"p"}},
                                             {.prefix = (char[]){"p/q"}, .status = 410}};
static struct route_config routes[] = {{.location = &locations[0]}, {.location = &locations[1]}};

static void add_routes(void)
{
    host.server_names = names;
    locations[0].globs = names;
    host.site = routes[0].site = routes[1].site = site.config.site;
    site.config.hosts = &host;
    site.config.host_count = 1;
    site.config.locations = locations;
    site.config.location_count = COUNT_OF(locations);
    site.config.routes = routes;
    site.config.route_count = COUNT_OF(routes);
}

/* Everything is made anew, so that each run allocates the same. */
static void start(void)
{
    site_init(&site);
    site.config.site.listing = (struct listing_config){
        .is_on = true, .limit = 100, .shows_readme = true};
    add_routes();
    site_file(&site, "a.txt", "content of a");
    site_file(&site, "b.html", "b");
    site_large_file(&site, "large.bin", 100000);
    site_folder(&site, "folder");
    site_folder(&site, "listed");
    site_file(&site, "listed/README.md", "read me");
    site_file(&site, "listed/other", "other");
    site_start(&site);
}

/* Every byte that was sent is of a reply; the last one may be cut by a reset. */
static void check_replies(struct client *client)
{
    while (client_rest(client).len > 0) {
        struct slice rest = client_rest(client);
        struct reply reply;

        if (client->peer->is_reset && !memmem(rest.data, rest.len, "\r\n\r\n", 4))
            return;
        assert_true(slice_starts_with(rest, SLICE_LITERAL("HTTP/1.1 ")));
        if (client->peer->is_reset)
            return;
        client_reply(client, false, &reply);
        if (reply.status == 200 && reply.content.len == 12)
            assert_content(&reply, "content of a");
    }
}

/* True when there was no such allocation any more. */
static bool run(const char *script, unsigned fail_at, unsigned fail_count)
{
    struct client client;
    struct client next;
    bool is_past_the_end;

    start();
    client_init(&site, &client);
    client_init(&site, &next);
    memory_send(client.peer, slice_from_string(script));
    plan.seen = 0;
    plan.fail_at = fail_at;
    plan.fail_count = fail_count;
    plan.is_on = true;
    client_try(&client);
    plan.is_on = false;
    is_past_the_end = plan.seen < fail_at;
    check_replies(&client);
    if (is_past_the_end)
        assert_false(client.peer->is_reset);

    memory_send(next.peer, SLICE_LITERAL(GET_A));
    client_start(&next);
    expect_status(&next, 200);
    client_close(&next);
    client_close(&client);
    site_done(&site);
    return is_past_the_end;
}

static void one_allocation_after_the_other_fails(void **state)
{
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        unsigned n = 1;

        while (!run(scripts[i], n, 1))
            n++;
        assert_in_range(n, 2, 200);
    }
}

static void from_one_allocation_on_all_fail(void **state)
{
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        unsigned n = 1;

        while (!run(scripts[i], n, 1000000))
            n++;
    }
}

static void the_context_is_made_whole_or_not_at_all(void **state)
{
    struct http_settings settings;
    struct http_context *http = NULL;
    int err = -1;

    start();
    settings = (struct http_settings){.config = &site.config,
                                      .loop = site.loop,
                                      .mempool = site.mempool,
                                      .counters = &site.counters,
                                      .root_fds = &site.root_fd,
                                      .access_log_fd = site.log_fd,
                                      .make_handler = site.make_handler};
    plan.fail_count = 1;
    for (plan.fail_at = 1; err != 0; plan.fail_at++) {
        plan.seen = 0;
        plan.is_on = true;
        err = http_context_create(&settings, &http);
        plan.is_on = false;
        if (err)
            assert_int_equal(err, -ENOMEM);
    }
    assert_in_range(plan.fail_at, 5, 100);
    http_context_destroy(http);
    site_done(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_allocation_after_the_other_fails),
        cmocka_unit_test(the_context_is_made_whole_or_not_at_all),
        cmocka_unit_test(from_one_allocation_on_all_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
