/* SPDX-License-Identifier: MIT */
/* test_config_caches.c - caches for the answers of upstreams, beside the one for files. */
#include "support/unit.h"

#include "config/config_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void a_cache_with_a_name_is_another_than_the_one_without(void **state)
{
    const struct config *config = fixture_load_good(
        *state, "[cache Main]\npath = /var/cache/a\nmax_size = 2g\nerrors = 5s\n"
                "key_add = X-Device, Accept\npurge = off\n"
                "[cache]\nmax_size = 3m\n"
                "[cache second]\npath = b\n");
    const struct reply_cache_config *first = &config->reply_caches[0];
    const struct reply_cache_config *second = &config->reply_caches[1];

    assert_int_equal(config->reply_cache_count, 2);
    assert_true(config->cache.max_size == 3 << 20);
    assert_string_equal(first->name, "main");
    assert_string_equal(first->path, "/var/cache/a");
    assert_true(first->max_size == 2ULL << 30);
    assert_int_equal(first->errors_ms, 5000);
    assert_int_equal(first->key_add.count, 2);
    assert_string_equal(first->key_add.items[0], "X-Device");
    assert_int_equal(first->purge.count, 0);

    assert_int_equal(second->path[0], '/'); /* made absolute */
    assert_true(second->max_size == 1ULL << 30);
    assert_true(second->min_free == 256ULL << 20);
    assert_int_equal(second->inactive_ms, 3600 * 1000);
    assert_int_equal(second->lock_timeout_ms, 5000);
    assert_int_equal(second->lock_age_ms, 30000);
    assert_int_equal(second->fill_rest_ms, 30000);
    assert_false(second->heuristic || second->cache_cookies || second->obeys_clients);
    assert_int_equal(second->purge.count, 2);
}

static void what_is_printed_reads_back(void **state)
{
    struct config_fixture *fixture = *state;
    static const char text[] = "[cache main]\npath = /var/cache/a\nkey_add = X-A, X-B\n";
    char *printed = NULL;
    size_t len;
    FILE *out = open_memstream(&printed, &len);

    assert_int_equal(config_print(fixture_load_good(fixture, text), out), 0);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(printed, "[cache main]"));
    assert_non_null(strstr(printed, "key_add = X-A X-B"));
    if (fixture_load_text(fixture, printed) != 0)
        fail_msg("%s\n%s", printed, fixture->messages);
    assert_string_equal(fixture->config->reply_caches[0].path, "/var/cache/a");
    free(printed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_cache_with_a_name_is_another_than_the_one_without),
        TEST(what_is_printed_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
