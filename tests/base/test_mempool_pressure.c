/* SPDX-License-Identifier: MIT */
/*
 * test_mempool_pressure.c - the pool when malloc fails: at any call, once or for good.
 *
 * What only slabs can show is skipped under sanitizers, where each request goes to malloc.
 */
#include "support/unit.h"

#include "base/mempool.h"
#include "support/failing_heap.h"

#include <stdlib.h>
#include <string.h>

static struct mempool *pool;

static int set_up(void **state)
{
    heap_works();
    heap.live = 0;
    pool = mempool_create();
    return pool ? 0 : -1;
}

static int tear_down(void **state)
{
    heap_works();
    mempool_destroy(pool);
    return heap.live == 0 ? 0 : -1;
}

static struct mempool_stats stats(void)
{
    struct mempool_stats now;

    mempool_stats(pool, &now);
    return now;
}

/* The pool has slabs, and not a malloc for each block. */
static void need_slabs(void)
{
    mempool_free(pool, mempool_alloc(pool, 8), 8);
    if (stats().slab_bytes == 0)
        skip();
}

static void blocks_of_middle_size_are_kept_and_given_back_when_memory_is_short(void **state)
{
    void *first, *second;

    (void)state;
    need_slabs();
    first = mempool_alloc(pool, 1500);
    assert_int_equal(stats().large_in_use, 1500);
    mempool_free(pool, first, 1500);
    assert_int_equal(stats().large_in_use, 0);
    second = mempool_alloc(pool, 1100); /* of the same class */
    assert_ptr_equal(second, first);
    assert_int_equal(stats().large_in_use, 1100);
    mempool_free(pool, second, 1100);
    heap_fails(0, 0); /* once: it is tried again with what was kept */
    first = mempool_alloc(pool, 5000);
    assert_non_null(first);
    mempool_free(pool, first, 5000);
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

/* What a request does: many small blocks, a large one that grows. True when nothing failed. */
static bool run_scenario(struct mempool *p)
{
    struct shadow blocks[60] = {{.block = NULL}};
    bool complete = true;
    struct mempool_stats now;

    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        blocks[i] = (struct shadow){mempool_alloc(p, i * 7), i * 7, (unsigned char)i};
        if (!blocks[i].block)
            complete = false;
        else
            memset(blocks[i].block, blocks[i].fill, blocks[i].size);
    }
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        unsigned char *moved;

        if (!blocks[i].block)
            continue;
        moved = mempool_realloc(p, blocks[i].block, blocks[i].size, blocks[i].size * 2 + 1);
        if (moved) {
            blocks[i].block = moved;
            assert_filled(&blocks[i], blocks[i].size);
            blocks[i].size = blocks[i].size * 2 + 1;
        } else {
            complete = false;
            assert_filled(&blocks[i], blocks[i].size); /* the old one is untouched */
        }
    }
    for (size_t i = 0; i < COUNT_OF(blocks); i++)
        mempool_free(p, blocks[i].block, blocks[i].size);
    mempool_stats(p, &now);
    assert_int_equal(now.small_in_use + now.large_in_use, 0);
    return complete;
}

static void malloc_may_fail_at_any_call(void **state)
{
    long before = heap.live;
    long fail_at = 0;

    for (;; fail_at++) {
        struct mempool *p;

        heap_fails(fail_at, fail_at);
        p = mempool_create();
        if (p) {
            (void)run_scenario(p);
            mempool_destroy(p);
        }
        assert_int_equal(heap.live, before);
        if (heap.calls <= fail_at)
            break;
    }
    assert_true(fail_at > 10);
}

static void malloc_may_fail_from_any_call_on(void **state)
{
    long before = heap.live;
    long fail_from = 0;

    for (;; fail_from++) {
        struct mempool *p;

        heap_fails(fail_from, HEAP_FOR_GOOD);
        p = mempool_create();
        if (p) {
            bool failed = !run_scenario(p);

            assert_true(!failed || heap.calls > fail_from);
            heap_works();
            assert_true(run_scenario(p)); /* and it recovers */
            heap.fail_from = fail_from;
            mempool_destroy(p);
        } else {
            assert_int_equal(fail_from, 0);
        }
        assert_int_equal(heap.live, before);
        if (heap.calls <= fail_from)
            break;
        if (fail_from > 100000)
            fail();
    }
}

