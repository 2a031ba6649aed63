/* SPDX-License-Identifier: MIT */
/* test_suggestion.c - edit distance, and when a word is near enough to be suggested. */
#include "support/unit.h"

#include "base/macros.h"
#include "config/suggestion.h"

static unsigned distance(const char *a, const char *b)
{
    return suggestion_distance(slice_from_string(a), slice_from_string(b));
}

static void distance_counts_single_edits(void **state)
{
    static const struct {
        const char *a, *b;
        unsigned expected;
    } rows[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"listen", "listen", 0},
        {"LISTEN", "listen", 0},
        {"lisen", "listen", 1},
        {"listenn", "listen", 1},
        {"lixten", "listen", 1},
        {"lsiten", "listen", 1},
        {"ab", "ba", 1},
        {"ca", "abc", 3},
        {"kitten", "sitting", 3},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(distance(rows[i].a, rows[i].b), rows[i].expected);
        assert_int_equal(distance(rows[i].b, rows[i].a), rows[i].expected);
    }
}

static void words_that_are_too_long_are_never_near(void **state)
{
    char word[SUGGESTION_WORD_MAX + 2];
    memset(word, 'a', sizeof(word));
    struct slice longest = slice_of(word, SUGGESTION_WORD_MAX);
    struct slice too_long = slice_of(word, SUGGESTION_WORD_MAX + 1);

    assert_int_equal(suggestion_distance(longest, longest), 0);
    assert_int_equal(suggestion_distance(longest, SLICE_LITERAL("")), SUGGESTION_WORD_MAX);
    assert_int_equal(suggestion_distance(too_long, longest), SUGGESTION_WORD_MAX + 1);
}

static const char *suggest(const char *word)
{
    static const char *const known[] = {"root",    "listen",   "index",
                                        "workers", "max_size", "max_file_size"};
    struct suggestion suggestion = {.word = slice_from_string(word)};
    for (size_t i = 0; i < COUNT_OF(known); i++)
        suggestion_try(&suggestion, slice_from_string(known[i]), known[i]);
    return suggestion.best;
}

static void the_nearest_word_is_suggested(void **state)
{
    assert_string_equal(suggest("rot"), "root");
    assert_string_equal(suggest("worker"), "workers");
    assert_string_equal(suggest("maxsize"), "max_size");
    assert_string_equal(suggest("max_fil_size"), "max_file_size");
}

static void nothing_in_common_is_not_suggested(void **state)
{
    assert_null(suggest("zebra"));
    assert_null(suggest("x"));
    assert_null(suggest(""));
    assert_null(suggest("ssl_certificate"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance_counts_single_edits),
        cmocka_unit_test(words_that_are_too_long_are_never_near),
        cmocka_unit_test(the_nearest_word_is_suggested),
        cmocka_unit_test(nothing_in_common_is_not_suggested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
