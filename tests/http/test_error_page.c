/* SPDX-License-Identifier: MIT */
/* test_error_page.c - every built-in page is whole, small and sound. */
#include "support/unit.h"

#include "http/error_page.h"
#include "http/request_id.h"
#include "http/status.h"

#include <stdio.h>
#include <stdlib.h>

static char *page_of(unsigned status)
{
    char *text = malloc(ERROR_PAGE_BUILTIN_SIZE + 1);
    struct writer w;

    assert_non_null(text);
    w = writer_on(text, ERROR_PAGE_BUILTIN_SIZE);
    error_page_write(&w, status, slice_of(NULL, 0));
    assert_false(w.overflow);
    text[w.len] = '\0';
    return text;
}

static void every_page_fits_and_names_its_status(void **state)
{
    for (unsigned status = 300; status < 600; status++) {
        char heading[128];
        char title[128];
        char *page;

        if (status_line(status).len == 0)
            continue;
        page = page_of(status);
        assert_true(strlen(page) < 1536);
        snprintf(heading, sizeof(heading), "<h1>%u</h1>", status);
        snprintf(title, sizeof(title), "<title>%u %s</title>", status, status_reason(status));
        assert_non_null(strstr(page, heading));
        assert_non_null(strstr(page, title));
        assert_true(strncmp(page, "<!DOCTYPE html>", 15) == 0);
        assert_non_null(strstr(page, "</html>\n"));
        free(page);
    }
}

static void a_page_is_for_phones_for_the_dark_and_for_itself(void **state)
{
    char *page = page_of(404);

    assert_non_null(strstr(page, "<meta charset=\"utf-8\">"));
    assert_non_null(strstr(page, "name=\"viewport\""));
    assert_non_null(strstr(page, "prefers-color-scheme:dark"));
    assert_non_null(strstr(page, "lang=\"en\""));
    assert_null(strstr(page, "src="));
    assert_null(strstr(page, "url("));
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "http:"));
    assert_null(strstr(page, "/0.")); /* no version */
    free(page);
}

static void pages_say_different_things(void **state)
{
    char *not_found = page_of(404);
    char *forbidden = page_of(403);
    char *teapot = page_of(418);
    char *strange = page_of(599);

    assert_non_null(strstr(not_found, "nothing at this address"));
    assert_non_null(strstr(forbidden, "permission"));
    assert_non_null(strstr(teapot, "cannot answer"));
    assert_non_null(strstr(strange, "failed to answer"));
    free(not_found);
    free(forbidden);
    free(teapot);
    free(strange);
}

/* RFC 9110 section 15.6.6. */
static void an_unknown_version_is_told_the_known_ones(void **state)
{
    char *page = page_of(505);

    assert_non_null(strstr(page, "HTTP/1.0 and HTTP/1.1"));
    free(page);
}

static void a_page_may_name_the_request(void **state)
{
    char text[ERROR_PAGE_BUILTIN_SIZE + 1], id[REQUEST_ID_SIZE_MAX];
    struct writer w = writer_on(text, ERROR_PAGE_BUILTIN_SIZE);
    char *plain = page_of(404);

    assert_null(strstr(plain, "request "));
    free(plain);
    error_page_write(&w, 404, SLICE_LITERAL("<0192f0c1>"));
    text[w.len] = '\0';
    assert_non_null(strstr(text, "<footer>TinyWeb, request &lt;0192f0c1&gt;</footer>"));
    memset(id, 'a', sizeof(id));
    for (unsigned status = 300; status < 600; status++) {
        w = writer_on(text, ERROR_PAGE_BUILTIN_SIZE);
        if (status_line(status).len > 0)
            error_page_write(&w, status, slice_of(id, sizeof(id)));
        assert_false(w.overflow);
    }
}

static void a_page_that_does_not_fit_says_so(void **state)
{
    char small[100];
    struct writer w = writer_on(small, sizeof(small));

    error_page_write(&w, 404, slice_of(NULL, 0));
    assert_true(w.overflow);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_fits_and_names_its_status),
        cmocka_unit_test(a_page_is_for_phones_for_the_dark_and_for_itself),
        cmocka_unit_test(pages_say_different_things),
        cmocka_unit_test(an_unknown_version_is_told_the_known_ones),
        cmocka_unit_test(a_page_may_name_the_request),
        cmocka_unit_test(a_page_that_does_not_fit_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
