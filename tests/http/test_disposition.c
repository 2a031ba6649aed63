/* SPDX-License-Identifier: MIT */
/* test_disposition.c - which files are saved, and under which name. */
#include "support/unit.h"

#include "base/macros.h"
#include "http/disposition.h"

static char *patterns[] = {(char[]){"*.zip"}, (char[]){"/img/**"}};
static const struct site_config site = {.attachment = {.items = patterns, .count = 2}};

static void names_are_told_so_that_every_client_understands(void **state)
{
    static const struct {
        const char *path, *line;
    } rows[] = {
        {"a.zip", "Content-Disposition: attachment; filename=\"a.zip\"\r\n"},
        {"b/c d.zip", "Content-Disposition: attachment; filename=\"c d.zip\"\r\n"},
        {"img/x/y.png", "Content-Disposition: attachment; filename=\"y.png\"\r\n"},
        {"a.txt", ""},
        {"zip", ""},
        {"a\"b.zip",
         "Content-Disposition: attachment; filename=\"a_b.zip\"; filename*=UTF-8''a%22b.zip\r\n"},
        {"a\\b.zip",
         "Content-Disposition: attachment; filename=\"a_b.zip\"; filename*=UTF-8''a%5Cb.zip\r\n"},
        {"100%25.zip",
         "Content-Disposition: attachment; filename=\"100_25.zip\"; filename*=UTF-8''100%2525.zip\r\n"},
        {"\xc3\xa4.zip",
         "Content-Disposition: attachment; filename=\"__.zip\"; filename*=UTF-8''%C3%A4.zip\r\n"},
        {"a\r\nb.zip",
         "Content-Disposition: attachment; filename=\"a__b.zip\"; filename*=UTF-8''a%0D%0Ab.zip\r\n"},
    };
    char text[DISPOSITION_SIZE];

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct writer w = writer_on(text, sizeof(text));

        disposition_write(&w, &site, slice_from_string(rows[i].path));
        assert_false(w.overflow);
        if (!slice_equal(writer_content(&w), slice_from_string(rows[i].line)))
            fail_msg("%s: %.*s", rows[i].path, SLICE_PRINTF(writer_content(&w)));
    }
}

static void the_longest_name_fits(void **state)
{
    char name[255];
    char text[DISPOSITION_SIZE];
    struct writer w = writer_on(text, sizeof(text));

    memset(name, 0xe4, sizeof(name));
    memcpy(name + sizeof(name) - 4, ".zip", 4);
    disposition_write(&w, &site, slice_of(name, sizeof(name)));
    assert_false(w.overflow);
    assert_true(w.len > 3 * 251);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_told_so_that_every_client_understands),
        cmocka_unit_test(the_longest_name_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
