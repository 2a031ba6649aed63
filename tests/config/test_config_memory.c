/* SPDX-License-Identifier: MIT */
/* test_config_memory.c - each allocation of a load fails once: an error, no crash, no leak. */
#include "support/unit.h"

#include "config/config_fixture.h"

#include <errno.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);

/* Counts down; the allocation that makes it 0 fails. Negative: none does. */
static long until_failure = -1;

static bool fails(void)
{
    if (until_failure < 0)
        return false;
    return until_failure-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return fails() ? NULL : __real_realloc(block, size);
}

static void ignore(void *context, const struct config_mistake *mistake)
{
    (void)context;
    (void)mistake;
}

/* Returns how many allocations there were. */
static long load_with_failures(const char *path)
{
    static const struct config_override overrides[] = {{"server.listen=8080 8081", "-g"}};
    static const char *const environment[] = {"TINYWEB_HOST_H_LISTING=on",
                                              "TINYWEB_SERVER_WORKER=1", "FILES=*.d", NULL};
    const struct config_source source = {
        .environment = environment, .path = path, .overrides = overrides, .override_count = 1};
    for (long n = 0;; n++) {
        struct config *config = NULL;
        until_failure = n;
        int err = config_load(&source, &(struct config_reporter){.report = ignore}, &config);
        bool has_failed = until_failure < 0;
        until_failure = -1;
        config_free(config);
        if (!has_failed)
            return n;
        if (err != -ENOMEM)
            fail_msg("allocation %ld: %d", n, err);
    }
}

static void each_failure_ends_a_good_load(void **state)
{
    fixture_write_text("m.types", "types { a/b c d; include n.types; }");
    fixture_write_text("n.types", "e/f g\n");
    fixture_write_text("e.html", "x");
    fixture_write_text("b.d", "[server]\nworkers = 1\ninclude = c\n");
    fixture_write_text("c", "[server]\nworkers = ${NONE:-2}\n");
    fixture_write_text(
        "t.conf",
        "[server]\ninclude = ${FILES} c\nroot = www\nindex = a b\nerror_page.404 = e.html\n"
        "error_page.500 = /later\naccess_log = log\nlog_level.net = debug\n"
        "[mime]\ninclude = m.types\ncharset = x\n"
        "[host h]\nserver_name = a *.b default\n"
        "[location l]\nhost = h\nprefix = /l\nerror_page.404 =\n"
        "[location m]\nglob = *.x\nroot = www\n");
    assert_true(load_with_failures("t.conf") > 100);
}

static void each_failure_ends_a_bad_load(void **state)
{
    fixture_write_text("t.conf", "[server]\nrot = www\nlisten = x y\nworkers = \"1\n[mim]\nx\n");
    assert_true(load_with_failures("t.conf") > 50);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_failure_ends_a_good_load),
        TEST(each_failure_ends_a_bad_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
