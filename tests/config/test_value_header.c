/* SPDX-License-Identifier: MIT */
/* test_value_header.c - names and values that become lines of a head. */
#include "support/unit.h"

#include "config/config_report.h"
#include "config/value_header.h"

#include <stdlib.h>
#include <string.h>

static struct site_config site;
static struct config_report report;

static int tear_down(void **state)
{
    headers_free(&site);
    free(site.cache_control);
    site = (struct site_config){.root = NULL};
    report_done(&report);
    report = (struct config_report){.messages = NULL};
    return 0;
}

static void set(const char *key, const char *text)
{
    struct config_value value = {.text = slice_from_string(text), .place = {.file = "test"}};

    value.row = schema_find(SLICE_LITERAL("server"), slice_from_string(key), &value.member);
    assert_non_null(value.row);
    value_store(&value, &report, &site);
}

static void names_are_spelled_as_usual(void **state)
{
    static const struct {
        const char *key, *name;
    } rows[] = {
        {"header.x-frame-options", "X-Frame-Options"},
        {"header.content-security-policy", "Content-Security-Policy"},
        {"header.x-xss-protection", "X-XSS-Protection"},
        {"header.cdn-cache-control", "CDN-Cache-Control"},
        {"header.a", "A"},
        {"header.x--y1z", "X--Y1z"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        set(rows[i].key, "1");
        assert_int_equal(site.header_count, i + 1);
        assert_string_equal(site.headers[i].name, rows[i].name);
    }
    assert_int_equal(report.error_count, 0);
    assert_false(site.headers[1].is_of_file);
    assert_true(site.headers[3].is_of_file);
}

static void the_same_name_replaces_and_nothing_unsets(void **state)
{
    set("header.x-a", "1");
    set("header.x-b", "2");
    set("header.x-a", " 3 ");
    assert_int_equal(site.header_count, 2);
    assert_string_equal(site.headers[0].value, "3");
    set("header.x-b", "");
    assert_string_equal(site.headers[1].value, "");
    assert_int_equal(report.error_count, 0);
}

static void what_the_server_says_itself_and_bad_texts_are_refused(void **state)
{
    static const struct {
        const char *key, *value, *part;
    } rows[] = {
        {"header.content-length", "1", "Content-Length is a field that the server sets itself"},
        {"header.etag", "\"x\"", "ETag is a field"},
        {"header.transfer-encoding", "", "Transfer-Encoding is a field"},
        {"header.vary", "*", "Vary is a field"},
        {"header.", "x", "is not a name of a header field"},
        {"header.x y", "x", "is not a name of a header field"},
        {"header.x(y", "x", "is not a name of a header field"},
        {"header.x-a", "a\nb", "printable ASCII"},
        {"header.x-a", "a\rb: c", "printable ASCII"},
        {"header.x-a", "\xc3\xa4", "printable ASCII"},
        {"header.x-a", "\x7f", "printable ASCII"},
        {"cache_control", "a\x01", "not valid"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        set(rows[i].key, rows[i].value);
        assert_int_equal(report.error_count, 1);
        if (!strstr(report.messages[0].text, rows[i].part))
            fail_msg("'%s' lacks '%s'", report.messages[0].text, rows[i].part);
        assert_int_equal(site.header_count, 0);
        tear_down(state);
    }
}

static void all_lines_together_are_bounded(void **state)
{
    char text[1000];
    char key[] = "header.x-a";

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (; key[9] < 'e'; key[9]++)
        set(key, text);
    assert_int_equal(report.error_count, 0);
    set(key, text);
    assert_int_equal(report.error_count, 1);
}

static void cache_control_is_off_auto_or_a_text(void **state)
{
    set("cache_control", "Auto");
    assert_string_equal(site.cache_control, "auto");
    set("cache_control", "max-age=60, public");
    assert_string_equal(site.cache_control, "max-age=60, public");
    set("cache_control", "off");
    assert_null(site.cache_control);
    assert_int_equal(report.error_count, 0);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_are_spelled_as_usual),
        TEST(the_same_name_replaces_and_nothing_unsets),
        TEST(what_the_server_says_itself_and_bad_texts_are_refused),
        TEST(all_lines_together_are_bounded),
        TEST(cache_control_is_off_auto_or_a_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
