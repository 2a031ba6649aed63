/* SPDX-License-Identifier: MIT */
/* test_file_cache_bounds.c - how much is kept, what goes first, and memory that is short. */
#include "support/unit.h"

#include "file/file_cache.h"
#include "file/folder.h"
#include "file/path.h"
#include "support/fake_clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FILES 300

int __real_path_open(int root_fd, const char *path);
int __wrap_path_open(int root_fd, const char *path);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

static struct folder folder;
static struct file_cache *cache;
static unsigned opens;
static int64_t now_ms;
static int allocations_left = -1; /* -1: as many as are wanted */

int __wrap_path_open(int root_fd, const char *path)
{
    opens++;
    return __real_path_open(root_fd, path);
}

static bool may_allocate(void)
{
    if (allocations_left > 0)
        allocations_left--;
    return allocations_left != 0;
}

void *__wrap_malloc(size_t size)
{
    return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return may_allocate() ? __real_calloc(count, size) : NULL;
}

static void create(uint32_t max_entries, uint32_t max_open, uint64_t max_size)
{
    const struct file_cache_settings settings = {.valid_ms = 1000,
                                                 .max_entries = max_entries,
                                                 .max_open = max_open,
                                                 .max_size = max_size,
                                                 .max_file_size = 1000,
                                                 .headroom = 100};

    assert_int_equal(file_cache_create(&settings, &cache), 0);
}

/* s0 … of 500 bytes, which fit into memory, and d0 … of 2000, which do not. */
static int set_up_folder(void **state)
{
    char name[16];

    folder_init(&folder);
    for (int i = 0; i < FILES; i++) {
        (void)snprintf(name, sizeof(name), "s%d", i);
        folder_fill(&folder, name, 's', 500);
        (void)snprintf(name, sizeof(name), "d%d", i);
        folder_fill(&folder, name, 'd', 2000);
    }
    fake_clock_set(folder_ctime_ms(&folder, name) + 10000);
    return 0;
}

static int tear_down_folder(void **state)
{
    fake_clock_off();
    folder_done(&folder);
    return 0;
}

static int tear_down(void **state)
{
    allocations_left = -1;
    file_cache_destroy(cache);
    cache = NULL;
    return 0;
}

static int try_get(const char *path, struct open_file **ret_file)
{
    const struct file_root root = {.fd = folder.fd};

    return file_cache_get(cache, &root, slice_from_string(path), now_ms, ret_file);
}

static bool is_hit(char kind, int number)
{
    struct open_file *file;
    unsigned before = opens;
    char name[16];

    (void)snprintf(name, sizeof(name), "%c%d", kind, number);
    assert_int_equal(try_get(name, &file), 0);
    open_file_unref(file);
    return opens == before;
}

static void ask(char kind, int first, int end)
{
    for (int i = first; i < end; i++)
        (void)is_hit(kind, i);
}

/* Of those asked for last, newest first; looking does not make room for itself. */
static int count_kept(char kind, int end)
{
    int count = 0;

    while (count < end && is_hit(kind, end - 1 - count))
        count++;
    return count;
}

static void entries_are_bounded_and_the_oldest_goes(void **state)
{
    create(10, 100, 1 << 30);
    ask('s', 0, 10);
    assert_true(is_hit('s', 9));
    ask('s', 10, 11);
    assert_int_equal(count_kept('s', 11), 10);
}

static void bytes_are_bounded(void **state)
{
    create(1000, 100, 10000);
    ask('s', 0, 100);
    assert_in_range(count_kept('s', 100), 5, 10000 / 600);
    /* What alone is too much is served, and not kept. */
    file_cache_destroy(cache);
    create(1000, 100, 600);
    assert_false(is_hit('s', 0));
    assert_false(is_hit('s', 0));
    file_cache_destroy(cache);
    create(1000, 100, 0);
    assert_false(is_hit('d', 0));
    assert_false(is_hit('d', 0));
}

static void descriptors_are_bounded(void **state)
{
    unsigned before = open_descriptors();

    create(1000, 4, 1 << 30);
    ask('d', 0, 100);
    assert_int_equal(open_descriptors(), before + 4);
    assert_int_equal(count_kept('d', 100), 4);
    /* Small ones do not count for that, and stay. */
    ask('s', 0, 100);
    assert_int_equal(count_kept('s', 100), 100);
    assert_int_equal(open_descriptors(), before + 4);
    file_cache_destroy(cache);
    create(1000, 0, 1 << 30);
    assert_false(is_hit('d', 0));
    assert_false(is_hit('d', 0));
    assert_int_equal(open_descriptors(), before);
}

static void a_scan_does_not_flush_what_is_in_use(void **state)
{
    create(50, 100, 1 << 30);
    ask('s', 0, 20);
    ask('s', 0, 20); /* a second time: these are wanted */
    ask('s', 20, FILES);
    for (int i = 0; i < 20; i++)
        assert_true(is_hit('s', i));
}

