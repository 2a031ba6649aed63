/* SPDX-License-Identifier: MIT */
/* test_foreign_key.c - words of other servers, and none of ours. */
#include "support/unit.h"

#include "config/config_schema.h"
#include "config/foreign_key.h"

static void words_of_other_servers_are_known_in_any_case(void **state)
{
    assert_string_equal(foreign_key_remedy(SLICE_LITERAL("autoindex")), "here it is listing = on");
    assert_string_equal(foreign_key_remedy(SLICE_LITERAL("DocumentRoot")), "here it is root");
    assert_non_null(foreign_listen_remedy(SLICE_LITERAL("ssl")));
    assert_null(foreign_key_remedy(SLICE_LITERAL("zebra")));
    assert_null(foreign_key_remedy(SLICE_LITERAL("")));
    assert_null(foreign_listen_remedy(SLICE_LITERAL("8080")));
}

/* A key of ours is never sent elsewhere. */
static void no_directive_is_foreign(void **state)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const char *key = schema_row(i)->key;

        if (foreign_key_remedy(slice_from_string(key)))
            fail_msg("%s", key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_other_servers_are_known_in_any_case),
        cmocka_unit_test(no_directive_is_foreign),
    };

    return cmocka_run_group_tests_name("foreign_key", tests, NULL, NULL);
}
