/* SPDX-License-Identifier: MIT */
/* test_buffer_pool.c - buffers that are lent and come back. */
#include "support/unit.h"

#include "net/buffer_pool.h"

#include <stdlib.h>

/* By the linker: --wrap=malloc. */
void *__wrap_malloc(size_t size);
void *__real_malloc(size_t size);

static bool malloc_fails;
static unsigned mallocs;

void *__wrap_malloc(size_t size)
{
    mallocs++;
    return malloc_fails ? NULL : __real_malloc(size);
}

#define SIZE 4096
#define MANY 100

static struct buffer_pool *pool;

static int set_up(void **state)
{
    pool = bufpool_create(SIZE);
    mallocs = 0;
    return pool ? 0 : -1;
}

static int tear_down(void **state)
{
    malloc_fails = false;
    bufpool_destroy(pool);
    return 0;
}

static void a_taken_buffer_is_empty_and_has_the_size(void **state)
{
    struct buffer *buf = bufpool_take(pool);

    assert_non_null(buf);
    assert_int_equal(buf_length(buf), 0);
    assert_int_equal(buf_room(buf), SIZE);
    memset(buf->data, 'x', SIZE);
    buf_commit(buf, SIZE);
    buf_consume(buf, 10);
    bufpool_give(pool, buf);
    assert_ptr_equal(bufpool_take(pool), buf); /* last in, first out */
    assert_int_equal(buf_length(buf), 0);
    assert_int_equal(buf_room(buf), SIZE);
    bufpool_give(pool, buf);
}

static void a_few_spare_ones_are_kept(void **state)
{
    struct buffer *bufs[MANY];

    for (size_t i = 0; i < MANY; i++) {
        bufs[i] = bufpool_take(pool);
        assert_non_null(bufs[i]);
    }
    assert_int_equal(mallocs, MANY);
    for (size_t i = 0; i < MANY; i++)
        bufpool_give(pool, bufs[i]);
    for (size_t i = 0; i < MANY; i++)
        bufs[i] = bufpool_take(pool);
    assert_in_range(mallocs, MANY + 1, 2 * MANY - 1);
    for (size_t i = 0; i < MANY; i++)
        bufpool_give(pool, bufs[i]);
}

static void spare_ones_serve_when_memory_is_short(void **state)
{
    struct buffer *buf = bufpool_take(pool);

    bufpool_give(pool, buf);
    malloc_fails = true;
    assert_ptr_equal(bufpool_take(pool), buf);
    assert_null(bufpool_take(pool));
    bufpool_give(pool, buf);
}

static void no_pool_may_be_destroyed(void **state)
{
    bufpool_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_taken_buffer_is_empty_and_has_the_size, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_few_spare_ones_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(spare_ones_serve_when_memory_is_short, set_up, tear_down),
        cmocka_unit_test(no_pool_may_be_destroyed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
