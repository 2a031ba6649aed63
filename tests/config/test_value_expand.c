/* SPDX-License-Identifier: MIT */
/* test_value_expand.c - variables in values, and the "$" that are none. */
#include "support/unit.h"

#include "config/value_expand.h"

#include <stdlib.h>
#include <string.h>

static const char *const environment[] = {
    "PORT=8080", "EMPTY=", "PORTS=a", "NESTED=${PORT}", "BAD=a\r\nX: \x01", "LATIN=caf\xe9", NULL};

static void expect(const char *text, const char *expected)
{
    struct config_report report = {.messages = NULL};
    char *value = value_expand(slice_from_string(text),
                               (struct config_place){.file = "t", .line = 3, .column = 5},
                               environment, &report);
    assert_int_equal(report.error_count, 0);
    assert_non_null(value);
    assert_string_equal(value, expected);
    free(value);
    report_done(&report);
}

static void variables_are_replaced(void **state)
{
    expect("${PORT}", "8080");
    expect("127.0.0.1:${PORT} [::1]:${PORT}", "127.0.0.1:8080 [::1]:8080");
    expect("${PORTS}${PORT}", "a8080");
    expect("x${EMPTY}y", "xy");
    expect("", "");
}

static void a_default_stands_in_for_what_is_missing_or_empty(void **state)
{
    expect("${NONE:-80}", "80");
    expect("${EMPTY:-80}", "80");
    expect("${PORT:-80}", "8080");
    expect("${NONE:-}", "");
    expect("${NONE:-a:-b $ {}", "a:-b $ {");
}

static void a_dollar_alone_is_a_dollar(void **state)
{
    expect("301 /new/$tail", "301 /new/$tail");
    expect("$", "$");
    expect("$PORT $$ $) a$", "$PORT $$ $) a$");
    expect("$${PORT}", "${PORT}");
    expect("$$${PORT}", "$${PORT}");
    expect("$${", "${");
}

static void a_value_is_not_looked_at_again(void **state)
{
    expect("${NESTED}", "${PORT}");
}

static void expect_error(const char *text, unsigned column, const char *part)
{
    char start[32];
    struct config_report report = {.messages = NULL};
    char *value = value_expand(slice_from_string(text),
                               (struct config_place){.file = "t", .line = 3, .column = 5},
                               environment, &report);
    assert_null(value);
    assert_int_equal(report.error_count, 1);
    (void)snprintf(start, sizeof(start), "t:3:%u: ", column);
    assert_memory_equal(report.messages[0].text, start, strlen(start));
    if (!strstr(report.messages[0].text, part))
        fail_msg("%s: %s", text, report.messages[0].text);
    report_done(&report);
}

static void mistakes_are_told_with_their_column(void **state)
{
    expect_error("${NONE}", 5, "no variable NONE in the environment");
    expect_error("ab ${NONE}", 8, "no variable NONE");
    expect_error("${PORT", 5, "without \"}\"");
    expect_error("${}", 5, "is no variable");
    expect_error("${1}", 5, "is no variable");
    expect_error("${PORT-80}", 5, "expected ${NAME} or ${NAME:-DEFAULT}");
    expect_error("${ PORT }", 5, "is no variable");
    expect_error("${A:-${PORT}}", 10, "a default cannot hold another variable");
    expect_error("${BAD}", 5, "holds control bytes");
    expect_error("${LATIN}", 5, "no UTF-8");
}

static void every_mistake_of_a_value_is_told(void **state)
{
    struct config_report report = {.messages = NULL};
    assert_null(value_expand(SLICE_LITERAL("${A} ${B} ${PORT}"), (struct config_place){.file = "t"},
                             environment, &report));
    assert_int_equal(report.error_count, 2);
    report_done(&report);
}

static void there_may_be_no_environment(void **state)
{
    assert_null(environment_find(NULL, SLICE_LITERAL("PORT")));
    assert_string_equal(environment_find(environment, SLICE_LITERAL("PORT")), "8080");
    assert_null(environment_find(environment, SLICE_LITERAL("POR")));
}

static void what_is_written_literally_expands_to_itself(void **state)
{
    static const char *const texts[] = {"",    "$",    "${",   "$${",      "$$${x",
                                        "a$b", "${A}", "$${A", "{${}$${}", NULL};
    for (size_t i = 0; texts[i]; i++) {
        char *written = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&written, &len);
        value_write_literal(texts[i], out);
        assert_int_equal(fclose(out), 0);
        expect(written, texts[i]);
        free(written);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_are_replaced),
        cmocka_unit_test(a_default_stands_in_for_what_is_missing_or_empty),
        cmocka_unit_test(a_dollar_alone_is_a_dollar),
        cmocka_unit_test(a_value_is_not_looked_at_again),
        cmocka_unit_test(mistakes_are_told_with_their_column),
        cmocka_unit_test(every_mistake_of_a_value_is_told),
        cmocka_unit_test(there_may_be_no_environment),
        cmocka_unit_test(what_is_written_literally_expands_to_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
