/* SPDX-License-Identifier: MIT */
/* test_credential_cache.c - what is remembered, and for how long. */
#include "support/unit.h"

#include "config/auth_file.h"
#include "handler/credential_cache.h"

#include <stdio.h>

static struct auth_users ours, theirs;
static const struct auth_user alice = {"alice", "", 1}, bob = {"bob", "", 2};

static int set_up(void **state)
{
    *state = credential_cache_create();
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    credential_cache_destroy(*state);
    return 0;
}

static void a_credential_is_of_one_file_and_lives_five_minutes(void **state)
{
    struct credential_cache *cache = *state;
    struct siphash_tag tag = credential_cache_tag(cache, SLICE_LITERAL("Basic YTpi"));
    struct siphash_tag other = credential_cache_tag(cache, SLICE_LITERAL("Basic YTpj"));

    assert_null(credential_cache_find(cache, tag, &ours, 1000));
    credential_cache_add(cache, tag, &ours, &alice, 1000);
    assert_ptr_equal(credential_cache_find(cache, tag, &ours, 1000), &alice);
    assert_null(credential_cache_find(cache, other, &ours, 1000));
    assert_null(credential_cache_find(cache, tag, &theirs, 1000));
    assert_ptr_equal(credential_cache_find(cache, tag, &ours, 1000 + CREDENTIAL_LIFETIME_MS - 1),
                     &alice);
    assert_null(credential_cache_find(cache, tag, &ours, 1000 + CREDENTIAL_LIFETIME_MS));
    credential_cache_add(cache, tag, &ours, &bob, 1000 + CREDENTIAL_LIFETIME_MS);
    assert_ptr_equal(credential_cache_find(cache, tag, &ours, 1000 + CREDENTIAL_LIFETIME_MS), &bob);
}

static void tags_differ_from_cache_to_cache(void **state)
{
    struct credential_cache *second = credential_cache_create();
    struct slice field = SLICE_LITERAL("Basic YTpi");

    assert_false(
        siphash_equal(credential_cache_tag(*state, field), credential_cache_tag(second, field)));
    credential_cache_destroy(second);
}

/* Which of them stay depends on the key; that the youngest of a set do does not. */
static void many_of_them_displace_the_oldest(void **state)
{
    struct credential_cache *cache = *state;
    unsigned found = 0;

    for (int64_t i = 0; i < 4 * CREDENTIALS_MAX; i++) {
        struct siphash_tag tag = {.low = (uint64_t)i, .high = (uint64_t)i};

        credential_cache_add(cache, tag, &ours, &alice, i);
    }
    for (int64_t i = 0; i < 4 * CREDENTIALS_MAX; i++) {
        struct siphash_tag tag = {.low = (uint64_t)i, .high = (uint64_t)i};
        bool is_there = credential_cache_find(cache, tag, &ours, 0) != NULL;

        assert_int_equal(is_there, i >= 3 * CREDENTIALS_MAX);
        found += is_there;
    }
    assert_int_equal(found, CREDENTIALS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_credential_is_of_one_file_and_lives_five_minutes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(tags_differ_from_cache_to_cache, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_of_them_displace_the_oldest, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
