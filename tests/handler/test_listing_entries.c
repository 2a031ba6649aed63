/* SPDX-License-Identifier: MIT */
/* test_listing_entries.c - folders with all that a folder may hold. */
#include "support/unit.h"

#include "handler/listing_entries.h"
#include "support/scratch_folder.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static struct scratch_folder folder;
static struct listing_memory memory;
static struct listing_entries entries;

static int set_up(void **state)
{
    scratch_init(&folder);
    memory = (struct listing_memory){.max = 1 << 20};
    return 0;
}

static int tear_down(void **state)
{
    listing_entries_done(&entries);
    assert_int_equal(memory.used, 0);
    scratch_done(&folder);
    return 0;
}

static void read_all(const char *path, size_t limit)
{
    int result;

    assert_int_equal(listing_entries_open(&entries, folder.fd, path, limit, &memory), 0);
    do
        result = listing_entries_read(&entries, 3);
    while (result > 0);
    assert_int_equal(result, 0);
}

static const struct listing_entry *find(const char *name)
{
    for (size_t i = 0; i < entries.count; i++) {
        if (strcmp(entries.rows[i]->name, name) == 0)
            return entries.rows[i];
    }
    return NULL;
}

static void files_and_directories_are_seen(void **state)
{
    scratch_file(&folder, "a.txt", "12345");
    scratch_file(&folder, "b", "");
    scratch_directory(&folder, "dir");
    read_all("", 100);
    assert_int_equal(entries.count, 3);
    assert_int_equal(entries.directories, 1);
    assert_int_equal(entries.total_size, 5);
    assert_int_equal(find("a.txt")->size, 5);
    assert_int_equal(find("a.txt")->name_len, 5);
    assert_false(find("a.txt")->is_directory);
    assert_true(find("a.txt")->mtime > 0);
    assert_true(find("dir")->is_directory);
    assert_int_equal(find("dir")->size, 0);
    assert_false(entries.is_cut);
}

static void a_directory_below_is_read_by_its_path(void **state)
{
    scratch_directory(&folder, "dir");
    scratch_file(&folder, "dir/inner", "1");
    scratch_file(&folder, "outer", "1");
    scratch_link(&folder, "dir/up", "../outer");
    read_all("dir/", 100);
    assert_int_equal(entries.count, 2);
    assert_non_null(find("inner"));
    assert_non_null(find("up"));
}

static void hidden_names_are_left_out(void **state)
{
    scratch_file(&folder, ".env", "secret");
    scratch_directory(&folder, ".git");
    scratch_file(&folder, "..odd", "1");
    read_all("", 100);
    assert_int_equal(entries.count, 0);
}

static void links_are_what_they_lead_to_inside_of_the_root(void **state)
{
    scratch_file(&folder, "file", "123");
    scratch_directory(&folder, "dir");
    scratch_link(&folder, "to-file", "file");
    scratch_link(&folder, "to-dir", "dir");
    scratch_link(&folder, "dangling", "nowhere");
    scratch_link(&folder, "loop", "loop");
    scratch_link(&folder, "absolute", "/etc/passwd");
    scratch_link(&folder, "out", "../../etc/passwd");
    read_all("", 100);
    assert_int_equal(entries.count, 4);
    assert_int_equal(find("to-file")->size, 3);
    assert_true(find("to-dir")->is_directory);
}

static void what_is_no_file_is_left_out(void **state)
{
    assert_int_equal(mkfifoat(folder.fd, "fifo", 0600), 0);
    scratch_link(&folder, "to-fifo", "fifo");
    read_all("", 100);
    assert_int_equal(entries.count, 0);
}

static void names_that_are_not_utf8_are_told_apart(void **state)
{
    scratch_file(&folder, "latin\xe9", "1");
    scratch_file(&folder, "utf8\xc3\xa9", "1");
    read_all("", 100);
    assert_false(find("latin\xe9")->is_utf8);
    assert_true(find("utf8\xc3\xa9")->is_utf8);
    listing_entries_done(&entries);

    assert_int_equal(listing_entries_open(&entries, folder.fd, "", 100, &memory), 0);
    entries.only_utf8 = true;
    assert_int_equal(listing_entries_read(&entries, 100), 0);
    assert_int_equal(entries.count, 1);
}

static void make_files(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "file-%u", i);
        scratch_file(&folder, name, "x");
    }
}

static void the_limit_cuts_and_says_so(void **state)
{
    make_files(10);
    read_all("", 10);
    assert_int_equal(entries.count, 10);
    assert_false(entries.is_cut);
    listing_entries_done(&entries);
    read_all("", 9);
    assert_int_equal(entries.count, 9);
    assert_true(entries.is_cut);
}

static void a_step_reads_no_more_than_it_is_told(void **state)
{
    make_files(100);
    assert_int_equal(listing_entries_open(&entries, folder.fd, "", 1000, &memory), 0);
    assert_int_equal(listing_entries_read(&entries, 10), 1);
    assert_in_range(entries.count, 8, 10); /* "." and ".." may be among them */
}

static void memory_is_counted_and_bounded(void **state)
{
    int result;

    make_files(1000);
    read_all("", 1000);
    assert_in_range(memory.used, 1000 * 40, 1000 * 100);
    listing_entries_done(&entries);
    assert_int_equal(memory.used, 0);

    memory.max = 30 * 1024;
    assert_int_equal(listing_entries_open(&entries, folder.fd, "", 1000, &memory), 0);
    do
        result = listing_entries_read(&entries, 100);
    while (result > 0);
    assert_int_equal(result, -ENOMEM);
    assert_in_range(memory.used, 1, 30 * 1024);
}

static void what_is_no_directory_is_an_error(void **state)
{
    scratch_file(&folder, "file", "1");
    assert_int_equal(listing_entries_open(&entries, folder.fd, "none/", 10, &memory), -ENOENT);
    listing_entries_done(&entries);
    assert_int_equal(listing_entries_open(&entries, folder.fd, "file", 10, &memory), -ENOTDIR);
    listing_entries_done(&entries);
    assert_int_equal(listing_entries_open(&entries, folder.fd, "..", 10, &memory), -EXDEV);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_and_directories_are_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_directory_below_is_read_by_its_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hidden_names_are_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_are_what_they_lead_to_inside_of_the_root, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_that_are_not_utf8_are_told_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_limit_cuts_and_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_step_reads_no_more_than_it_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_is_counted_and_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_directory_is_an_error, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
