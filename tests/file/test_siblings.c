/* SPDX-License-Identifier: MIT */
/* test_siblings.c - siblings of files in a temporary tree, and how often the disk is asked. */
#include "support/unit.h"

#include "file/content_coding.h"
#include "file/path.h"
#include "file/sibling_names.h"
#include "file/siblings.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define GZIP BIT(CODING_GZIP)
#define ZSTD BIT(CODING_ZSTD)
#define BR BIT(CODING_BR)
#define VALID_MS 1000

static char base[64];
static int root_fd;
static struct siblings *siblings;
static unsigned opens;
static bool is_out_of_memory;

int __real_path_open(int fd, const char *path);
int __wrap_path_open(int fd, const char *path);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

int __wrap_path_open(int fd, const char *path)
{
    opens++;
    return __real_path_open(fd, path);
}

void *__wrap_malloc(size_t size)
{
    return is_out_of_memory ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_out_of_memory ? NULL : __real_calloc(count, size);
}

static void make_file(const char *name)
{
    int fd = openat(root_fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

    assert_int_not_equal(fd, -1);
    (void)close(fd);
}

static void make_folder(const char *name)
{
    assert_int_equal(mkdirat(root_fd, name, 0755), 0);
}

/* As of long ago, so that the directory does not count as changing. */
static void pause_for_stamps(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 150000000}, NULL);
}

static int set_up(void **state)
{
    const struct siblings_settings settings = {.valid_ms = VALID_MS, .hash_seed = 4711};

    (void)snprintf(base, sizeof(base), "/tmp/tinyweb-siblings-XXXXXX");
    assert_non_null(mkdtemp(base));
    root_fd = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_int_not_equal(root_fd, -1);
    assert_int_equal(siblings_create(&settings, &siblings), 0);
    make_file("plain.txt");
    make_file("all.js");
    make_file("all.js.br");
    make_file("all.js.gz");
    make_file("all.js.zst");
    make_file("one.css");
    make_file("one.css.gz");
    make_folder("folder");
    make_folder("folder/deep");
    make_file("folder/deep/a.svg");
    make_file("folder/deep/a.svg.br");
    make_folder("folder/b.txt.gz"); /* no file */
    make_file("folder/b.txt");
    make_file(".gz");
    opens = 0;
    return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static int tear_down(void **state)
{
    is_out_of_memory = false;
    siblings_destroy(siblings);
    (void)close(root_fd);
    return nftw(base, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static unsigned find_at(const char *path, int64_t now_ms)
{
    return siblings_find(siblings, &(struct file_root){.fd = root_fd}, slice_from_string(path),
                         now_ms);
}

static void siblings_are_found_by_their_suffix(void **state)
{
    static const struct {
        const char *path;
        unsigned expected;
    } rows[] = {{"plain.txt", 0},    {"all.js", BR | GZIP | ZSTD}, {"one.css", GZIP},
                {"all.js.br", 0},    {"folder/deep/a.svg", BR},    {"folder/b.txt", 0},
                {"none", 0},         {"no/folder/a.txt", 0},       {"folder/deep/a.sv", 0},
                {"folder/all.js", 0}};

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(find_at(rows[i].path, 0), rows[i].expected);
}

static void a_directory_is_looked_at_once_for_all_its_files(void **state)
{
    char name[32];

    for (int i = 0; i < 1000; i++) {
        (void)snprintf(name, sizeof(name), "file-%d.txt", i);
        assert_int_equal(find_at(name, VALID_MS - 1), 0);
    }
    assert_int_equal(opens, 1);
    assert_int_equal(find_at("all.js", VALID_MS - 1 + VALID_MS - 1), BR | GZIP | ZSTD);
    assert_int_equal(opens, 1);
    assert_int_equal(find_at("all.js", VALID_MS - 1 + VALID_MS), BR | GZIP | ZSTD);
    assert_int_equal(opens, 2);
}

static void what_comes_and_goes_is_seen_when_the_list_is_due(void **state)
{
    pause_for_stamps();
    assert_int_equal(find_at("plain.txt", 0), 0);
    make_file("plain.txt.zst");
    assert_int_equal(unlinkat(root_fd, "all.js.br", 0), 0);
    assert_int_equal(find_at("plain.txt", VALID_MS - 1), 0);
    assert_int_equal(find_at("plain.txt", VALID_MS), ZSTD);
    assert_int_equal(find_at("all.js", VALID_MS), GZIP | ZSTD);
}

static void a_change_within_one_tick_of_the_clock_is_seen(void **state)
{
    for (int i = 1; i < 20; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "new-%d.gz", i);
        make_file(name);
        name[strlen(name) - 3] = '\0';
        assert_int_equal(find_at(name, (int64_t)i * VALID_MS), GZIP);
    }
}

static void a_directory_that_is_gone_or_closed_has_none(void **state)
{
    assert_int_equal(find_at("folder/deep/a.svg", 0), BR);
    assert_int_equal(renameat(root_fd, "folder/deep", root_fd, "moved"), 0);
    assert_int_equal(find_at("folder/deep/a.svg", VALID_MS), 0);
    assert_int_equal(find_at("moved/a.svg", VALID_MS), BR);
}

static void in_a_huge_directory_each_file_is_asked_for(void **state)
{
    char name[32];

    make_folder("huge");
    for (int i = 0; i < SIBLING_NAMES_ENTRIES_MAX; i++) {
        (void)snprintf(name, sizeof(name), "huge/%d", i);
        make_file(name);
    }
    make_file("huge/7.br");
    make_folder("huge/8.gz");
    assert_int_equal(find_at("huge/7", 0), BR);
    assert_int_equal(find_at("huge/8", 0), 0);
    assert_int_equal(opens, 1 + 2 * 3);
    assert_int_equal(find_at("all.js", 0), BR | GZIP | ZSTD);
}

static void many_directories_are_bounded_and_still_right(void **state)
{
    char name[32];

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 1500; i++) {
            (void)snprintf(name, sizeof(name), "d%d", i);
            if (round == 0)
                make_folder(name);
            (void)snprintf(name, sizeof(name), "d%d/x.gz", i);
            if (round == 0)
                make_file(name);
            (void)snprintf(name, sizeof(name), "d%d/x", i);
            assert_int_equal(find_at(name, 0), GZIP);
        }
    }
    assert_int_equal(opens, 3000);
    assert_int_equal(find_at("d1499/x", 0), GZIP);
    assert_int_equal(opens, 3000);
    siblings_trim(siblings);
    assert_int_equal(find_at("d1499/x", 0), GZIP);
    assert_int_equal(opens, 3001);
}

