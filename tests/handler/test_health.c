/* SPDX-License-Identifier: MIT */
/* test_health.c - live and ready, for this machine and for others. */
#include "support/unit.h"

#include "handler/health.h"
#include "http/site.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static struct site site;
static char live_path[] = "-/live", ready_path[] = "-/ready";

static void start(enum health_scope scope)
{
    site_init(&site);
    site_file(&site, "a.txt", "content");
    site.config.server.health = scope;
    site.config.server.live_path = live_path;
    site.config.server.ready_path = ready_path;
    site.config.server.ready_status = 503;
    site.make_health = health_create;
    site_start(&site);
}

static int tear_down(void **state)
{
    site_done(&site);
    return 0;
}

static void ready_follows_the_flag_and_live_does_not(void **state)
{
    struct reply reply;

    start(HEALTH_ON);
    for (unsigned is_draining = 0; is_draining < 2; is_draining++) {
        counter_set(&site.is_draining, is_draining);
        reply = ask(&site, GET("/-/live"));
        assert_int_equal(reply.status, 200);
        assert_content(&reply, "live\n");
        reply = ask(&site, GET("/-/ready"));
        assert_int_equal(reply.status, is_draining ? 503 : 200);
        assert_content(&reply, is_draining ? "draining\n" : "ready\n");
        assert_field(&reply, "Cache-Control", "no-store");
        assert_field(&reply, "Content-Type", "text/plain; charset=utf-8");
    }
    assert_non_null(strstr(site_log(&site), "\"GET /-/ready HTTP/1.1\" 503"));
}

static void only_the_two_paths_are_its(void **state)
{
    start(HEALTH_ON);
    assert_int_equal(ask(&site, GET("/a.txt")).status, 200);
    assert_int_equal(ask(&site, GET("/-/")).status, 404);
    assert_int_equal(ask(&site, GET("/-/liv")).status, 404);
    assert_int_equal(ask(&site, GET("/-/live2")).status, 404);
    assert_int_equal(ask(&site, GET("/%2d/live")).status, 200); /* the same name */
    assert_int_equal(ask(&site, GET("/-/live?x=1")).status, 200);
    assert_int_equal(ask(&site, "DELETE /-/live HTTP/1.1\r\nHost: a\r\n\r\n").status, 405);
}

static void strangers_are_told_nothing(void **state)
{
    start(HEALTH_LOCAL);
    assert_int_equal(ask(&site, GET("/-/live")).status, 200);
    site.is_far = true;
    assert_int_equal(ask(&site, GET("/-/live")).status, 404);
    site_done(&site);
    start(HEALTH_OFF);
    assert_int_equal(ask(&site, GET("/-/live")).status, 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(ready_follows_the_flag_and_live_does_not, tear_down),
        cmocka_unit_test_teardown(only_the_two_paths_are_its, tear_down),
        cmocka_unit_test_teardown(strangers_are_told_nothing, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
