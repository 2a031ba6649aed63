/* SPDX-License-Identifier: MIT */
/* test_file_cache.c - what is found again, for how long, and how much is kept. */
#include "support/unit.h"

#include "base/hash.h"
#include "file/file_cache.h"
#include "file/folder.h"
#include "file/path.h"
#include "support/fake_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int __real_path_open(int root_fd, const char *path);
int __wrap_path_open(int root_fd, const char *path);
uint64_t __real_hash_bytes(uint64_t seed, struct slice bytes);
uint64_t __wrap_hash_bytes(uint64_t seed, struct slice bytes);

static struct folder folder;
static struct file_cache *cache;
static unsigned opens; /* looks at the disk */
static int open_errors[8];
static unsigned open_error_count;
static bool all_hashes_are_equal;

int __wrap_path_open(int root_fd, const char *path)
{
    opens++;
    if (open_error_count > 0)
        return open_errors[--open_error_count];
    return __real_path_open(root_fd, path);
}

uint64_t __wrap_hash_bytes(uint64_t seed, struct slice bytes)
{
    return all_hashes_are_equal ? 7 : __real_hash_bytes(seed, bytes);
}

static struct file_cache_settings usual_settings(void)
{
    return (struct file_cache_settings){.valid_ms = 1000,
                                        .max_entries = 10,
                                        .max_open = 4,
                                        .max_size = 1024 * 1024,
                                        .max_file_size = 1000,
                                        .headroom = 100};
}

static void create(const struct file_cache_settings *settings)
{
    file_cache_destroy(cache);
    assert_int_equal(file_cache_create(settings, &cache), 0);
}

static int set_up(void **state)
{
    struct file_cache_settings settings;

    folder_init(&folder);
    folder_write(&folder, "a", "content of a");
    folder_fill(&folder, "large", 'l', 2000);
    fake_clock_set(folder_ctime_ms(&folder, "large") + 10000);
    settings = usual_settings();
    cache = NULL;
    create(&settings);
    opens = open_error_count = 0;
    return 0;
}

static int tear_down(void **state)
{
    file_cache_destroy(cache);
    all_hashes_are_equal = false;
    fake_clock_off();
    folder_done(&folder);
    return 0;
}

static int try_get(const char *path, int64_t now_ms, struct open_file **ret_file)
{
    const struct file_root root = {.fd = folder.fd};

    return file_cache_get(cache, &root, slice_from_string(path), now_ms, ret_file);
}

static struct open_file *get(const char *path, int64_t now_ms)
{
    struct open_file *file;

    assert_int_equal(try_get(path, now_ms, &file), 0);
    return file;
}

/* True when it was there without a look at the disk. */
static bool is_hit(const char *path, int64_t now_ms)
{
    unsigned before = opens;

    open_file_unref(get(path, now_ms));
    return opens == before;
}

static void check_content(const char *path, int64_t now_ms, const char *content)
{
    struct open_file *file = get(path, now_ms);

    assert_true(slice_equal(slice_of(file->body, file->size), slice_from_string(content)));
    open_file_unref(file);
}

static void a_valid_entry_costs_no_look_at_the_disk(void **state)
{
    struct open_file *first = get("a", 5000);
    struct open_file *second = get("a", 5999);

    assert_ptr_equal(first, second);
    assert_int_equal(opens, 1);
    open_file_unref(first);
    open_file_unref(second);
    assert_true(is_hit("a", 5999));
    /* One look when its time is over, and it is valid again. */
    first = get("a", 6000);
    assert_ptr_equal(first, second);
    assert_int_equal(opens, 2);
    open_file_unref(first);
    assert_true(is_hit("a", 6999));
    assert_false(is_hit("a", 7000));
}

static void valid_for_0_means_a_look_at_every_request(void **state)
{
    struct file_cache_settings settings = usual_settings();
    struct open_file *first;

    settings.valid_ms = 0;
    create(&settings);
    first = get("a", 5000);
    assert_false(is_hit("a", 5000));
    assert_false(is_hit("a", 5000));
    folder_write(&folder, "a", "changed text");
    check_content("a", 5000, "changed text");
    open_file_unref(first);
}

static void a_changed_file_is_new_after_its_time(void **state)
{
    struct open_file *old = get("a", 5000);

    folder_write(&folder, "a", "CONTENT OF A");
    check_content("a", 5999, "content of a"); /* trusted as long as was said */
    check_content("a", 6000, "CONTENT OF A");
    folder_replace(&folder, "a", "replaced");
    check_content("a", 6999, "CONTENT OF A");
    check_content("a", 7000, "replaced");
    /* Who still sends the old one sends it as it was. */
    assert_memory_equal(old->body, "content of a", 12);
    open_file_unref(old);
    folder_fill(&folder, "a", 'l', 3000);
    old = get("a", 8000);
    assert_int_not_equal(old->fd, -1);
    assert_int_equal(old->size, 3000);
    open_file_unref(old);
}

/* Two edits within one tick of the kernel's clock leave the same times. */
static void a_file_edited_twice_in_one_moment_is_seen_at_last(void **state)
{
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    struct stat st;

    folder_write(&folder, "a", "first  edit!");
    assert_int_equal(utimensat(folder.fd, "a", times, 0), 0);
    fake_clock_set(folder_ctime_ms(&folder, "a"));
    check_content("a", 5000, "first  edit!");
    folder_write(&folder, "a", "second edit!");
    assert_int_equal(utimensat(folder.fd, "a", times, 0), 0);
    assert_int_equal(fstatat(folder.fd, "a", &st, 0), 0);
    fake_clock_advance(1000);
    check_content("a", 6000, "second edit!");
    /* Old enough by now: from here on its times are believed. */
    fake_clock_advance(1000);
    opens = 0;
    open_file_unref(get("a", 7000));
    assert_in_range(opens, 1, 2);
}

