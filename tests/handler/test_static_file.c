/* SPDX-License-Identifier: MIT */
/* test_static_file.c - which path gets which answer. */
#include "support/unit.h"

#include "http/site.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct site site;

static int set_up(void **state)
{
    site_init(&site);
    site_file(&site, "a.txt", "content of a");
    site_file(&site, "\xe4\xb8\xad \xf0\x9f\x98\x80.txt", "unicode");
    site_file(&site, "a+b%.txt", "odd name");
    site_file(&site, "empty.txt", "");
    site_file(&site, "noext", "no extension");
    site_file(&site, ".htaccess", "secret");
    site_folder(&site, "with");
    site_file(&site, "with/index.html", "index of with");
    site_folder(&site, "second");
    site_file(&site, "second/index.txt", "second index");
    site_folder(&site, "without");
    site_file(&site, "without/b.txt", "b");
    site_folder(&site, "odd");
    site_folder(&site, "odd/index.html");
    site_file(&site, "odd/index.txt", "behind a folder");
    site_folder(&site, ".git");
    site_file(&site, ".git/config", "secret");
    site_folder(&site, ".well-known");
    site_file(&site, ".well-known/security.txt", "public");
    site_file(&site, ".well-known/.hidden", "secret");
    site_folder(&site, "evil.com");
    site_folder(&site, "with space");
    assert_int_equal(mkfifoat(site.root_fd, "fifo", 0644), 0);
    assert_int_equal(symlinkat("a.txt", site.root_fd, "inside"), 0);
    assert_int_equal(symlinkat("with", site.root_fd, "folder-link"), 0);
    assert_int_equal(symlinkat("/etc/passwd", site.root_fd, "outside"), 0);
    assert_int_equal(symlinkat("../../../etc/passwd", site.root_fd, "upwards"), 0);
    assert_int_equal(symlinkat("loop", site.root_fd, "loop"), 0);
    assert_int_equal(symlinkat("missing", site.root_fd, "dangling"), 0);
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

static void each_path_gets_its_answer(void **state)
{
    static const struct {
        const char *target;
        unsigned status;
        const char *content; /* NULL: an error page */
    } rows[] = {
        {"/a.txt", 200, "content of a"},
        {"/%61.txt", 200, "content of a"},
        {"/a.txt?query", 200, "content of a"},
        {"http://other/a.txt", 200, "content of a"},
        {"/./a.txt", 200, "content of a"},
        {"//a.txt", 200, "content of a"},
        {"/with/../a.txt", 200, "content of a"},
        {"/with/%2e%2e/a.txt", 200, "content of a"},
        {"/missing/../a.txt", 200, "content of a"},
        {"/%e4%b8%ad%20%f0%9f%98%80.txt", 200, "unicode"},
        {"/\xe4\xb8\xad%20\xf0\x9f\x98\x80.txt", 200, "unicode"},
        {"/a+b%25.txt", 200, "odd name"},
        {"/empty.txt", 200, ""},
        {"/noext", 200, "no extension"},
        {"/inside", 200, "content of a"},
        {"/folder-link/", 200, "index of with"},
        {"/folder-link/index.html", 200, "index of with"},
        /* Folders. */
        {"/with/", 200, "index of with"},
        {"/with/.", 200, "index of with"},
        {"/second/", 200, "second index"},
        {"/odd/", 200, "behind a folder"},
        {"/without/", 403, NULL},
        {"/", 403, NULL},
        {"/missing/", 404, NULL},
        {"/a.txt/", 404, NULL},
        {"/a.txt/b", 404, NULL},
        {"/odd/index.html/", 403, NULL},
        /* What is not there, or not for everybody. */
        {"/missing", 404, NULL},
        {"/A.TXT", 404, NULL},
        {"/a.txt%20", 404, NULL},
        {"/.htaccess", 404, NULL},
        {"/.git/config", 404, NULL},
        {"/.git/", 404, NULL},
        {"/.git", 404, NULL},
        {"/with/.git", 404, NULL},
        {"/%2egit/config", 404, NULL},
        {"/.missing", 404, NULL},
        {"/.well-known/security.txt", 200, "public"},
        {"/.well-known/.hidden", 404, NULL},
        {"/outside", 404, NULL},
        {"/upwards", 404, NULL},
        {"/loop", 404, NULL},
        {"/loop/", 404, NULL},
        {"/dangling", 404, NULL},
        {"/fifo", 403, NULL},
        {"/fifo/", 404, NULL},
        /* What is no path. */
        {"/..", 400, NULL},
        {"/../etc/passwd", 400, NULL},
        {"/with/../../etc/passwd", 400, NULL},
        {"/%2e%2e/etc/passwd", 400, NULL},
        {"/%2e%2e%2fetc/passwd", 400, NULL},
        {"/a.txt%00", 400, NULL},
        {"/%", 400, NULL},
        {"/%4", 400, NULL},
        {"/%zz", 400, NULL},
        {"/%ff", 400, NULL},
        {"/%c0%ae%c0%ae/", 400, NULL},
        {"/%ed%a0%80", 400, NULL},
        {"/\xff", 400, NULL},
        {"/%252e%252e/etc/passwd", 404, NULL}, /* decoded once */
        {"/..%5c..%5cetc/passwd", 404, NULL},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct reply get = request("GET", rows[i].target, "");
        struct reply head = request("HEAD", rows[i].target, "");

        if (get.status != rows[i].status)
            fail_msg("%u instead of %u: %s", get.status, rows[i].status, rows[i].target);
        if (rows[i].content)
            assert_content(&get, rows[i].content);
        else
            assert_field(&get, "Content-Type", "text/html; charset=utf-8");
        assert_true(slice_equal(get.head, head.head));
    }
}

static void a_path_as_long_as_a_target_may_be_is_not_found(void **state)
{
    static char target[1025];
    size_t len = 0;

    memset(target, 'a', sizeof(target) - 1);
    target[0] = '/';
    assert_int_equal(request("GET", target, "").status, 404); /* a name has 255 bytes at most */
    for (len = 0; len + 2 <= sizeof(target) - 1; len += 2)
        memcpy(target + len, "/a", 2);
    assert_int_equal(request("GET", target, "").status, 404);
    target[len - 1] = '/';
    assert_int_equal(request("GET", target, "").status, 404);
}

static void a_folder_without_its_slash_is_redirected(void **state)
{
    static const struct {
        const char *target, *location;
    } rows[] = {
        {"/with", "/with/"},
        {"/with?a=b&c", "/with/?a=b&c"},
        {"/with?", "/with/?"},
        {"/with?\"<>\xe4", "/with/?%22%3C%3E%E4"},
        {"/with?%0d%0aSet-Cookie:x", "/with/?%0d%0aSet-Cookie:x"},
        {"/./without/../with", "/with/"},
        {"//with", "/with/"},
        {"///evil.com", "/evil.com/"},
        {"//evil.com", "/evil.com/"},
        {"/%2f%2fevil.com", "/evil.com/"},
        {"/with%20space", "/with%20space/"},
        {"http://b/with", "/with/"},
        {"/folder-link", "/folder-link/"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct reply reply = request("GET", rows[i].target, "");

        if (reply.status != 301)
            fail_msg("%u: %s", reply.status, rows[i].target);
        assert_field(&reply, "Location", rows[i].location);
        assert_no_field(&reply, "ETag");
    }
    /* Nothing that a browser takes for another host. */
    assert_int_equal(request("GET", "//evil.com/%2e%2e", "").status, 403);
    assert_int_equal(request("GET", "/\\evil.com", "").status, 400);
}

static void a_long_query_is_kept_in_a_redirect(void **state)
{
    static char target[1025];
    struct reply reply;
    struct slice location;

    memset(target, '"', sizeof(target) - 1);
    memcpy(target, "/with?", 6);
    reply = request("GET", target, "");
    assert_int_equal(reply.status, 301);
    location = reply_field(&reply, "Location");
    assert_int_equal(location.len, 7 + (sizeof(target) - 1 - 6) * 3);
    assert_true(slice_ends_with(location, SLICE_LITERAL("%22%22")));
}

static void other_methods_hear_what_is_allowed(void **state)
{
    static const char *const methods[] = {"POST", "PUT", "DELETE", "PATCH", "TRACE"};
    struct reply reply;

    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        reply = request(methods[i], "/a.txt", "");
        assert_int_equal(reply.status, 405);
        assert_field(&reply, "Allow", "GET, HEAD, OPTIONS");
        assert_no_field(&reply, "Connection");
    }
    reply = request("CONNECT", "a:443", "");
    assert_int_equal(reply.status, 405);
    assert_field(&reply, "Connection", "close");
    for (int i = 0; i < 2; i++) {
        reply = request("OPTIONS", i == 0 ? "*" : "/missing", "");
        assert_int_equal(reply.status, 204);
        assert_field(&reply, "Allow", "GET, HEAD, OPTIONS");
        assert_no_field(&reply, "Content-Type");
    }
    assert_int_equal(request("BREW", "/a.txt", "").status, 501);
}

static void a_file_that_may_not_be_read_is_forbidden(void **state)
{
    if (geteuid() == 0)
        skip(); /* nothing is forbidden to root */
    assert_int_equal(fchmodat(site.root_fd, "a.txt", 0, 0), 0);
    assert_int_equal(request("GET", "/a.txt", "").status, 403);
}

static void types_go_by_the_name_of_the_file(void **state)
{
    static const struct {
        const char *target, *type;
    } rows[] = {{"/a.txt", "text/plain; charset=utf-8"},
                {"/with/", "text/html; charset=utf-8"},
                {"/noext", "application/octet-stream"},
                {"/inside", "application/octet-stream"}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct reply reply = request("GET", rows[i].target, "");

        assert_field(&reply, "Content-Type", rows[i].type);
        assert_field(&reply, "X-Content-Type-Options", "nosniff");
    }
}

static void the_log_says_why(void **state)
{
    static const struct {
        const char *target, *line;
    } rows[] = {{"/a.txt", "\"GET /a.txt HTTP/1.1\" 200 12 \"-\" \"-\" 0.000 ok\n"},
                {"/missing", " 404 "},
                {"/.git/", " hidden\n"},
                {"/outside", " symlink\n"},
                {"/loop", " symlink-loop\n"},
                {"/with", " directory\n"},
                {"/without/", " no-index\n"},
                {"/..", " bad-path\n"},
                {"/fifo", " permission\n"}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        (void)request("GET", rows[i].target, "");
        if (!strstr(site_log(&site), rows[i].line))
            fail_msg("'%s' is not in\n%s", rows[i].line, site_log(&site));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_path_gets_its_answer),
        cmocka_unit_test(a_path_as_long_as_a_target_may_be_is_not_found),
        cmocka_unit_test(a_folder_without_its_slash_is_redirected),
        cmocka_unit_test(a_long_query_is_kept_in_a_redirect),
        cmocka_unit_test(other_methods_hear_what_is_allowed),
        cmocka_unit_test(types_go_by_the_name_of_the_file),
        cmocka_unit_test(the_log_says_why),
        cmocka_unit_test(a_file_that_may_not_be_read_is_forbidden),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
