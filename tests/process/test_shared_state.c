/* SPDX-License-Identifier: MIT */
/* test_shared_state.c - counters of several processes, one writer each. */
#include "support/unit.h"

#include "process/shared_state.h"

#include <sys/wait.h>
#include <unistd.h>

#define WRITERS 4
#define COUNTS 100000

static void counters_of_all_writers_sum_exactly(void **state)
{
    struct shared_state *shared;
    uint64_t sum = 0;
    pid_t pids[WRITERS];

    assert_int_equal(shared_state_create(&shared), 0);
    for (unsigned i = 0; i < WRITERS; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            for (unsigned n = 0; n < COUNTS; n++)
                counter_add(&shared->counters[i].requests, 1);
            _exit(0);
        }
    }
    for (unsigned i = 0; i < WRITERS; i++)
        assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
    for (unsigned i = 0; i < SHARED_SLOTS; i++)
        sum += counter_get(&shared->counters[i].requests);
    assert_int_equal(sum, WRITERS * COUNTS);
    shared_state_destroy(shared);
}

static void nobody_shares_a_cache_line(void **state)
{
    struct shared_state *shared;

    assert_int_equal(shared_state_create(&shared), 0);
    assert_int_equal((uintptr_t)&shared->accept_mutex % CACHE_LINE_SIZE, 0);
    for (unsigned i = 0; i < SHARED_SLOTS; i++)
        assert_int_equal((uintptr_t)&shared->counters[i] % CACHE_LINE_SIZE, 0);
    assert_true((char *)&shared->counters[0] - (char *)&shared->accept_mutex >= CACHE_LINE_SIZE);
    shared_state_destroy(shared);
    shared_state_destroy(NULL);
}

static void gauges_end_with_their_worker_and_totals_do_not(void **state)
{
    struct shared_state *shared;

    assert_int_equal(shared_state_create(&shared), 0);
    struct worker_counters *counters = &shared->counters[SHARED_SLOTS - 1];
    counter_set(&counters->active, 1);
    counter_set(&counters->connections, 12);
    counter_set(&counters->free_slots, 500);
    counter_set(&counters->exchanges, 3);
    counter_set(&counters->io_queued, 2);
    counter_set(&counters->io_running, 1);
    counter_set(&counters->slab_memory, 4096);
    counter_add(&counters->requests, 34);
    shared_state_clear_gauges(shared, SHARED_SLOTS - 1);
    assert_int_equal(counter_get(&counters->active), 0);
    assert_int_equal(counter_get(&counters->connections), 0);
    assert_int_equal(counter_get(&counters->free_slots), 0);
    assert_int_equal(counter_get(&counters->exchanges), 0);
    assert_int_equal(counter_get(&counters->io_queued), 0);
    assert_int_equal(counter_get(&counters->io_running), 0);
    assert_int_equal(counter_get(&counters->slab_memory), 0);
    assert_int_equal(counter_get(&counters->requests), 34);
    shared_state_destroy(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_of_all_writers_sum_exactly),
        cmocka_unit_test(nobody_shares_a_cache_line),
        cmocka_unit_test(gauges_end_with_their_worker_and_totals_do_not),
    };

    return cmocka_run_group_tests_name("shared_state", tests, NULL, NULL);
}
