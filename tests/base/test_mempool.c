/* SPDX-License-Identifier: MIT */
/*
 * test_mempool.c - the pool against a shadow map of what it handed out.
 *
 * Under sanitizers the pool sends every request to malloc: then these tests look for misuse of
 * memory; without, at the slabs.
 */
#include "support/unit.h"

#include "base/mempool.h"

#include <string.h>

static struct mempool *pool;

static int set_up(void **state)
{
    pool = mempool_create();
    return pool ? 0 : -1;
}

static int tear_down(void **state)
{
    mempool_destroy(pool);
    return 0;
}

static struct mempool_stats stats(void)
{
    struct mempool_stats now;

    mempool_stats(pool, &now);
    return now;
}

static size_t rounded(size_t size)
{
    return size == 0 ? 8 : (size + 7) / 8 * 8;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void each_size_is_counted_and_aligned(void **state)
{
    for (size_t size = 0; size <= 129; size++) {
        size_t expected_small = size <= 128 ? rounded(size) : 0;
        void *block = mempool_alloc(pool, size);

        assert_non_null(block);
        memset(block, 0xff, size);
        assert_int_equal((uintptr_t)block % (rounded(size) % 16 == 0 ? 16 : 8), 0);
        assert_int_equal(stats().small_in_use, expected_small);
        assert_int_equal(stats().large_in_use, size <= 128 ? 0 : size);
        mempool_free(pool, block, size);
        assert_int_equal(stats().small_in_use + stats().large_in_use, 0);
    }
}

struct shadow {
    unsigned char *block;
    size_t size;
    unsigned char fill;
};

static void assert_filled(const struct shadow *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        assert_int_equal(s->block[i], s->fill);
}

static void change_at_random(struct shadow *s, uint32_t *seed)
{
    /* Mostly small, some large. */
    size_t size = next_random(seed) % 8 == 0 ? next_random(seed) % 5000 : next_random(seed) % 140;

    if (!s->block) {
        s->block = mempool_alloc(pool, size);
    } else if (next_random(seed) % 3 == 0) {
        size_t kept = MIN(s->size, size);

        s->block = mempool_realloc(pool, s->block, s->size, size);
        assert_non_null(s->block);
        assert_filled(s, kept);
    } else {
        assert_filled(s, s->size);
        mempool_free(pool, s->block, s->size);
        *s = (struct shadow){.block = NULL};
        return;
    }
    assert_non_null(s->block);
    s->size = size;
    s->fill = (unsigned char)next_random(seed);
    memset(s->block, s->fill, size);
}

static void random_operations_agree_with_a_shadow_map(void **state)
{
    enum { SLOTS = 512, OPERATIONS = 200000 };
    static struct shadow slots[SLOTS];
    uint32_t seed = 2463534242;

    for (int i = 0; i < OPERATIONS; i++) {
        change_at_random(&slots[next_random(&seed) % SLOTS], &seed);
        if (i % 1000 == 0) {
            size_t small = 0;
            size_t large = 0;

            for (size_t s = 0; s < SLOTS; s++) {
                if (slots[s].block)
                    *(slots[s].size <= 128 ? &small : &large) += slots[s].size <= 128
                                                                     ? rounded(slots[s].size)
                                                                     : slots[s].size;
            }
            assert_int_equal(stats().small_in_use, small);
            assert_int_equal(stats().large_in_use, large);
        }
    }
    for (size_t s = 0; s < SLOTS; s++) {
        assert_filled(&slots[s], slots[s].size);
        mempool_free(pool, slots[s].block, slots[s].size);
    }
    assert_int_equal(stats().small_in_use + stats().large_in_use, 0);
}

/* A block of @from bytes keeps what fits of them when it is to have @to. */
static void check_realloc(size_t from, size_t to, unsigned char fill)
{
    struct shadow s = {mempool_alloc(pool, from), from, fill};

    assert_non_null(s.block);
    memset(s.block, s.fill, from);
    s.block = mempool_realloc(pool, s.block, from, to);
    assert_non_null(s.block);
    assert_filled(&s, MIN(from, to));
    memset(s.block, 0, to);
    mempool_free(pool, s.block, to);
}

static void realloc_keeps_content_for_every_pair_of_sizes(void **state)
{
    for (size_t from = 0; from <= 264; from += 3) {
        for (size_t to = 0; to <= 264; to += 3)
            check_realloc(from, to, (unsigned char)(from + to));
    }
    assert_int_equal(stats().small_in_use + stats().large_in_use, 0);
}

static void blocks_around_those_that_are_kept_grow_and_shrink(void **state)
{
    static const size_t sizes[] = {128, 129, 511, 512, 513, 1024, 1025, 2047, 2048, 2049, 4096};

    for (size_t i = 0; i < COUNT_OF(sizes) * COUNT_OF(sizes); i++)
        check_realloc(sizes[i / COUNT_OF(sizes)], sizes[i % COUNT_OF(sizes)], (unsigned char)i);
    assert_int_equal(stats().small_in_use + stats().large_in_use, 0);
}

static void null_is_a_block_of_no_size(void **state)
{
    void *block = mempool_realloc(pool, NULL, 0, 50);

    assert_non_null(block);
    assert_int_equal(stats().small_in_use, 56);
    mempool_free(pool, block, 50);
    mempool_free(pool, NULL, 50);
    mempool_free(pool, NULL, 5000);
    assert_int_equal(stats().small_in_use + stats().large_in_use, 0);
    mempool_destroy(NULL);
}

static void zalloc_clears_what_others_left(void **state)
{
    static const size_t sizes[] = {1, 8, 33, 128, 129, 4000};
    static const char zeros[4000];

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        void *block = mempool_alloc(pool, sizes[i]);

        assert_non_null(block);
        memset(block, 0xff, sizes[i]);
        mempool_free(pool, block, sizes[i]);
        block = mempool_zalloc(pool, sizes[i]);
        assert_non_null(block);
        assert_memory_equal(block, zeros, sizes[i]);
        mempool_free(pool, block, sizes[i]);
    }
}

