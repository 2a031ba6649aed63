/* SPDX-License-Identifier: MIT */
/* test_siphash.c - tags of the authors' reference implementation. */
#include "support/unit.h"

#include "base/siphash.h"

#include "base/macros.h"

struct row {
    size_t len;
    struct siphash_tag tag;
};

static const struct siphash_key key = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

static void tags_are_those_of_the_reference(void **state)
{
    static const struct row rows[] = {
        {0, {UINT64_C(0xe6a825ba047f81a3), UINT64_C(0x930255c71472f66d)}},
        {1, {UINT64_C(0x44af996bd8c187da), UINT64_C(0x45fc229b11597634)}},
        {7, {UINT64_C(0x53c1dbd8beebf1a1), UINT64_C(0x3982f01fa64ab8c0)}},
        {8, {UINT64_C(0x61f55862baa9623b), UINT64_C(0xb49714f364e2830f)}},
        {15, {UINT64_C(0x11a8b03399e99354), UINT64_C(0xd9c3cf970fec087e)}},
        {16, {UINT64_C(0xbb54b067caa4e26e), UINT64_C(0x77052385bf1533fd)}},
        {63, {UINT64_C(0x4a83502f77d15051), UINT64_C(0x7cbd3f979a063e50)}},
    };
    char message[64];

    for (size_t i = 0; i < sizeof(message); i++)
        message[i] = (char)i;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct siphash_tag tag = siphash(&key, slice_of(message, rows[i].len));

        assert_int_equal(tag.low, rows[i].tag.low);
        assert_int_equal(tag.high, rows[i].tag.high);
    }
}

static void each_bit_of_key_and_message_counts(void **state)
{
    char message[16] = {0};
    const struct siphash_tag tag = siphash(&key, slice_of(message, sizeof(message)));

    for (unsigned bit = 0; bit < 64; bit++) {
        struct siphash_key low = {key.low ^ UINT64_C(1) << bit, key.high};
        struct siphash_key high = {key.low, key.high ^ UINT64_C(1) << bit};

        assert_false(siphash_equal(tag, siphash(&low, slice_of(message, sizeof(message)))));
        assert_false(siphash_equal(tag, siphash(&high, slice_of(message, sizeof(message)))));
    }
    for (unsigned bit = 0; bit < 8 * sizeof(message); bit++) {
        message[bit / 8] = (char)(1U << bit % 8);
        assert_false(siphash_equal(tag, siphash(&key, slice_of(message, sizeof(message)))));
        message[bit / 8] = 0;
    }
    assert_true(siphash_equal(tag, siphash(&key, slice_of(message, sizeof(message)))));
}

static void no_bytes_need_no_memory(void **state)
{
    assert_true(siphash_equal(siphash(&key, slice_of(NULL, 0)), siphash(&key, SLICE_LITERAL(""))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_are_those_of_the_reference),
        cmocka_unit_test(each_bit_of_key_and_message_counts),
        cmocka_unit_test(no_bytes_need_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