static void a_deleted_file_is_gone_after_its_time(void **state)
{
    struct open_file *file = NULL;

    open_file_unref(get("a", 5000));
    folder_remove(&folder, "a");
    assert_true(is_hit("a", 5999));
    assert_int_equal(try_get("a", 6000, &file), -ENOENT);
    /* A miss is not remembered. */
    folder_write(&folder, "a", "again");
    check_content("a", 6000, "again");
}

static void what_is_no_file_is_told_and_not_kept(void **state)
{
    static char long_path[5000];
    struct open_file *file = NULL;

    assert_int_equal(mkdirat(folder.fd, "folder", 0755), 0);
    assert_int_equal(try_get("folder", 0, &file), -EISDIR);
    assert_int_equal(opens, 1);
    assert_int_equal(try_get("folder/", 0, &file), -EISDIR);
    assert_int_equal(try_get("", 0, &file), -EISDIR);
    assert_int_equal(try_get("a/", 0, &file), -EISDIR);
    assert_int_equal(opens, 1);
    memset(long_path, 'a', sizeof(long_path) - 1);
    assert_int_equal(try_get(long_path, 0, &file), -ENAMETOOLONG);
    assert_int_equal(opens, 1);
    assert_int_equal(try_get("missing", 0, &file), -ENOENT);
    assert_null(file);
}

static void entries_that_share_a_hash_are_told_apart(void **state)
{
    all_hashes_are_equal = true;
    folder_write(&folder, "b", "content of b");
    folder_write(&folder, "c", "content of c");
    for (int i = 0; i < 2; i++) {
        check_content("a", 5000, "content of a");
        check_content("b", 5000, "content of b");
        check_content("c", 5000, "content of c");
    }
    assert_int_equal(opens, 3);
    folder_remove(&folder, "b");
    folder_write(&folder, "a", "CONTENT OF A");
    check_content("c", 6000, "content of c");
    check_content("a", 6000, "CONTENT OF A");
    check_content("c", 6000, "content of c");
}

static void hits_and_misses_are_counted(void **state)
{
    static counter hits, misses;
    struct file_cache_settings settings = usual_settings();
    struct open_file *file;

    settings.hits = &hits;
    settings.misses = &misses;
    create(&settings);
    (void)is_hit("a", 0);
    (void)is_hit("a", 0);
    (void)is_hit("a", 2000); /* compared, and the same */
    (void)try_get("missing", 0, &file);
    assert_int_equal(counter_get(&hits), 2);
    assert_int_equal(counter_get(&misses), 2);
}

static void a_file_in_use_outlives_its_entry_and_the_cache(void **state)
{
    struct open_file *file = get("a", 5000);
    struct open_file *large = get("large", 5000);

    assert_true(open_file_is_unshared(file));
    open_file_ref(file);
    assert_false(open_file_is_unshared(file));
    open_file_unref(file);
    assert_true(file_cache_trim(cache));
    assert_true(file_cache_trim(cache));
    assert_false(file_cache_trim(cache));
    assert_true(open_file_is_unshared(file));
    file_cache_destroy(cache);
    cache = NULL;
    assert_memory_equal(file->body, "content of a", 12);
    assert_int_equal(fcntl(large->fd, F_GETFD), FD_CLOEXEC);
    open_file_unref(file);
    open_file_unref(large);
}

static void short_of_descriptors_the_cache_gives_one_back(void **state)
{
    struct open_file *file = NULL;

    open_file_unref(get("large", 5000));
    open_errors[0] = -EMFILE;
    open_error_count = 1;
    check_content("a", 5000, "content of a");
    assert_false(is_hit("large", 5000)); /* it was that one's */
    /* No entry holds any: then it cannot be helped. */
    assert_true(file_cache_trim(cache));
    (void)file_cache_trim(cache);
    open_errors[0] = -EMFILE;
    open_error_count = 1;
    assert_int_equal(try_get("a", 5000, &file), -EMFILE);
    assert_null(file);
    open_errors[0] = open_errors[1] = -EMFILE;
    open_file_unref(get("large", 5000));
    open_error_count = 2;
    assert_int_equal(try_get("a", 5000, &file), -EMFILE);
    assert_null(file);
    check_content("a", 5000, "content of a");
}

static void short_of_descriptors_what_is_held_is_served_on(void **state)
{
    check_content("a", 5000, "content of a");
    open_errors[0] = -ENFILE;
    open_error_count = 1;
    check_content("a", 60000, "content of a"); /* could not be looked at */
    open_errors[0] = -ENOENT;
    open_error_count = 1;
    check_content("a", 120000, "content of a"); /* gone for a moment: opened anew */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_valid_entry_costs_no_look_at_the_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(valid_for_0_means_a_look_at_every_request, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_changed_file_is_new_after_its_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_edited_twice_in_one_moment_is_seen_at_last, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_deleted_file_is_gone_after_its_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_told_and_not_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(entries_that_share_a_hash_are_told_apart, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(hits_and_misses_are_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_in_use_outlives_its_entry_and_the_cache, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(short_of_descriptors_the_cache_gives_one_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(short_of_descriptors_what_is_held_is_served_on, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
