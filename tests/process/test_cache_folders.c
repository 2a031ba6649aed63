/* SPDX-License-Identifier: MIT */
/* test_cache_folders.c - folders that are made, given away, or refused. */
#include "support/unit.h"

#include "process/cache_folders.h"
#include "support/scratch_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct trouble trouble = {0}; /* of a running server: to the log alone */
static struct scratch_folder scratch;
static char path[128];
static struct reply_cache_config cache = {.path = path};
static struct config config = {.reply_caches = &cache, .reply_cache_count = 1};

static int setup(void **state)
{
    scratch_init(&scratch);
    (void)snprintf(path, sizeof(path), "%s/a/b/cache", scratch.path);
    return 0;
}

static int teardown(void **state)
{
    scratch_done(&scratch);
    return 0;
}

static void what_is_missing_is_made_and_can_be_written_to(void **state)
{
    struct cache_folders folders;

    assert_int_equal(cache_folders_open(&folders, &config, NULL, &trouble), 0);
    assert_int_equal(folders.count, 1);
    assert_int_equal(mkdirat(folders.fds[0], "00", 0700), 0);
    cache_folders_close(&folders);
    assert_int_equal(cache_folders_open(&folders, &config, NULL, &trouble), 0);
    assert_int_equal(faccessat(folders.fds[0], "00", F_OK, 0), 0);
    cache_folders_close(&folders);
}

static void what_is_made_belongs_to_the_workers(void **state)
{
    const struct identity identity = {.uid = 12345, .gid = 12346, .user = "somebody"};
    struct cache_folders folders;
    struct stat status;

    if (!priv_is_root())
        skip();
    assert_int_equal(cache_folders_open(&folders, &config, &identity, &trouble), 0);
    cache_folders_close(&folders);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_uid, 12345);
    assert_int_equal(status.st_gid, 12346);
    assert_int_equal(status.st_mode & 0777, 0700);
    /* Those above it are not. */
    path[strlen(path) - strlen("/cache")] = '\0';
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_uid, 0);
}

static void what_others_have_made_stays_theirs(void **state)
{
    const struct identity identity = {.uid = 12345, .gid = 12346, .user = "somebody"};
    struct cache_folders folders;
    struct stat status;

    (void)snprintf(path, sizeof(path), "%s", scratch.path);
    assert_int_equal(chmod(path, 0700), 0);
    assert_int_equal(cache_folders_open(&folders, &config, &identity, &trouble), -EACCES);
    cache_folders_close(&folders);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_uid, getuid());

    assert_int_equal(chmod(path, 0777), 0);
    assert_int_equal(cache_folders_open(&folders, &config, &identity, &trouble), 0);
    cache_folders_close(&folders);
}

static void what_cannot_be_a_folder_is_told(void **state)
{
    struct cache_folders folders;

    scratch_file(&scratch, "a", "x");
    assert_int_equal(cache_folders_open(&folders, &config, NULL, &trouble), -ENOTDIR);
    cache_folders_close(&folders);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_missing_is_made_and_can_be_written_to),
        TEST(what_is_made_belongs_to_the_workers),
        TEST(what_others_have_made_stays_theirs),
        TEST(what_cannot_be_a_folder_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
