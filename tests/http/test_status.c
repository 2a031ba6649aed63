/* SPDX-License-Identifier: MIT */
/* test_status.c - reason phrases, status lines, and who has content. */
#include "support/unit.h"

#include "base/macros.h"
#include "http/status.h"

#include <stdio.h>

static void reasons_are_those_of_the_registry(void **state)
{
    static const struct {
        unsigned status;
        const char *reason;
    } rows[] = {
        {100, "Continue"},
        {200, "OK"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
        {511, "Network Authentication Required"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(status_reason(rows[i].status), rows[i].reason);
}

static void a_status_line_says_what_its_row_says(void **state)
{
    unsigned known = 0;

    for (unsigned status = 0; status < 1200; status++) {
        struct slice line = status_line(status);
        char expected[128];

        if (line.len == 0) {
            assert_string_equal(status_reason(status), "Unknown");
            continue;
        }
        known++;
        assert_in_range(status, 100, 599);
        snprintf(expected, sizeof(expected), "HTTP/1.1 %u %s\r\n", status, status_reason(status));
        assert_true(slice_equal(line, slice_from_string(expected)));
    }
    assert_true(known >= 40);
    assert_int_equal(status_line(UINT32_MAX).len, 0);
}

static void some_answers_never_have_content(void **state)
{
    static const unsigned without[] = {100, 101, 103, 199, 204, 304};
    static const unsigned with[] = {200, 201, 206, 301, 303, 400, 404, 416, 500, 505};

    for (size_t i = 0; i < COUNT_OF(without); i++)
        assert_false(status_has_content(without[i]));
    for (size_t i = 0; i < COUNT_OF(with); i++)
        assert_true(status_has_content(with[i]));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_are_those_of_the_registry),
        cmocka_unit_test(a_status_line_says_what_its_row_says),
        cmocka_unit_test(some_answers_never_have_content),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
