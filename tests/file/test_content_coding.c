/* SPDX-License-Identifier: MIT */
/* test_content_coding.c - names and suffixes of codings. */
#include "support/unit.h"

#include "base/macros.h"
#include "file/content_coding.h"

static void names_are_found_in_any_letter_case(void **state)
{
    static const struct {
        const char *name;
        enum content_coding coding;
    } rows[] = {
        {"identity", CODING_IDENTITY},
        {"gzip", CODING_GZIP},
        {"GZip", CODING_GZIP},
        {"x-gzip", CODING_GZIP},
        {"zstd", CODING_ZSTD},
        {"br", CODING_BR},
        {"BR", CODING_BR},
        {"", CODING_COUNT},
        {"b", CODING_COUNT},
        {"brr", CODING_COUNT},
        {"*", CODING_COUNT},
        {"deflate", CODING_COUNT},
        {"x-br", CODING_COUNT},
        {"gz", CODING_COUNT},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(coding_from_name(slice_from_string(rows[i].name)), rows[i].coding);
}

static void every_coding_has_a_name_and_all_but_identity_a_suffix(void **state)
{
    for (unsigned i = 0; i < CODING_COUNT; i++) {
        enum content_coding coding = (enum content_coding)i;
        struct slice suffix = coding_suffix(coding);

        assert_int_equal(coding_from_name(coding_name(coding)), coding);
        if (coding == CODING_IDENTITY) {
            assert_int_equal(suffix.len, 0);
            continue;
        }
        assert_true(suffix.len > 1);
        assert_int_equal(suffix.data[0], '.');
        assert_int_equal(suffix.len, strlen(suffix.data));
        assert_int_equal(coding_name(coding).len, strlen(coding_name(coding).data));
    }
}

static void a_name_may_say_its_own_coding(void **state)
{
    static const struct {
        const char *path;
        enum content_coding coding;
    } rows[] = {
        {"a.svgz", CODING_GZIP},
        {"folder/A.SvGZ", CODING_GZIP},
        {".svgz", CODING_GZIP},
        {"a.svg", CODING_IDENTITY},
        {"svgz", CODING_IDENTITY},
        {"a.svgz/b", CODING_IDENTITY},
        {"a.svgz.gz", CODING_IDENTITY},
        {"a.gz", CODING_IDENTITY}, /* a file to keep, not to look into */
        {"", CODING_IDENTITY},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(coding_of_file(slice_from_string(rows[i].path)), rows[i].coding);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_in_any_letter_case),
        cmocka_unit_test(every_coding_has_a_name_and_all_but_identity_a_suffix),
        cmocka_unit_test(a_name_may_say_its_own_coding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
