/* SPDX-License-Identifier: MIT */
/*
 * test_config_schema.c - the table of directives holds together.
 *
 * With --print it prints the table instead, for tests/check_directives.sh.
 */
#include "support/unit.h"

#include "config/config.h"
#include "config/config_report.h"
#include "config/config_schema.h"
#include "config/config_value.h"
#include "config/directive_text.h"
#include "config/ini_scanner.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Large enough for whatever a row describes. */
union record {
    struct config config;
    struct site_config site;
    struct host_config host;
    struct location_config location;
};

static struct config_report store(const struct directive *row, const char *text,
                                  union record *record)
{
    struct config_report report = {.messages = NULL};
    struct config_value value = {
        .row = row,
        .text = slice_from_string(text),
        .place = {.file = "test"},
        .base_dir = "/",
    };
    value_store(&value, &report, record);
    return report;
}

static void every_default_is_a_good_value(void **state)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const struct directive *row = schema_row(i);
        if (!row->def)
            continue;
        union record record = {.config = {.path = NULL}};
        struct config_report report = store(row, row->def, &record);
        if (report.error_count > 0)
            fail_msg("%s.%s: %s", row->section, row->key, report.messages[0].text);
        report_done(&report);
        value_free(row, &record);
    }
}

/* The limits themselves are in, what lies beyond is out. */
static void ranges_are_inclusive(void **state)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const struct directive *row = schema_row(i);
        bool is_number = row->type == CFG_COUNT || row->type == CFG_SIZE ||
                         row->type == CFG_DURATION;
        if (!is_number)
            continue;
        assert_true(row->min < row->max);
        assert_true(row->size == 8 || row->max <= UINT32_MAX);
        char text[DIRECTIVE_TEXT_SIZE];
        union record record = {.config = {.path = NULL}};
        for (unsigned step = 0; step < 4; step++) {
            uint64_t value = step < 2 ? row->min - step : row->max + (step - 2);
            bool is_in = value >= row->min && value <= row->max;
            if (row->min == 0 && step == 1)
                continue;
            directive_number(row->type, value, text);
            struct config_report report = store(row, text, &record);
            if ((report.error_count == 0) != is_in)
                fail_msg("%s.%s = %s", row->section, row->key, text);
            report_done(&report);
        }
    }
}

static void names_are_found_and_unique(void **state)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const struct directive *row = schema_row(i);
        struct slice member;
        assert_ptr_equal(schema_row(schema_index(row)), row);
        assert_true(strlen(row->key) < INI_NAME_MAX);
        assert_true(schema_has_section(slice_from_string(row->section)));
        const struct directive *found = schema_find(slice_from_string(row->section),
                                                    slice_from_string(row->key), &member);
        assert_ptr_equal(found, row);
        assert_int_equal(member.len > 0, directive_is_family(row));
        for (const char *c = row->key; *c && *c != '.'; c++)
            assert_true(islower((unsigned char)*c) || *c == '_');
    }
}

static void a_member_of_a_family_is_found_with_its_name(void **state)
{
    struct slice member, server = SLICE_LITERAL("server");
    const struct directive *row = schema_find(server, SLICE_LITERAL("error_page.404"), &member);
    assert_non_null(row);
    assert_int_equal(row->type, CFG_ERROR_PAGES);
    assert_true(slice_equal(member, SLICE_LITERAL("404")));

    row = schema_find(server, SLICE_LITERAL("log_level"), &member);
    assert_int_equal(row->type, CFG_LOG_LEVEL);
    assert_int_equal(member.len, 0);
    assert_int_equal(schema_find(server, SLICE_LITERAL("log_level.a.b"), &member)->type,
                     CFG_MODULE_LEVELS);
    assert_null(schema_find(server, SLICE_LITERAL("root.x"), &member));
    assert_null(schema_find(SLICE_LITERAL("mime"), SLICE_LITERAL("root"), &member));
    assert_null(schema_find(server, SLICE_LITERAL(""), &member));
}

static void misspelled_names_get_a_suggestion(void **state)
{
    struct slice server = SLICE_LITERAL("server");
    assert_string_equal(schema_suggest_section(SLICE_LITERAL("servers")), "server");
    assert_string_equal(schema_suggest_key(server, SLICE_LITERAL("keep_alive_timeout")),
                        "keepalive_timeout");
    assert_string_equal(schema_suggest_key(server, SLICE_LITERAL("error_page")), "error_page.NNN");
    assert_string_equal(schema_suggest_key(server, SLICE_LITERAL("errorpage.404")),
                        "error_page.NNN");
    assert_null(schema_suggest_key(server, SLICE_LITERAL("ssl_certificate")));
    assert_string_equal(schema_other_section(server, SLICE_LITERAL("cache_valid")), "cache");
    assert_null(schema_other_section(server, SLICE_LITERAL("root")));
}

static void every_row_says_what_it_is(void **state)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const struct directive *row = schema_row(i);
        char expected[DIRECTIVE_TEXT_SIZE];
        directive_expected(row, expected);
        assert_true(strlen(expected) > 0 && strlen(expected) < DIRECTIVE_TEXT_SIZE - 1);
        assert_true(strlen(directive_type_name(row->type)) > 0);
        assert_non_null(row->help);
        assert_int_equal(row->help[strlen(row->help) - 1], '.');
        assert_null(strpbrk(row->help, "\t\n"));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_is_a_good_value),
        cmocka_unit_test(ranges_are_inclusive),
        cmocka_unit_test(names_are_found_and_unique),
        cmocka_unit_test(a_member_of_a_family_is_found_with_its_name),
        cmocka_unit_test(misspelled_names_get_a_suggestion),
        cmocka_unit_test(every_row_says_what_it_is),
    };
    if (argc == 2 && strcmp(argv[1], "--print") == 0) {
        config_print_schema(stdout);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
