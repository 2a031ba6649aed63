/* SPDX-License-Identifier: MIT */
/*
 * test_slab_store.c - how slabs are cut: no byte twice, none lost, each block aligned.
 *
 * malloc() is wrapped: it can be made to fail, and it shows which memory the store may use.
 */
#include "support/unit.h"

#include "base/slab_store.h"

#include <stdlib.h>
#include <string.h>

/* By the linker: --wrap=malloc and --wrap=free. */
void *__wrap_malloc(size_t size);
void __wrap_free(void *block);
void *__real_malloc(size_t size);
void __real_free(void *block);

static size_t largest_malloc; /* what is larger fails */
static int live;

void *__wrap_malloc(size_t size)
{
    void *block = size <= largest_malloc ? __real_malloc(size) : NULL;

    live += block != NULL;
    return block;
}

void __wrap_free(void *block)
{
    live -= block != NULL;
    __real_free(block);
}

static struct slab_store store;

static int set_up(void **state)
{
    live = 0;
    largest_malloc = SIZE_MAX;
    slabs_init(&store);
    return 0;
}

static int tear_down(void **state)
{
    slabs_done(&store);
    return live == 0 ? 0 : -1;
}

static struct mempool_stats stats(void)
{
    struct mempool_stats now = {.pressure = 0};

    slabs_stats(&store, &now);
    return now;
}

static size_t rounded(size_t size)
{
    return size == 0 ? 8 : (size + 7) / 8 * 8;
}

static void assert_aligned(const void *block, size_t size)
{
    assert_non_null(block);
    assert_int_equal((uintptr_t)block % (rounded(size) % 16 == 0 ? 16 : 8), 0);
}

/* All that is free or uncut as blocks of 8: what a fresh store would still hand out. */
static size_t free_bytes(void)
{
    size_t bytes = (size_t)(store.end - store.start);

    for (unsigned class = 0; class < MEMPOOL_CLASSES; class ++) {
        for (struct free_block *block = store.free[class]; block; block = block->next) {
            assert_aligned(block, slabs_class_size(class));
            bytes += slabs_class_size(class);
        }
    }
    return bytes;
}

/* A slab keeps two words for itself. */
static void assert_no_byte_is_lost(void)
{
    struct mempool_stats now = stats();

    assert_int_equal(now.small_in_use + free_bytes() + now.refills * 2 * sizeof(void *),
                     now.slab_bytes);
}

static void each_size_has_its_class(void **state)
{
    for (size_t size = 0; size <= MEMPOOL_SMALL_MAX; size++)
        assert_int_equal(slabs_class_size(slabs_class(size)), rounded(size));
    assert_int_equal(slabs_class(MEMPOOL_SMALL_MAX), MEMPOOL_CLASSES - 1);
}