/* What was in use fills the bytes or the descriptors; then others are in use. */
static void a_few_new_entries_in_use_find_their_place(void **state)
{
    for (int i = 0; i < 2; i++) {
        char kind = i == 0 ? 's' : 'd';

        create(1000, 10, 10000);
        ask(kind, 0, 9);
        ask(kind, 0, 9);
        ask(kind, 0, 9);
        now_ms += 10;
        for (int round = 0; round < 2; round++) {
            (void)is_hit(kind, 100);
            (void)is_hit(kind, 101);
        }
        assert_true(is_hit(kind, 100) && is_hit(kind, 101));
        file_cache_destroy(cache);
        cache = NULL;
    }
}

static void what_is_wanted_no_more_goes_in_the_end(void **state)
{
    create(50, 100, 1 << 30);
    ask('s', 0, 50);
    ask('s', 0, 50);
    now_ms += 120000;
    ask('s', 100, 140);
    for (int i = 100; i < 140; i++)
        assert_true(is_hit('s', i));
    assert_false(is_hit('s', 0));
}

static void nothing_is_kept_with_0_entries(void **state)
{
    struct open_file *file;

    create(0, 100, 1 << 30);
    assert_false(is_hit('s', 0));
    assert_false(is_hit('s', 0));
    assert_int_equal(try_get("s0", &file), 0);
    assert_true(open_file_is_unshared(file));
    open_file_unref(file);
    assert_false(file_cache_trim(cache));
}

static void one_entry_is_enough_to_work(void **state)
{
    create(1, 1, 1 << 30);
    for (int i = 0; i < 10; i++) {
        (void)is_hit('s', i);
        assert_true(is_hit('s', i));
        (void)is_hit('d', i);
        assert_true(is_hit('d', i));
    }
}

static void many_entries_are_found_again(void **state)
{
    create(1000, 1000, 1 << 30);
    ask('s', 0, FILES);
    ask('d', 0, FILES);
    for (int i = 0; i < FILES; i++)
        assert_true(is_hit('s', i) && is_hit('d', i));
}

static void trimming_throws_out_half(void **state)
{
    int kept = 0;

    create(1000, 1000, 1 << 30);
    ask('s', 0, 100);
    assert_true(file_cache_trim(cache));
    for (int i = 99; i >= 0 && is_hit('s', i); i--)
        kept++;
    assert_int_equal(kept, 50);
}

/* Every allocation fails once: the error is told, or the answer is right, and nothing leaks. */
static void memory_may_fail_at_any_call(void **state)
{
    struct open_file *file = NULL;
    unsigned descriptors;
    int n = 0;
    int err;

    create(1000, 1000, 1 << 30);
    ask('s', 1, FILES); /* the table has to grow soon */
    file_cache_destroy(cache);
    descriptors = open_descriptors();
    do {
        create(1000, 1000, 1 << 30);
        ask('s', 1, 257);
        allocations_left = ++n;
        err = try_get("s0", &file);
        allocations_left = -1;
        if (err == 0) {
            assert_int_equal(file->size, 500);
            open_file_unref(file);
        } else {
            assert_int_equal(err, -ENOMEM);
        }
        assert_int_equal(try_get("s0", &file), 0);
        open_file_unref(file);
        file_cache_destroy(cache);
        assert_int_equal(open_descriptors(), descriptors);
    } while (n < 10);
    assert_int_equal(err, 0);
    for (allocations_left = n = 1; n < 4; allocations_left = ++n) {
        const struct file_cache_settings settings = {.valid_ms = 0};

        err = file_cache_create(&settings, &cache);
        assert_int_equal(err, n < 3 ? -ENOMEM : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(entries_are_bounded_and_the_oldest_goes, tear_down),
        cmocka_unit_test_teardown(bytes_are_bounded, tear_down),
        cmocka_unit_test_teardown(descriptors_are_bounded, tear_down),
        cmocka_unit_test_teardown(a_scan_does_not_flush_what_is_in_use, tear_down),
        cmocka_unit_test_teardown(a_few_new_entries_in_use_find_their_place, tear_down),
        cmocka_unit_test_teardown(what_is_wanted_no_more_goes_in_the_end, tear_down),
        cmocka_unit_test_teardown(nothing_is_kept_with_0_entries, tear_down),
        cmocka_unit_test_teardown(one_entry_is_enough_to_work, tear_down),
        cmocka_unit_test_teardown(many_entries_are_found_again, tear_down),
        cmocka_unit_test_teardown(trimming_throws_out_half, tear_down),
        cmocka_unit_test_teardown(memory_may_fail_at_any_call, tear_down),
    };

    return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
