/* SPDX-License-Identifier: MIT */
/* test_status.c - three formats of the same numbers, for this machine alone. */
#include "support/unit.h"

#include "handler/status.h"
#include "http/site.h"

#include <string.h>

#define GET_FIELDS(path, fields) "GET " path " HTTP/1.1\r\nHost: localhost\r\n" fields "\r\n"
#define GET(path) GET_FIELDS(path, "")
#define GET_AT(path, host) "GET " path " HTTP/1.1\r\nHost: " host "\r\n\r\n"

static struct site site;

static int set_up(void **state)
{
    site_init(&site);
    site_file(&site, "a.txt", "content");
    site.config.server.status = true;
    site.make_status = status_create;
    counter_set(&site.stats.slots_used, 1);
    counter_set(&site.stats.started_s, SITE_NOW - 90);
    counter_set(&site.counters.active, 1);
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    return 0;
}

static bool has(const struct reply *reply, const char *text)
{
    return memmem(reply->content.data, reply->content.len, text, strlen(text)) != NULL;
}

static void assert_has(const struct reply *reply, const char *text)
{
    if (!has(reply, text))
        fail_msg("no '%s' in:\n%.*s", text, SLICE_PRINTF(reply->content));
}

static void metrics_say_what_was_answered(void **state)
{
    struct reply reply;

    site_start(&site);
    assert_int_equal(ask(&site, GET("/a.txt")).status, 200);
    assert_int_equal(ask(&site, GET("/a.txt")).status, 200);
    assert_int_equal(ask(&site, GET("/none")).status, 404);
    site_turn(&site);
    reply = ask(&site, GET("/-/metrics"));
    assert_int_equal(reply.status, 200);
    assert_field(&reply, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    assert_field(&reply, "Cache-Control", "no-store");
    assert_has(&reply, "\ntinyweb_requests_total{class=\"2xx\"} 2\n");
    assert_has(&reply, "\ntinyweb_requests_total{class=\"4xx\"} 1\n");
    assert_has(&reply, "\ntinyweb_connections{state=\"active\"} 1\n"); /* the one that asks */
    assert_has(&reply, "\ntinyweb_request_duration_seconds_count 3\n");
    assert_has(&reply, "\ntinyweb_request_duration_seconds_bucket{le=\"+Inf\"} 3\n");
    assert_has(&reply, "\ntinyweb_worker_requests_total{worker=\"0\"} 3\n");
    assert_has(&reply, "\ntinyweb_limits_total{limit=\"header_timeout\"} 0\n");
}

static void json_and_page_have_the_same_numbers(void **state)
{
    struct reply reply;

    site_start(&site);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(ask(&site, GET("/a.txt")).status, 200);
    reply = ask(&site, GET("/-/status.json"));
    assert_field(&reply, "Content-Type", "application/json");
    assert_has(&reply, "\"uptime\":90,");
    assert_has(&reply, "\"requests\":5,");
    assert_has(&reply, "\"2xx\":5,");
    reply = ask(&site, GET("/-/"));
    assert_field(&reply, "Content-Type", "text/html; charset=utf-8");
    assert_has(&reply, "<dd id=\"requests\" title=\"6\">6</dd>");
    assert_has(&reply, "up 1 min 30 s");
    reply = ask(&site, GET("/-/status"));
    assert_has(&reply, "<dd id=\"requests\" title=\"7\">7</dd>");
}

static void the_page_shows_what_a_cache_did_where_one_was_asked(void **state)
{
    struct reply reply;

    site_start(&site);
    reply = ask(&site, GET("/-/"));
    assert_false(has(&reply, "id=\"caches\""));
    counter_set(&site.counters.replies_hit, 5);
    counter_set(&site.counters.replies_stale, 1);
    counter_set(&site.counters.replies_missed, 2);
    counter_set(&site.counters.replies_revalidated, 3);
    counter_set(&site.counters.replies_stored, 4);
    reply = ask(&site, GET("/-/"));
    assert_has(&reply, "<section id=\"caches\">");
    assert_has(&reply, "<tr><td>75 %<td>5<td>1<td>2<td>0<td>3<td>4\n</tbody>");
}

static void the_largest_numbers_fit(void **state)
{
    static const char *const paths[] = {GET("/-/"), GET("/-/status.json"), GET("/-/metrics")};
    counter *values = (counter *)&site.counters;

    site_start(&site);
    for (size_t i = 0; i < sizeof(site.counters) / sizeof(counter); i++)
        counter_set(&values[i], UINT64_MAX / 4);
    for (size_t i = 0; i < STATS_SAMPLES; i++) {
        values = (counter *)&site.stats.samples[i];
        for (size_t k = 0; k < sizeof(struct stats_sample) / sizeof(counter); k++)
            counter_set(&values[k], UINT64_MAX / 4);
    }
    counter_set(&site.stats.samples_taken, UINT64_MAX / 4);
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        assert_int_equal(ask(&site, paths[i]).status, 200); /* or an assertion would have failed */
}

static void without_the_directive_there_is_no_status(void **state)
{
    site.config.server.status = false;
    site_start(&site);
    assert_int_equal(ask(&site, GET("/-/")).status, 404);
    assert_int_equal(ask(&site, GET("/-/metrics")).status, 404);
}

static void strangers_see_nothing(void **state)
{
    site_start(&site);
    site.is_far = true;
    assert_int_equal(ask(&site, GET("/-/metrics")).status, 404);
    assert_int_equal(ask(&site, GET("/a.txt")).status, 200);
}

static void those_who_are_allowed_see_it(void **state)
{
    struct network networks[2];

    assert_int_equal(network_parse(SLICE_LITERAL("10.0.0.0/8"), &networks[0]), 0);
    assert_int_equal(network_parse(SLICE_LITERAL("192.0.2.0/24"), &networks[1]), 0);
    site.config.server.status_allow = (struct network_list){.items = networks, .count = 1};
    site_start(&site);
    site.is_far = true;
    assert_int_equal(ask(&site, GET("/-/metrics")).status, 404);
    site.config.server.status_allow.count = 2;
    assert_int_equal(ask(&site, GET("/-/metrics")).status, 200);
    assert_int_equal(ask(&site, GET_FIELDS("/-/", "X-Forwarded-For: 127.0.0.1\r\n")).status, 404);
    site.config.server.status_allow.count = 0;
}

static void what_a_proxy_sends_on_is_not_local(void **state)
{
    site_start(&site);
    assert_int_equal(ask(&site, GET_FIELDS("/-/", "X-Forwarded-For: 127.0.0.1\r\n")).status, 404);
    assert_int_equal(ask(&site, GET_FIELDS("/-/", "Forwarded: for=127.0.0.1\r\n")).status, 404);
    assert_int_equal(ask(&site, GET_FIELDS("/-/", "VIA: 1.1 x\r\n")).status, 404);
}

static void a_name_of_somebody_else_is_not_believed(void **state)
{
    site_start(&site);
    assert_int_equal(ask(&site, GET_AT("/-/", "evil.example")).status, 404);
    assert_int_equal(ask(&site, GET_AT("/-/", "localhost.evil.example:80")).status, 404);
    assert_int_equal(ask(&site, GET_AT("/-/", "8080")).status, 404);
    assert_int_equal(ask(&site, GET_AT("/-/", "LOCALHOST:8080")).status, 200);
    assert_int_equal(ask(&site, GET_AT("/-/", "localhost.")).status, 200);
    assert_int_equal(ask(&site, GET_AT("/-/", "127.0.0.1:8080")).status, 200);
    assert_int_equal(ask(&site, GET_AT("/-/", "[::1]:8080")).status, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(metrics_say_what_was_answered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(json_and_page_have_the_same_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_page_shows_what_a_cache_did_where_one_was_asked, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_largest_numbers_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_the_directive_there_is_no_status, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(strangers_see_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(those_who_are_allowed_see_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_proxy_sends_on_is_not_local, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_of_somebody_else_is_not_believed, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
