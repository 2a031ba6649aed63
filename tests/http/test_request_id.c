/* SPDX-License-Identifier: MIT */
/* test_request_id.c - what may be taken over, and what is made. */
#include "support/unit.h"

#include "base/macros.h"
#include "http/request_id.h"

static void sound_ones_are_short_and_plain(void **state)
{
    static const struct {
        const char *text;
        bool is_sound;
    } rows[] = {
        {"", false},
        {"1234567", false},
        {"12345678", true},
        {"0192f0c1-7b5a-7c3e-9d0a-5b6f0c2d1e3f", true},
        {"7F000001:ECAA_7F000001:1F90_64A1B2C3_0001:00F3", true},
        {"Root=1-67891233-abcdef012345678912345678", true},
        {"AbC+/=@~._", true},
        {"12345678 ", false},
        {"1234 5678", false},
        {"12345678\"", false},
        {"12345678\\", false},
        {"12345678,", false},
        {"12345678;", false},
        {"12345678%", false},
        {"<12345678>", false},
        {"12345678\xc3\xa4", false},
        {"12345678\x7f", false},
        {"12345678\t", false},
    };
    char longest[REQUEST_ID_SIZE_MAX + 1];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (request_id_is_sound(slice_from_string(rows[i].text)) != rows[i].is_sound)
            fail_msg("\"%s\"", rows[i].text);
    }
    memset(longest, 'a', sizeof(longest));
    assert_true(request_id_is_sound(slice_of(longest, REQUEST_ID_SIZE_MAX)));
    assert_false(request_id_is_sound(slice_of(longest, REQUEST_ID_SIZE_MAX + 1)));
    longest[3] = '\0';
    assert_false(request_id_is_sound(slice_of(longest, REQUEST_ID_SIZE_MAX)));
}

static void made_ones_are_sound_and_differ(void **state)
{
    struct request_id_source source = {.key = {1, 2}}, other_source = {.key = {1, 3}};
    char other_id[REQUEST_ID_SIZE];
    char ids[100][REQUEST_ID_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        request_id_make(&source, ids[i]);
        request_id_make(&other_source, other_id);
        assert_memory_not_equal(other_id, ids[i], REQUEST_ID_SIZE);
        assert_true(request_id_is_sound(slice_of(ids[i], REQUEST_ID_SIZE)));
        for (size_t digit = 0; digit < REQUEST_ID_SIZE; digit++)
            assert_true(ascii_hex_value(ids[i][digit]) >= 0);
        for (size_t other = 0; other < i; other++)
            assert_memory_not_equal(ids[i], ids[other], REQUEST_ID_SIZE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_ones_are_short_and_plain),
        cmocka_unit_test(made_ones_are_sound_and_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
