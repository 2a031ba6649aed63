/* SPDX-License-Identifier: MIT */
/* test_kept_request.c - a copy has all, and nothing of what it was copied from. */
#include "support/unit.h"

#include "http/header_lines.h"
#include "http/kept_request.h"

#include <stdlib.h>
#include <string.h>

static void a_copy_needs_nothing_of_the_original(void **state)
{
    char bytes[] = "GET /a?b HTTP/1.1\r\nHost: x\r\n";
    char lines[] = "Host: x\nAccept: \nCookie: a=b";
    struct header_lines headers;
    struct request req;
    struct kept_request *kept;

    request_clear(&req);
    header_lines_read(&headers, lines);
    req.headers = headers.table;
    req.line = slice_of(bytes, 17);
    req.target = slice_of(bytes + 4, 4);
    req.path = slice_of(bytes + 4, 2);
    req.query = slice_of(bytes + 6, 2);
    req.host = slice_of(bytes + 25, 1);
    req.method = METHOD_GET;
    kept = kept_request_create(&req);
    assert_non_null(kept);
    memset(bytes, 'x', sizeof(bytes));
    memset(lines, 'x', sizeof(lines));
    memset(&headers, 0xff, sizeof(headers));

    assert_int_equal(kept->req.method, METHOD_GET);
    assert_true(slice_equal(kept->req.line, SLICE_LITERAL("GET /a?b HTTP/1.1")));
    assert_true(slice_equal(kept->req.target, SLICE_LITERAL("/a?b")));
    assert_true(slice_equal(kept->req.path, SLICE_LITERAL("/a")));
    assert_true(slice_equal(kept->req.query, SLICE_LITERAL("?b")));
    assert_true(slice_equal(kept->req.host, SLICE_LITERAL("x")));
    assert_int_equal(kept->req.headers.count, 3);
    assert_true(
        slice_equal(header_table_get(&kept->req.headers, HEADER_COOKIE), SLICE_LITERAL("a=b")));
    assert_true(header_table_has(&kept->req.headers, HEADER_ACCEPT));
    assert_int_equal(header_table_get(&kept->req.headers, HEADER_ACCEPT).len, 0);
    free(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_needs_nothing_of_the_original),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
