/* SPDX-License-Identifier: MIT */
/* test_request_line.c - the four forms of a target, and what is none of them. */
#include "support/unit.h"

#include "http/request_line.h"

#include <stdio.h>
#include <stdlib.h>

#define MAX_URI 256

static void check_text(const char *what, struct slice got, const char *expected, const char *line)
{
    if (!slice_equal(got, slice_from_string(expected)))
        fail_msg("%s is '%.*s' instead of '%s' in: %s", what, SLICE_PRINTF(got), expected, line);
}

/* In a block of exactly its size. */
static unsigned parse(const char *line, size_t len, struct request *req, char **ret_block)
{
    char *block = malloc(len > 0 ? len : 1);

    memcpy(block, line, len);
    *req = (struct request){0};
    *ret_block = block;
    return request_line_parse(slice_of(block, len), MAX_URI, req);
}

static void good_lines_are_taken_apart(void **state)
{
    static const struct {
        const char *line;
        enum http_method method;
        const char *target, *path, *query, *host;
        bool is_http10;
    } rows[] = {
        /* origin-form */
        {"GET / HTTP/1.1", METHOD_GET, "/", "/", "", "", false},
        {"GET / HTTP/1.0", METHOD_GET, "/", "/", "", "", true},
        {"HEAD /a/b?c=d HTTP/1.1", METHOD_HEAD, "/a/b?c=d", "/a/b", "?c=d", "", false},
        {"GET /? HTTP/1.1", METHOD_GET, "/?", "/", "?", "", false},
        {"GET /a?b?c HTTP/1.1", METHOD_GET, "/a?b?c", "/a", "?b?c", "", false},
        {"GET //a HTTP/1.1", METHOD_GET, "//a", "//a", "", "", false},
        {"GET /%00%zz HTTP/1.1", METHOD_GET, "/%00%zz", "/%00%zz", "", "", false},
        {"GET /\xe4\xb8\xad HTTP/1.1", METHOD_GET, "/\xe4\xb8\xad", "/\xe4\xb8\xad", "", "", false},
        {"GET /a:b@c HTTP/1.1", METHOD_GET, "/a:b@c", "/a:b@c", "", "", false},
        {"POST /{|}^` HTTP/1.1", METHOD_POST, "/{|}^`", "/{|}^`", "", "", false},
        {"GET /?http://a/ HTTP/1.1", METHOD_GET, "/?http://a/", "/", "?http://a/", "", false},
        /* absolute-form */
        {"GET http://a HTTP/1.1", METHOD_GET, "http://a", "/", "", "a", false},
        {"GET http://a/ HTTP/1.1", METHOD_GET, "http://a/", "/", "", "a", false},
        {"GET http://a?b HTTP/1.1", METHOD_GET, "http://a?b", "/", "?b", "a", false},
        {"GET HtTpS://a:8/b?c HTTP/1.1", METHOD_GET, "HtTpS://a:8/b?c", "/b", "?c", "a:8", false},
        {"GET http://[::1]:80/b HTTP/1.1", METHOD_GET, "http://[::1]:80/b", "/b", "", "[::1]:80",
         false},
        {"OPTIONS http://a HTTP/1.1", METHOD_OPTIONS, "http://a", "/", "", "a", false},
        /* asterisk-form */
        {"OPTIONS * HTTP/1.1", METHOD_OPTIONS, "*", "", "", "", false},
        /* authority-form */
        {"CONNECT a:443 HTTP/1.1", METHOD_CONNECT, "a:443", "", "", "", false},
        {"CONNECT [::1]:443 HTTP/1.1", METHOD_CONNECT, "[::1]:443", "", "", "", false},
        {"TRACE / HTTP/1.1", METHOD_TRACE, "/", "/", "", "", false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *line = rows[i].line;
        struct request req;
        char *block;
        unsigned status = parse(line, strlen(line), &req, &block);

        if (status != 0)
            fail_msg("%u: %s", status, line);
        assert_int_equal(req.method, rows[i].method);
        assert_int_equal(req.is_http10, rows[i].is_http10);
        check_text("line", req.line, line, line);
        check_text("target", req.target, rows[i].target, line);
        check_text("path", req.path, rows[i].path, line);
        check_text("query", req.query, rows[i].query, line);
        check_text("host", req.host, rows[i].host, line);
        free(block);
    }
}

static void bad_lines_get_their_status(void **state)
{
    static const struct {
        const char *line;
        unsigned status;
    } rows[] = {
        {"", 400},
        {" ", 400},
        {"  ", 400},
        {"GET", 400},
        {"GET /", 400}, /* HTTP/0.9 */
        {"GET  HTTP/1.1", 400},
        {"GET / ", 400},
        {" / HTTP/1.1", 400},
        {"GET  / HTTP/1.1", 400},
        {"GET /  HTTP/1.1", 400},
        {"GET / HTTP/1.1 ", 400},
        {"GET / a HTTP/1.1", 400},
        {"GET /a b HTTP/1.1", 400},
        /* version */
        {"GET / HTTP/0.9", 505},
        {"GET / HTTP/2.0", 505},
        {"GET / HTTP/9.9", 505},
        {"PRI * HTTP/2.0", 505},
        {"GET / HTTP/1.", 400},
        {"GET / HTTP/1", 400},
        {"GET / HTTP/11", 400},
        {"GET / HTTP/1.10", 400},
        {"GET / HTTP/01.1", 400},
        {"GET / http/1.1", 400},
        {"GET / HTTP/1,1", 400},
        {"GET / HTTP/1.a", 400},
        {"GET / HTTP 1.1", 400},
        {"GET / RTSP/1.0", 400},
        {"GET / ICE/1.0", 400},
        /* method */
        {"get / HTTP/1.1", 501},
        {"BREW / HTTP/1.1", 501},
        {"SOURCE / HTTP/1.1", 501},
        {"PROPFIND / HTTP/1.1", 501},
        {"GETX / HTTP/1.1", 501},
        {"!#$%&'*+-.^_`|~ / HTTP/1.1", 501},
        {"G@T / HTTP/1.1", 400},
        {"GET: / HTTP/1.1", 400},
        {"G\x80T / HTTP/1.1", 400},
        {"\"GET\" / HTTP/1.1", 400},
        {"{GET} / HTTP/1.1", 400},
        /* target */
        {"GET a HTTP/1.1", 400},
        {"GET ?a HTTP/1.1", 400},
        {"GET * HTTP/1.1", 400},
        {"OPTIONS ** HTTP/1.1", 400},
        {"GET #a HTTP/1.1", 400},
        {"GET /#a HTTP/1.1", 400},
        {"GET /a?b#c HTTP/1.1", 400},
        {"GET /a\\b HTTP/1.1", 400},
        {"GET /<a> HTTP/1.1", 400},
        {"GET /\"a\" HTTP/1.1", 400},
        {"GET ../a HTTP/1.1", 400},
        {"GET a:443 HTTP/1.1", 400},
        {"CONNECT / HTTP/1.1", 400},
        {"CONNECT a HTTP/1.1", 400},
        {"CONNECT :443 HTTP/1.1", 400},
        {"CONNECT a:b HTTP/1.1", 400},
        {"CONNECT http://a:443/ HTTP/1.1", 400},
        {"CONNECT [::1] HTTP/1.1", 400},
        {"CONNECT a: HTTP/1.1", 400},
        {"GET http: HTTP/1.1", 400},
        {"GET http:/ HTTP/1.1", 400},
        {"GET http:// HTTP/1.1", 400},
        {"GET http:///a HTTP/1.1", 400},
        {"GET http://?a HTTP/1.1", 400},
        {"GET http:a HTTP/1.1", 400},
        {"GET http:/a HTTP/1.1", 400},
        {"GET http://u@a/ HTTP/1.1", 400},
        {"GET http://u:p@a/ HTTP/1.1", 400},
        {"GET http://:80/ HTTP/1.1", 400},
        {"GET http://a:b/ HTTP/1.1", 400},
        {"GET http://[::1/ HTTP/1.1", 400},
        {"GET http://a\\b/ HTTP/1.1", 400},
        {"GET http://a#b HTTP/1.1", 400},
        {"GET http://a/#b HTTP/1.1", 400},
        {"GET ftp://a/ HTTP/1.1", 400},
        {"GET :a HTTP/1.1", 400},
        {"GET ://a HTTP/1.1", 400},
        {"GET file:///etc/passwd HTTP/1.1", 400},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct request req;
        char *block;
        unsigned status = parse(rows[i].line, strlen(rows[i].line), &req, &block);

        if (status != rows[i].status)
            fail_msg("%u instead of %u: %s", status, rows[i].status, rows[i].line);
        check_text("line", req.line, rows[i].line, rows[i].line);
        free(block);
    }
}

static void a_nul_byte_is_never_part_of_a_line(void **state)
{
    static const char *const lines[] = {"GET /0 HTTP/1.1", "G0T / HTTP/1.1", "GET / HTTP/1.0",
                                        "GET http://0/ HTTP/1.1", "GET http://a:0/ HTTP/1.1"};

    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        char text[64];
        struct request req;
        char *block;

        (void)snprintf(text, sizeof(text), "%s", lines[i]);
        *strrchr(text, '0') = '\0';
        assert_int_equal(parse(text, strlen(lines[i]), &req, &block), 400);
        free(block);
    }
}

