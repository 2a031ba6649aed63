/* SPDX-License-Identifier: MIT */
/* test_explain_request.c - from what a person types to the head of a request. */
#include "support/unit.h"

#include "tool/explain_request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void expect(const char *url, const char *method, const char *header, const char *expected)
{
    const char *const headers[] = {header};
    const struct explain_options options = {
        .url = url, .method = method, .headers = headers, .header_count = header ? 1 : 0};
    char *request = NULL;
    assert_int_equal(explain_request(&options, &request), 0);
    assert_string_equal(request, expected);
    free(request);
}

static void a_url_has_a_host_and_a_target(void **state)
{
    expect("http://a.example:8080/x/../y?z=/#f", NULL, NULL,
           "GET /x/../y?z=/ HTTP/1.1\r\nHost: a.example:8080\r\n\r\n");
    expect("https://[::1]/", NULL, NULL, "GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n");
    expect("a.example", NULL, NULL, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    expect("a.example/x", NULL, NULL, "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n");
    expect("http://a?q", NULL, NULL, "GET /?q HTTP/1.1\r\nHost: a\r\n\r\n");
}

static void a_path_is_asked_of_localhost(void **state)
{
    expect("/a", NULL, NULL, "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect("/a?u=http://b/", NULL, NULL, "GET /a?u=http://b/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect("//a/b", NULL, NULL, "GET //a/b HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect("*", "OPTIONS", NULL, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect("", NULL, NULL, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

static void a_host_of_its_own_comes_instead(void **state)
{
    expect("http://a/x", NULL, "hOST: b", "GET /x HTTP/1.1\r\nhOST: b\r\n\r\n");
    expect("/x", "HEAD", "Range: bytes=0-1",
           "HEAD /x HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-1\r\n\r\n");
    expect("a:80", "CONNECT", NULL, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n");
}

static void what_is_no_request_is_refused(void **state)
{
    static const struct {
        const char *url, *method, *header;
    } rows[] = {
        {"/a b", NULL, NULL},
        {"/a\r\nX: y", NULL, NULL},
        {"a b/", NULL, NULL},
        {"/", "A B", NULL},
        {"/", "", NULL},
        {"/", NULL, "nothing"},
        {"/", NULL, "A: b\r\nC: d"},
        {"/", NULL, ": b"},
    };
    int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC), terminal = dup(STDERR_FILENO);
    assert_int_equal(dup2(null_fd, STDERR_FILENO), STDERR_FILENO);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *const headers[] = {rows[i].header};
        const struct explain_options options = {.url = rows[i].url,
                                                .method = rows[i].method,
                                                .headers = headers,
                                                .header_count = rows[i].header ? 1 : 0};
        char *request = NULL;
        assert_int_equal(explain_request(&options, &request), -EINVAL);
    }
    assert_int_equal(dup2(terminal, STDERR_FILENO), STDERR_FILENO);
    close(terminal);
    close(null_fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_has_a_host_and_a_target),
        cmocka_unit_test(a_path_is_asked_of_localhost),
        cmocka_unit_test(a_host_of_its_own_comes_instead),
        cmocka_unit_test(what_is_no_request_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