static void blocks_are_aligned_and_apart(void **state)
{
    enum { BLOCKS = 5000 };
    static struct {
        unsigned char *block;
        size_t size;
    } taken[BLOCKS];

    for (size_t i = 0; i < BLOCKS; i++) {
        taken[i].size = i * 7919 % (MEMPOOL_SMALL_MAX + 1);
        taken[i].block = slabs_alloc(&store, taken[i].size);
        assert_aligned(taken[i].block, taken[i].size);
        memset(taken[i].block, (int)(i % 251), rounded(taken[i].size));
    }
    assert_no_byte_is_lost();
    for (size_t i = 0; i < BLOCKS; i++) {
        for (size_t at = 0; at < rounded(taken[i].size); at++)
            assert_int_equal(taken[i].block[at], i % 251);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        slabs_free(&store, taken[i].block, taken[i].size);
    assert_int_equal(stats().small_in_use, 0);
    assert_no_byte_is_lost();
}

static void a_freed_block_is_the_next_of_its_class(void **state)
{
    void *first = slabs_alloc(&store, 40);
    void *second = slabs_alloc(&store, 40);

    slabs_free(&store, first, 40);
    slabs_free(&store, second, 33);
    assert_ptr_equal(slabs_alloc(&store, 39), second);
    assert_ptr_equal(slabs_alloc(&store, 40), first);
}

static void batches_run_upwards_through_memory(void **state)
{
    char *previous = slabs_alloc(&store, 64);

    for (int i = 1; i < 8; i++) {
        char *next = slabs_alloc(&store, 64);

        assert_ptr_equal(next, previous + 64);
        previous = next;
    }
}

static void a_little_used_class_costs_little(void **state)
{
    for (size_t size = 8; size <= MEMPOOL_SMALL_MAX; size += 8)
        assert_non_null(slabs_alloc(&store, size));
    assert_int_equal(stats().refills, 1); /* all 16 classes from one slab */
}

static void what_is_in_use_is_counted_by_class(void **state)
{
    void *small = slabs_alloc(&store, 1);
    void *large = slabs_alloc(&store, 121);

    assert_int_equal(stats().small_in_use, 8 + 128);
    slabs_free(&store, small, 1);
    assert_int_equal(stats().small_in_use, 128);
    slabs_free(&store, large, 121);
    assert_int_equal(stats().small_in_use, 0);
}

/* Take blocks of @size until there is none; returns how many. */
static size_t exhaust(size_t size)
{
    size_t count = 0;
    void *block;

    while ((block = slabs_alloc(&store, size)) != NULL) {
        assert_aligned(block, size);
        memset(block, 0xa5, rounded(size));
        count++;
    }
    return count;
}

static void without_malloc_larger_blocks_are_split_to_the_last_byte(void **state)
{
    for (size_t size = 8; size <= MEMPOOL_SMALL_MAX; size += 8) {
        size_t usable;

        assert_int_equal(set_up(state), 0);
        for (size_t other = 8; other <= MEMPOOL_SMALL_MAX; other += 8)
            slabs_free(&store, slabs_alloc(&store, other), other);
        largest_malloc = 0;
        usable = free_bytes();

        assert_true(exhaust(size) > 0);
        assert_no_byte_is_lost();
        (void)exhaust(8);
        assert_int_equal(free_bytes(), 0);
        assert_int_equal(stats().small_in_use, usable);
        slabs_done(&store);
        assert_int_equal(live, 0);
    }
    assert_int_equal(set_up(state), 0);
}

static void a_split_prefers_the_smallest_block_with_room(void **state)
{
    void *of_128 = slabs_alloc(&store, 128);
    void *of_48 = slabs_alloc(&store, 48);

    for (size_t size = 8; size <= MEMPOOL_SMALL_MAX; size += 8)
        (void)exhaust((largest_malloc = 0, size));
    slabs_free(&store, of_128, 128);
    slabs_free(&store, of_48, 48);
    assert_ptr_equal(slabs_alloc(&store, 32), of_48);
    assert_ptr_equal(slabs_alloc(&store, 16), (char *)of_48 + 32);
    assert_ptr_equal(slabs_alloc(&store, 128), of_128);
    assert_null(slabs_alloc(&store, 8));
}

static void a_split_keeps_the_alignment(void **state)
{
    char *odd = slabs_alloc(&store, 24); /* 16 bytes are left in front of the next multiple of 32 */
    char *next = slabs_alloc(&store, 24);

    assert_ptr_equal(next, odd + 24);
    for (size_t size = 8; size <= MEMPOOL_SMALL_MAX; size += 8)
        (void)exhaust((largest_malloc = 0, size));
    slabs_free(&store, next, 24);
    assert_int_equal((uintptr_t)next % 16, 8);
    assert_ptr_equal(slabs_alloc(&store, 16), next + 8);
    assert_ptr_equal(slabs_alloc(&store, 8), next);
}

static void where_no_slab_is_to_be_had_one_block_may_be(void **state)
{
    char *block;

    largest_malloc = 256;
    block = slabs_alloc(&store, 48);
    assert_aligned(block, 48);
    memset(block, 0xa5, 48);
    assert_int_equal(stats().small_in_use, 48);
    assert_no_byte_is_lost();
    slabs_free(&store, block, 48);
    assert_ptr_equal(slabs_alloc(&store, 48), block);

    largest_malloc = 0;
    assert_null(slabs_alloc(&store, 48));
    assert_no_byte_is_lost();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_size_has_its_class, set_up, tear_down),
        cmocka_unit_test_setup_teardown(blocks_are_aligned_and_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_freed_block_is_the_next_of_its_class, set_up, tear_down),
        cmocka_unit_test_setup_teardown(batches_run_upwards_through_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_little_used_class_costs_little, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_in_use_is_counted_by_class, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_malloc_larger_blocks_are_split_to_the_last_byte,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_split_prefers_the_smallest_block_with_room, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_split_keeps_the_alignment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(where_no_slab_is_to_be_had_one_block_may_be, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