static void without_memory_each_file_is_asked_for(void **state)
{
    struct siblings *other;

    is_out_of_memory = true;
    assert_int_equal(find_at("all.js", 0), BR | GZIP | ZSTD);
    assert_int_equal(find_at("plain.txt", 0), 0);
    assert_int_equal(siblings_create(&(struct siblings_settings){.valid_ms = 0}, &other), -ENOMEM);
    is_out_of_memory = false;
    opens = 0;
    assert_int_equal(find_at("all.js", 0), BR | GZIP | ZSTD);
    assert_int_equal(opens, 1);
}

static void a_long_path_has_none(void **state)
{
    char path[5000];

    memset(path, 'a', sizeof(path));
    assert_int_equal(siblings_find(siblings, &(struct file_root){.fd = root_fd},
                                   slice_of(path, sizeof(path)), 0),
                     0);
    assert_int_equal(
        siblings_find(siblings, &(struct file_root){.fd = root_fd}, slice_of(path, 4095), 0), 0);
    assert_int_equal(
        siblings_find(siblings, &(struct file_root){.fd = root_fd}, slice_of(path, 4092), 0), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(siblings_are_found_by_their_suffix),
        TEST(a_directory_is_looked_at_once_for_all_its_files),
        TEST(what_comes_and_goes_is_seen_when_the_list_is_due),
        TEST(a_change_within_one_tick_of_the_clock_is_seen),
        TEST(a_directory_that_is_gone_or_closed_has_none),
        TEST(in_a_huge_directory_each_file_is_asked_for),
        TEST(many_directories_are_bounded_and_still_right),
        TEST(without_memory_each_file_is_asked_for),
        TEST(a_long_path_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