static void small_blocks_die_with_the_pool(void **state)
{
    for (size_t i = 0; i < 1000; i++)
        assert_non_null(mempool_alloc(pool, i % 129));
    /* Leak checkers look at what tear_down() leaves. */
}

static void slabs_stay_flat_over_many_cycles(void **state)
{
    void *blocks[100];
    size_t held = 0;

    for (int cycle = 0; cycle < 1000; cycle++) {
        for (size_t i = 0; i < COUNT_OF(blocks); i++) {
            blocks[i] = mempool_alloc(pool, i * 13 % 129);
            assert_non_null(blocks[i]);
        }
        for (size_t i = 0; i < COUNT_OF(blocks); i++)
            mempool_free(pool, blocks[i], i * 13 % 129);
        if (cycle == 0)
            held = stats().slab_bytes;
        assert_int_equal(stats().slab_bytes, held);
    }
}

/* What is held may exceed the peak in use by the slab at hand and one batch a class. */
static void random_lifetimes_do_not_pile_up_slabs(void **state)
{
    enum { SLOTS = 4000, OPERATIONS = 400000 };
    static struct shadow slots[SLOTS];
    size_t peak[MEMPOOL_CLASSES] = {0};
    size_t used[MEMPOOL_CLASSES] = {0};
    size_t sum_of_peaks = 0;
    uint32_t seed = 88675123;

    for (int i = 0; i < OPERATIONS; i++) {
        struct shadow *s = &slots[next_random(&seed) % SLOTS];

        if (s->block) {
            mempool_free(pool, s->block, s->size);
            used[s->size / 8 - 1] -= s->size;
            s->block = NULL;
        } else {
            s->size = rounded(next_random(&seed) % 128 + 1);
            s->block = mempool_alloc(pool, s->size);
            assert_non_null(s->block);
            used[s->size / 8 - 1] += s->size;
            peak[s->size / 8 - 1] = MAX(peak[s->size / 8 - 1], used[s->size / 8 - 1]);
        }
    }
    for (size_t class = 0; class < MEMPOOL_CLASSES; class ++)
        sum_of_peaks += peak[class];
    assert_true(stats().slab_bytes <= sum_of_peaks + (size_t)16 * 1024 + 64 * 8 * 136);
    for (size_t s = 0; s < SLOTS; s++)
        mempool_free(pool, slots[s].block, slots[s].size);
    assert_int_equal(stats().small_in_use, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_size_is_counted_and_aligned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(random_operations_agree_with_a_shadow_map, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(realloc_keeps_content_for_every_pair_of_sizes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(blocks_around_those_that_are_kept_grow_and_shrink, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(null_is_a_block_of_no_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(zalloc_clears_what_others_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(small_blocks_die_with_the_pool, set_up, tear_down),
        cmocka_unit_test_setup_teardown(slabs_stay_flat_over_many_cycles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(random_lifetimes_do_not_pile_up_slabs, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
