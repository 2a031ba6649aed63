/* SPDX-License-Identifier: MIT */
/* test_file_text.c - files read whole, up to a limit. */
#include "support/unit.h"

#include "config/config_fixture.h"
#include "config/file_text.h"

#include <errno.h>
#include <stdlib.h>

static void a_file_up_to_the_limit_is_read_whole(void **state)
{
    char *text = NULL;
    size_t len = 0;
    fixture_write_text("f", "12345");
    assert_int_equal(file_text_read("f", 5, &text, &len), 0);
    assert_int_equal(len, 5);
    assert_string_equal(text, "12345");
    free(text);
    assert_int_equal(file_text_read("f", 4, &text, &len), -EFBIG);
    assert_int_equal(file_text_read(".", 4, &text, &len), -EISDIR);
    assert_int_equal(file_text_read("g", 4, &text, &len), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_up_to_the_limit_is_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
