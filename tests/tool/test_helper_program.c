/* SPDX-License-Identifier: MIT */
/* test_helper_program.c - programs that are there, fail, or are not there. */
#include "support/unit.h"

#include "tool/helper_program.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>

static void what_is_waited_for_tells_its_end(void **state)
{
    assert_int_equal(helper_run((const char *const[]){"true", NULL}), 0);
    assert_int_equal(helper_run((const char *const[]){"false", NULL}), -EIO);
}

static void what_is_not_there_is_known_at_once(void **state)
{
    assert_int_equal(helper_run((const char *const[]){"no-such-program-here", NULL}), -ENOENT);
    assert_int_equal(helper_start((const char *const[]){"no-such-program-here", NULL}), -ENOENT);
}

static void what_is_started_is_no_child_of_ours(void **state)
{
    assert_int_equal(helper_start((const char *const[]){"true", NULL}), 0);
    assert_int_equal(waitpid(-1, NULL, 0), -1);
    assert_int_equal(errno, ECHILD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_waited_for_tells_its_end),
        cmocka_unit_test(what_is_not_there_is_known_at_once),
        cmocka_unit_test(what_is_started_is_no_child_of_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
