/* SPDX-License-Identifier: MIT */
/* test_sweep.c - what goes, and in which order. */
#include "support/unit.h"

#include "cache/sweep.h"
#include "support/scratch_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW 1700000000

static struct scratch_folder folder;

static int setup(void **state)
{
    scratch_init(&folder);
    scratch_directory(&folder, "00");
    scratch_directory(&folder, "7f");
    scratch_directory(&folder, "ff");
    return 0;
}

static int teardown(void **state)
{
    scratch_done(&folder);
    return 0;
}

static void add(const char *name, int64_t age_s)
{
    const struct timespec times[2] = {{.tv_sec = NOW - age_s}, {.tv_sec = NOW - age_s}};

    scratch_file(&folder, name, "x");
    assert_int_equal(utimensat(folder.fd, name, times, 0), 0);
}

static bool is_there(const char *name)
{
    return faccessat(folder.fd, name, F_OK, 0) == 0;
}

static void sweep_round(struct sweep *sweep, unsigned budget)
{
    unsigned steps = 0;

    while (!sweep_step(sweep, budget, NOW))
        assert_true(++steps < 100000);
}

static void a_round_counts_what_is_there(void **state)
{
    struct sweep sweep;

    add("00/a", 1);
    add("7f/b", 1);
    add("ff/c", 1);
    sweep_init(&sweep, folder.fd, UINT64_MAX, 0);
    sweep_round(&sweep, 1000);
    assert_int_equal(sweep.files, 3);
    assert_int_equal(sweep.bytes, 3 * 4096);
    sweep_round(&sweep, 1); /* one at a time gives the same */
    assert_int_equal(sweep.files, 3);
    assert_int_equal(sweep.removed, 0);
    sweep_done(&sweep);
}

static void what_nobody_asked_for_is_removed(void **state)
{
    struct sweep sweep;

    add("00/a", 3600);
    add("7f/b", 3601);
    sweep_init(&sweep, folder.fd, UINT64_MAX, 3600);
    sweep_round(&sweep, 7);
    assert_true(is_there("00/a"));
    assert_false(is_there("7f/b"));
    assert_int_equal(sweep.files, 1);
    assert_int_equal(sweep.removed, 1);
    sweep_done(&sweep);
}

static void above_the_limit_the_oldest_go_first(void **state)
{
    struct sweep sweep;
    char name[16];

    for (int i = 0; i < 20; i++) {
        (void)snprintf(name, sizeof(name), "%s/%02d", i % 2 ? "00" : "ff", i);
        add(name, 1 << i);
    }
    sweep_init(&sweep, folder.fd, 10 * 4096, 0);
    sweep_round(&sweep, 100);
    assert_int_equal(sweep.removed, 0); /* the first round only looks */
    sweep_round(&sweep, 100);
    assert_int_equal(sweep.removed, 11); /* down to nine tenths */
    assert_int_equal(sweep.files, 9);
    for (int i = 0; i < 20; i++) {
        (void)snprintf(name, sizeof(name), "%s/%02d", i % 2 ? "00" : "ff", i);
        assert_int_equal(is_there(name), i < 9);
    }
    sweep_round(&sweep, 100);
    assert_int_equal(sweep.removed, 11);
    sweep_done(&sweep);
}

static void of_those_of_one_age_no_more_go_than_have_to(void **state)
{
    struct sweep sweep;
    char name[16];

    for (int i = 0; i < 20; i++) {
        (void)snprintf(name, sizeof(name), "7f/%02d", i);
        add(name, 100);
    }
    sweep_init(&sweep, folder.fd, 10 * 4096, 0);
    sweep_round(&sweep, 100);
    sweep_round(&sweep, 100);
    assert_int_equal(sweep.files, 9);
    sweep_done(&sweep);
}

static void what_broken_off_writing_left_goes_but_not_what_is_being_written(void **state)
{
    struct sweep sweep;

    add("00/~1-1", SWEEP_LEFTOVER_S + 1);
    add("ff/~1-2", SWEEP_LEFTOVER_S);
    sweep_init(&sweep, folder.fd, UINT64_MAX, 1);
    sweep_round(&sweep, 100);
    assert_false(is_there("00/~1-1"));
    assert_true(is_there("ff/~1-2"));
    sweep_done(&sweep);
}

static void what_is_not_of_the_cache_stays(void **state)
{
    struct sweep sweep;

    scratch_directory(&folder, "00/folder");
    scratch_link(&folder, "00/link", "/etc/passwd");
    add("other", 1000000);
    sweep_init(&sweep, folder.fd, 0, 1);
    sweep_round(&sweep, 100);
    sweep_round(&sweep, 100);
    assert_int_equal(sweep.files, 0);
    assert_int_equal(sweep.removed, 0);
    assert_true(is_there("other"));
    sweep_done(&sweep);
}

static void a_folder_that_is_empty_or_gone_is_a_round_too(void **state)
{
    struct sweep sweep;

    assert_int_equal(unlinkat(folder.fd, "00", AT_REMOVEDIR), 0);
    sweep_init(&sweep, folder.fd, 0, 1);
    sweep_round(&sweep, 3);
    assert_int_equal(sweep.files, 0);
    (void)sweep_step(&sweep, 1, NOW); /* ends with a folder open */
    sweep_done(&sweep);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_round_counts_what_is_there),
        TEST(what_nobody_asked_for_is_removed),
        TEST(above_the_limit_the_oldest_go_first),
        TEST(of_those_of_one_age_no_more_go_than_have_to),
        TEST(what_broken_off_writing_left_goes_but_not_what_is_being_written),
        TEST(what_is_not_of_the_cache_stays),
        TEST(a_folder_that_is_empty_or_gone_is_a_round_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