/* The answer to HEAD has no content, even when the answer is that nothing was understood. */
static void the_method_is_known_when_the_rest_is_refused(void **state)
{
    static const char *const lines[] = {"HEAD / HTTP/2.0", "HEAD /# HTTP/1.1", "HEAD a HTTP/1.1"};

    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct request req = {0};

        assert_int_not_equal(request_line_parse(slice_from_string(lines[i]), MAX_URI, &req), 0);
        assert_int_equal(req.method, METHOD_HEAD);
    }
}

static void a_target_may_have_the_allowed_length_and_no_more(void **state)
{
    char line[MAX_URI + 64];
    struct request req;

    for (size_t len = MAX_URI - 1; len <= MAX_URI + 1; len++) {
        char path[MAX_URI + 2];
        size_t line_len;

        memset(path, 'a', sizeof(path));
        path[0] = '/';
        line_len = (size_t)snprintf(line, sizeof(line), "GET %.*s HTTP/1.1", (int)len, path);
        assert_int_equal(request_line_parse(slice_of(line, line_len), MAX_URI, &req),
                         len <= MAX_URI ? 0 : 414);
    }
}

static void hosts_are_names_or_addresses_with_or_without_a_port(void **state)
{
    static const struct {
        const char *host;
        bool is_valid;
    } rows[] = {
        {"", true},
        {"a", true},
        {"example.org", true},
        {"example.org:80", true},
        {"a:", true},
        {"a:65535", true},
        {"127.0.0.1", true},
        {"127.0.0.1:8080", true},
        {"[::1]", true},
        {"[::1]:80", true},
        {"[::ffff:1.2.3.4]", true},
        {"a_b-c.d~e", true},
        {"a!$&'()*+,;=", true},
        {"%e4%b8%ad", true},
        {":80", false},
        {"a:b", false},
        {"a:80:80", false},
        {"a:123456", false},
        {"a b", false},
        {"a/b", false},
        {"a?b", false},
        {"a#b", false},
        {"u@a", false},
        {"a\\b", false},
        {"[::1", false},
        {"::1", false},
        {"[]", false},
        {"[::1]a", false},
        {"[::1%25eth0]", false},
        {"[v1.a]", false},
        {"[a.example]", false},
        {"a\tb", false},
        {"a|b", false},
        {"a^b", false},
        {"a`b", false},
        {"<a>", false},
        {"\xe4\xb8\xad", false},
        {"a,b", true},
        {"a:-1", false},
        {"a:+1", false},
        {"a]", false},
        {"]", false},
        {"[[::1]]", false},
        {"\"a\"", false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (host_is_valid(slice_from_string(rows[i].host)) != rows[i].is_valid)
            fail_msg("'%s' is%s valid", rows[i].host, rows[i].is_valid ? "" : " not");
    }
    assert_false(host_is_valid(SLICE_LITERAL("a\0b")));
}

static void the_name_of_an_authority_has_no_port_and_no_final_dot(void **state)
{
    static const struct {
        const char *authority, *name;
    } rows[] = {
        {"", ""},           {"a", "a"},
        {"a:80", "a"},      {"a.", "a"},
        {"a.:80", "a"},     {".", "."},
        {"[::1]", "[::1]"}, {"[::1]:80", "[::1]"},
        {"a:", "a"},        {"1.2.3.4:5", "1.2.3.4"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice got = authority_name(slice_from_string(rows[i].authority));

        if (!slice_equal(got, slice_from_string(rows[i].name)))
            fail_msg("'%s' is '%.*s'", rows[i].authority, SLICE_PRINTF(got));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_lines_are_taken_apart),
        cmocka_unit_test(bad_lines_get_their_status),
        cmocka_unit_test(a_nul_byte_is_never_part_of_a_line),
        cmocka_unit_test(the_method_is_known_when_the_rest_is_refused),
        cmocka_unit_test(a_target_may_have_the_allowed_length_and_no_more),
        cmocka_unit_test(hosts_are_names_or_addresses_with_or_without_a_port),
        cmocka_unit_test(the_name_of_an_authority_has_no_port_and_no_final_dot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