struct reserve {
    void *block;
    size_t size;
    int calls;
    size_t wanted;
    bool again;
};

static bool on_pressure(void *context, size_t wanted)
{
    struct reserve *reserve = context;

    reserve->calls++;
    reserve->wanted = wanted;
    mempool_free(pool, reserve->block, reserve->size);
    reserve->block = NULL;
    return reserve->again;
}

static void the_handler_is_asked_at_most_twice(void **state)
{
    static const size_t sizes[] = {0, 128, 129, 100000};

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct reserve reserve = {.again = true};
        uint64_t before = stats().pressure;

        mempool_set_pressure_handler(pool, on_pressure, &reserve);
        heap_fails(0, HEAP_FOR_GOOD);
        assert_null(mempool_alloc(pool, sizes[i]));
        assert_null(mempool_zalloc(pool, sizes[i]));
        heap_works();
        assert_int_equal(reserve.calls, 4);
        assert_int_equal(reserve.wanted, sizes[i]);
        assert_int_equal(stats().pressure - before, 4);
    }
}

static void a_handler_with_nothing_to_give_ends_it(void **state)
{
    struct reserve reserve = {.again = false};

    mempool_set_pressure_handler(pool, on_pressure, &reserve);
    heap_fails(0, HEAP_FOR_GOOD);
    assert_null(mempool_alloc(pool, 10));
    assert_null(mempool_alloc(pool, 1000));
    assert_int_equal(reserve.calls, 2);
}

static void memory_that_the_handler_frees_serves_the_request(void **state)
{
    struct reserve reserve = {.size = 64, .again = true};
    void *block;

    need_slabs();
    reserve.block = mempool_alloc(pool, reserve.size);
    heap_fails(0, HEAP_FOR_GOOD);
    for (size_t size = 128; size > 0; size -= 8) {
        while (mempool_alloc(pool, size) != NULL) {
            /* until nothing of any class is left */
        }
    }
    mempool_set_pressure_handler(pool, on_pressure, &reserve);
    block = mempool_alloc(pool, 24); /* of another class: split */
    assert_non_null(block);
    assert_int_equal(reserve.calls, 1);
}

static void a_large_block_is_tried_again_after_the_handler(void **state)
{
    struct reserve reserve = {.again = true};
    void *block;

    mempool_set_pressure_handler(pool, on_pressure, &reserve);
    heap_fails(0, 1);
    block = mempool_alloc(pool, 1000);
    assert_non_null(block);
    assert_int_equal(reserve.calls, 2);
    heap_fails(0, 0);
    block = mempool_realloc(pool, block, 1000, 2000);
    assert_non_null(block);
    assert_int_equal(reserve.calls, 3);
    heap_fails(0, HEAP_FOR_GOOD);
    assert_null(mempool_realloc(pool, block, 2000, 3000));
    assert_int_equal(reserve.calls, 5);
    assert_int_equal(stats().large_in_use, 2000);
    mempool_free(pool, block, 2000);
}

static bool on_pressure_ask_for_more(void *context, size_t wanted)
{
    int *calls = context;

    ++*calls;
    assert_null(mempool_alloc(pool, wanted));
    return true;
}

static void a_handler_that_runs_short_is_not_called_by_itself(void **state)
{
    int calls = 0;

    mempool_set_pressure_handler(pool, on_pressure_ask_for_more, &calls);
    heap_fails(0, HEAP_FOR_GOOD);
    assert_null(mempool_alloc(pool, 100));
    assert_int_equal(calls, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            blocks_of_middle_size_are_kept_and_given_back_when_memory_is_short, set_up, tear_down),
        cmocka_unit_test_setup_teardown(malloc_may_fail_at_any_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(malloc_may_fail_from_any_call_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_handler_is_asked_at_most_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_handler_with_nothing_to_give_ends_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_that_the_handler_frees_serves_the_request, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_large_block_is_tried_again_after_the_handler, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_handler_that_runs_short_is_not_called_by_itself, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
