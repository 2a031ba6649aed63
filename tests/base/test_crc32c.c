/* SPDX-License-Identifier: MIT */
/* test_crc32c.c - the values of RFC 3720 appendix B.4, and pieces. */
#include "support/unit.h"

#include "base/crc32c.h"

static void known_texts_have_their_known_checksums(void **state)
{
    char zeros[32] = {0};
    char ones[32];

    (void)state;
    memset(ones, 0xff, sizeof(ones));
    assert_int_equal(crc32c_add(0, slice_of(NULL, 0)), 0);
    assert_int_equal(crc32c_add(0, SLICE_LITERAL("123456789")), 0xe3069283);
    assert_int_equal(crc32c_add(0, slice_of(zeros, sizeof(zeros))), 0x8a9136aa);
    assert_int_equal(crc32c_add(0, slice_of(ones, sizeof(ones))), 0x62a8ab43);
}

static void pieces_give_what_the_whole_gives(void **state)
{
    struct slice whole = SLICE_LITERAL("123456789");

    (void)state;
    for (size_t cut = 0; cut <= whole.len; cut++)
        assert_int_equal(
            crc32c_add(crc32c_add(0, slice_of(whole.data, cut)), slice_from(whole, cut)),
            0xe3069283);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts_have_their_known_checksums),
        cmocka_unit_test(pieces_give_what_the_whole_gives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
