/* SPDX-License-Identifier: MIT */
/* test_protocol.c - every reason to close has a word of its own. */
#include "support/unit.h"

#include "net/protocol.h"

#include <string.h>

static void every_reason_has_a_word_of_its_own(void **state)
{
    for (int why = 0; why < CLOSE_REASON_COUNT; why++) {
        const char *name = close_reason_name((enum close_reason)why);

        assert_non_null(name);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name)); /* for logs */
        for (int other = 0; other < why; other++)
            assert_string_not_equal(name, close_reason_name((enum close_reason)other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_has_a_word_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
