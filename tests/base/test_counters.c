/* SPDX-License-Identifier: MIT */
/* test_counters.c - what a worker counts, read by another process. */
#include "support/unit.h"

#include "base/counters.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void two_workers_never_share_a_cache_line(void **state)
{
    assert_int_equal(alignof(struct worker_counters) % CACHE_LINE_SIZE, 0);
    assert_int_equal(sizeof(struct worker_counters) % CACHE_LINE_SIZE, 0);
}

static void a_counter_adds_and_sets(void **state)
{
    struct worker_counters worker = {.requests = 0};

    counter_add(&worker.requests, 2);
    counter_add(&worker.requests, 3);
    counter_set(&worker.connections, 7);
    counter_set(&worker.connections, 6);
    assert_int_equal(counter_get(&worker.requests), 5);
    assert_int_equal(counter_get(&worker.connections), 6);
}

static void another_process_sees_the_sum(void **state)
{
    struct worker_counters *worker = mmap(NULL, sizeof(*worker), PROT_READ | PROT_WRITE,
                                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;
    pid_t child;

    assert_true(worker != MAP_FAILED);
    child = fork();
    assert_int_not_equal(child, -1);
    if (child == 0) {
        for (int i = 0; i < 1000; i++)
            counter_add(&worker->bytes_sent, 3);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(counter_get(&worker->bytes_sent), 3000);
    assert_int_equal(munmap(worker, sizeof(*worker)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_workers_never_share_a_cache_line),
        cmocka_unit_test(a_counter_adds_and_sets),
        cmocka_unit_test(another_process_sees_the_sum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
