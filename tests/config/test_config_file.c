/* SPDX-License-Identifier: MIT */
/* test_config_file.c - how iniparser is fed, where memory files or /proc are missing, and watched. */
#include "support/unit.h"

#include "config/config_file.h"
#include "config/config_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);
int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
const char *__real_iniparser_getstring(const void *pairs, const char *key, const char *none);
const char *__wrap_iniparser_getstring(const void *pairs, const char *key, const char *none);

static struct {
    bool no_memory_files, no_proc, lies;
} world;

int __wrap_memfd_create(const char *name, unsigned flags)
{
    if (!world.no_memory_files)
        return __real_memfd_create(name, flags);
    errno = ENOSYS;
    return -1;
}

int __wrap_access(const char *path, int mode)
{
    if (!world.no_proc || strncmp(path, "/proc/", 6) != 0)
        return __real_access(path, mode);
    errno = ENOENT;
    return -1;
}

const char *__wrap_iniparser_getstring(const void *pairs, const char *key, const char *none)
{
    if (!world.lies || strcmp(key, "server:workers") != 0)
        return __real_iniparser_getstring(pairs, key, none);
    return "7";
}

static int reset(void **state)
{
    memset(&world, 0, sizeof(world));
    return fixture_setup(state);
}

static void without_memory_files_a_temporary_one_serves(void **state)
{
    world.no_memory_files = true;
    assert_int_equal(fixture_load_good(*state, "workers = 3\n")->server.workers, 3);
}

static void without_proc_a_temporary_file_serves(void **state)
{
    world.no_proc = true;
    assert_int_equal(fixture_load_good(*state, "workers = 3\n")->server.workers, 3);
}

static void what_iniparser_reads_otherwise_is_an_error(void **state)
{
    struct config_fixture *fixture = *state;
    world.lies = true;
    assert_int_equal(fixture_load_text(fixture, "[server]\nroot = www\nworkers = 3\n"), -EINVAL);
    assert_string_equal(fixture->messages, "t.conf:3:11: iniparser reads \"7\" instead of \"3\"\n");
}

static void keys_are_counted_against_a_limit(void **state)
{
    struct config_report report = {.messages = NULL};
    struct config_entries entries;
    static char text[512 * 1024] = "[server]\n";
    size_t len = strlen(text);
    for (unsigned i = 0; i <= 20000; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "k%u = v\n", i);
    config_file_parse("t", slice_of(text, len), &report, &entries);
    assert_int_equal(entries.count, 20000);
    assert_int_equal(report.error_count, 1);
    assert_string_equal(report.messages[0].text, "t:20002:1: more than 20000 keys in a file");
    config_entries_done(&entries);
    report_done(&report);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_memory_files_a_temporary_one_serves),
        TEST(without_proc_a_temporary_file_serves),
        TEST(what_iniparser_reads_otherwise_is_an_error),
        TEST(keys_are_counted_against_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
