/* SPDX-License-Identifier: MIT */
/* test_hash.c - what tables ask of a hash: spread, no lost byte, no collision at will. */
#include "support/unit.h"

#include "base/hash.h"
#include "base/macros.h"

#include <stdio.h>
#include <stdlib.h>

#define SEED UINT64_C(0x0123456789abcdef)
#define KEY_MAX 160

static void fill(char *key, size_t len)
{
    for (size_t i = 0; i < len; i++)
        key[i] = (char)(i * 37 + 11);
}

static unsigned bits_set(uint64_t value)
{
    unsigned count = 0;

    for (; value > 0; value &= value - 1)
        count++;
    return count;
}

static void the_value_depends_on_bytes_and_seed_alone(void **state)
{
    for (size_t len = 0; len <= KEY_MAX; len++) {
        /* Blocks of the exact length: a sanitizer sees each byte read past them. */
        char *block = malloc(len + 1);
        struct slice key = slice_of(block, len);
        struct slice shifted = slice_of(block + 1, len);
        uint64_t value;

        assert_non_null(block);
        fill(block, len);
        value = hash_bytes(SEED, key);
        assert_true(value == hash_bytes(SEED, key));
        assert_true(value != hash_bytes(SEED + 1, key));
        memmove(block + 1, block, len);
        assert_true(value == hash_bytes(SEED, shifted));
        free(block);
    }
    assert_true(hash_bytes(SEED, slice_of(NULL, 0)) == hash_bytes(SEED, SLICE_LITERAL("")));
}

static void each_bit_of_the_key_changes_about_half_of_the_value(void **state)
{
    char key[KEY_MAX];
    double flips = 0;
    unsigned count = 0;

    for (size_t len = 1; len <= KEY_MAX; len++) {
        fill(key, len);
        for (size_t bit = 0; bit < len * 8; bit++) {
            uint64_t before = hash_bytes(SEED, slice_of(key, len));
            unsigned changed;

            key[bit / 8] = (char)(key[bit / 8] ^ (1 << bit % 8));
            changed = bits_set(before ^ hash_bytes(SEED, slice_of(key, len)));
            key[bit / 8] = (char)(key[bit / 8] ^ (1 << bit % 8));
            assert_in_range(changed, 8, 56);
            flips += changed;
            count++;
        }
    }
    assert_true(flips / count > 31 && flips / count < 33);
}

static void zero_bytes_count_by_their_number(void **state)
{
    static const char zeros[KEY_MAX];
    uint64_t seen[KEY_MAX];

    for (size_t len = 0; len < KEY_MAX; len++) {
        seen[len] = hash_bytes(SEED, slice_of(zeros, len));
        for (size_t i = 0; i < len; i++)
            assert_true(seen[i] != seen[len]);
    }
}

static int compare_values(const void *a, const void *b)
{
    const uint64_t *x = a;
    const uint64_t *y = b;

    return (*x > *y) - (*x < *y);
}

static void similar_paths_neither_collide_nor_crowd(void **state)
{
    enum { KEYS = 1 << 16, BUCKETS = 1 << 12 };
    uint64_t *values = malloc(KEYS * sizeof(*values));
    unsigned buckets[BUCKETS] = {0};
    double chi_square = 0;

    assert_non_null(values);
    for (int i = 0; i < KEYS; i++) {
        char key[64];
        int len = snprintf(key, sizeof(key), "/images/%d/photo-%d.jpg", i % 64, i / 64);

        values[i] = hash_bytes(SEED, slice_of(key, (size_t)len));
        buckets[values[i] % BUCKETS]++;
    }
    qsort(values, KEYS, sizeof(*values), compare_values);
    for (int i = 1; i < KEYS; i++)
        assert_true(values[i] != values[i - 1]);
    free(values);

    /* Expected BUCKETS - 1, with a standard deviation of about 90. */
    for (int i = 0; i < BUCKETS; i++) {
        double off = buckets[i] - (double)KEYS / BUCKETS;

        chi_square += off * off / ((double)KEYS / BUCKETS);
    }
    assert_true(chi_square > BUCKETS - 600 && chi_square < BUCKETS + 600);
}

/* The constants of hash.c are public; who puts them into keys must gain nothing. */
static void known_constants_do_not_make_keys_collide(void **state)
{
    static const uint64_t constants[] = {0, UINT64_MAX, UINT64_C(0xd6c937f4a58b1ce3),
                                         UINT64_C(0x93e5b02d7c461fa9),
                                         UINT64_C(0x4f8a61d39be7250d)};

    for (size_t c = 0; c < COUNT_OF(constants); c++) {
        for (size_t at = 0; at < 6; at++) {
            uint64_t seen[64];

            for (uint64_t other = 0; other < COUNT_OF(seen); other++) {
                uint64_t key[6] = {0};

                key[at] = constants[c]; /* a factor that is zero hides the other */
                key[at ^ 1] = other;
                seen[other] = hash_bytes(SEED, slice_of((const char *)key, sizeof(key)));
                for (uint64_t i = 0; i < other; i++)
                    assert_true(seen[i] != seen[other]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_value_depends_on_bytes_and_seed_alone),
        cmocka_unit_test(each_bit_of_the_key_changes_about_half_of_the_value),
        cmocka_unit_test(zero_bytes_count_by_their_number),
        cmocka_unit_test(similar_paths_neither_collide_nor_crowd),
        cmocka_unit_test(known_constants_do_not_make_keys_collide),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
