/* SPDX-License-Identifier: MIT */
/* test_value_origin.c - lists of origins. */
#include "support/unit.h"

#include "base/macros.h"
#include "config/config_report.h"
#include "config/config_value.h"
#include "config/value_list.h"

static void only_what_browsers_send_is_an_origin(void **state)
{
    static const struct {
        const char *text;
        size_t count; /* 0: a mistake */
    } rows[] = {
        {"*", 1},
        {"null", 1},
        {"https://example.org", 1},
        {"http://localhost:3000 https://a.b", 2},
        {"http://[::1]:8080", 1},
        {"moz-extension://4a", 1},
        {"* https://a.b", 0},
        {"https://a.b *", 0},
        {"https://a.b/", 0},
        {"https://a.b/path", 0},
        {"https://A.b", 0},
        {"https://", 0},
        {"https:", 0},
        {"://a", 0},
        {"a.b", 0},
        {"https://a b", 0},
        {"https://*.a.b", 0},
        {"https://user@a.b", 0},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct site_config site = {.root = NULL};
        struct config_report report = {.messages = NULL};
        struct config_value value = {.text = slice_from_string(rows[i].text),
                                     .place = {.file = "test"}};

        value.row = schema_find(SLICE_LITERAL("server"), SLICE_LITERAL("cors"), &value.member);
        value_store(&value, &report, &site);
        if ((report.error_count == 0) != (rows[i].count > 0) || site.cors.count != rows[i].count)
            fail_msg("%s: %u errors, %zu origins", rows[i].text, report.error_count,
                     site.cors.count);
        value.text = SLICE_LITERAL("off");
        value_store(&value, &report, &site);
        assert_int_equal(site.cors.count, 0);
        report_done(&report);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_what_browsers_send_is_an_origin)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
