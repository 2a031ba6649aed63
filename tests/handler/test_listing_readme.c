/* SPDX-License-Identifier: MIT */
/* test_listing_readme.c - which file it is, and how much of it is shown. */
#include "support/unit.h"

#include "handler/listing_readme.h"
#include "support/scratch_folder.h"

#include <stdlib.h>

static struct scratch_folder folder;
static struct listing_readme readme;
static struct listing_entry *made[16];
static size_t made_count;

static int set_up(void **state)
{
    scratch_init(&folder);
    return 0;
}

static int tear_down(void **state)
{
    listing_readme_done(&readme);
    readme.text = NULL;
    while (made_count > 0)
        free(made[--made_count]);
    scratch_done(&folder);
    return 0;
}

static struct listing_entry *make_entry(const char *name, bool is_directory)
{
    size_t len = strlen(name);
    struct listing_entry *entry = malloc(sizeof(*entry) + len + 1);

    assert_true(made_count < COUNT_OF(made));
    *entry = (struct listing_entry){.name_len = (uint16_t)len, .is_directory = is_directory};
    memcpy(entry->name, name, len + 1);
    made[made_count++] = entry;
    return entry;
}

static void expect_choice(const char *first, const char *second, const char *expected)
{
    const struct listing_entry *a = listing_readme_choose(NULL, make_entry(first, false));
    const struct listing_entry *best = listing_readme_choose(a, make_entry(second, false));

    if (expected)
        assert_string_equal(best->name, expected);
    else
        assert_null(best);
}

static void the_markdown_is_preferred(void **state)
{
    expect_choice("README.md", "README.txt", "README.md");
    expect_choice("README.txt", "readme.md", "readme.md");
    expect_choice("README", "readme.TXT", "readme.TXT");
    expect_choice("other", "ReadMe", "ReadMe");
    expect_choice("README.md", "other", "README.md");
    expect_choice("README.html", "AREADME.md", NULL);
    assert_null(listing_readme_choose(NULL, make_entry("README.md", true)));
    assert_null(listing_readme_choose(NULL, NULL));
}

static void read_it(const char *path)
{
    listing_readme_done(&readme);
    listing_readme_read(&readme, make_entry("README.md", false), folder.fd, path);
}

static void its_text_is_read(void **state)
{
    scratch_directory(&folder, "dir");
    scratch_file(&folder, "dir/README.md", "h\xc3\xa9llo");
    read_it("dir/");
    assert_true(slice_equal(readme.name, SLICE_LITERAL("README.md")));
    assert_true(slice_equal(slice_of(readme.text, readme.len), SLICE_LITERAL("h\xc3\xa9llo")));
    assert_false(readme.is_cut);
}

static void a_long_one_is_cut_between_characters(void **state)
{
    char *text = malloc(2 * LISTING_README_MAX);

    for (size_t i = 0; i + 3 < 2 * LISTING_README_MAX; i += 3)
        memcpy(text + i, "\xe4\xb8\xad", 4);
    scratch_file(&folder, "README.md", text);
    free(text);
    read_it("");
    assert_true(readme.is_cut);
    assert_int_equal(readme.len, LISTING_README_MAX / 3 * 3);
}

static void what_is_no_text_is_not_shown(void **state)
{
    read_it("");
    assert_int_equal(readme.name.len, 0); /* none is there */
    scratch_file(&folder, "README.md", "");
    read_it("");
    assert_int_equal(readme.name.len, 0);
    scratch_file(&folder, "README.md", "latin \xe9, and more");
    read_it("");
    assert_int_equal(readme.name.len, 0);
    assert_null(readme.text);
    listing_readme_read(&readme, NULL, folder.fd, "");
    assert_int_equal(readme.name.len, 0);
}

static void one_that_leads_out_of_the_root_is_not_shown(void **state)
{
    scratch_link(&folder, "README.md", "/etc/passwd");
    read_it("");
    assert_int_equal(readme.name.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_markdown_is_preferred, set_up, tear_down),
        cmocka_unit_test_setup_teardown(its_text_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_one_is_cut_between_characters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_text_is_not_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_leads_out_of_the_root_is_not_shown, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
