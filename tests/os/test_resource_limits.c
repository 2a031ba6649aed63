/* SPDX-License-Identifier: MIT */
/* test_resource_limits.c - the limit of open files, without the right to raise the hard one. */
#include "support/unit.h"

#include "os/resource_limits.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>

#define HARD 500
#define SOFT 100

/* Of open files; sanitizers use these calls for limits of their own. */
static struct rlimit current;
static bool may_raise;

int __wrap_getrlimit(int resource, struct rlimit *ret_limit);
int __wrap_setrlimit(int resource, const struct rlimit *limit);
int __real_getrlimit(int resource, struct rlimit *ret_limit);
int __real_setrlimit(int resource, const struct rlimit *limit);

int __wrap_getrlimit(int resource, struct rlimit *ret_limit)
{
    if (resource != RLIMIT_NOFILE)
        return __real_getrlimit(resource, ret_limit);
    *ret_limit = current;
    return 0;
}

int __wrap_setrlimit(int resource, const struct rlimit *limit)
{
    if (resource != RLIMIT_NOFILE)
        return __real_setrlimit(resource, limit);
    if (limit->rlim_cur > limit->rlim_max) {
        errno = EINVAL;
        return -1;
    }
    if (limit->rlim_max > current.rlim_max && !may_raise) {
        errno = EPERM;
        return -1;
    }
    current = *limit;
    return 0;
}

static int set_up(void **state)
{
    current = (struct rlimit){.rlim_cur = SOFT, .rlim_max = HARD};
    may_raise = false;
    return 0;
}

static void without_a_wish_it_is_the_hard_limit(void **state)
{
    uint64_t limit;

    assert_int_equal(limits_set_open_files(0, &limit), 0);
    assert_int_equal(limit, HARD);
    assert_int_equal(current.rlim_cur, HARD);
}

static void a_lower_wish_leaves_the_hard_limit_alone(void **state)
{
    uint64_t limit;

    assert_int_equal(limits_set_open_files(300, &limit), 0);
    assert_int_equal(limit, 300);
    assert_int_equal(current.rlim_cur, 300);
    assert_int_equal(current.rlim_max, HARD);
    assert_int_equal(limits_open_files(), 300);
    assert_int_equal(limits_set_open_files(400, &limit), 0); /* so a reload can have more */
    assert_int_equal(limit, 400);
}

static void a_higher_wish_ends_at_the_hard_limit(void **state)
{
    uint64_t limit;

    assert_int_equal(limits_set_open_files(1000, &limit), 0);
    assert_int_equal(limit, HARD);
    assert_int_equal(current.rlim_cur, HARD);
}

static void the_privileged_get_what_they_wish(void **state)
{
    uint64_t limit;

    may_raise = true;
    assert_int_equal(limits_set_open_files(1000, &limit), 0);
    assert_int_equal(limit, 1000);
    assert_int_equal(current.rlim_max, 1000);
}

#define TEST(function) cmocka_unit_test_setup(function, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_wish_it_is_the_hard_limit),
        TEST(a_lower_wish_leaves_the_hard_limit_alone),
        TEST(a_higher_wish_ends_at_the_hard_limit),
        TEST(the_privileged_get_what_they_wish),
    };

    return cmocka_run_group_tests_name("resource_limits", tests, NULL, NULL);
}
