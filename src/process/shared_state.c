/* SPDX-License-Identifier: MIT */
/* shared_state.c - maps and clears the shared block. */

#include "process/shared_state.h"

#include "os/shared_memory.h"

int shared_state_create(struct shared_state **ret_shared)
{
    void *block;
    int err = shared_memory_create(sizeof(struct shared_state), &block);
    if (err)
        return err;
    *ret_shared = block;
    return 0;
}

void shared_state_destroy(struct shared_state *shared)
{
    shared_memory_destroy(shared, sizeof(*shared));
}

void shared_state_clear_gauges(struct shared_state *shared, unsigned slot)
{
    assert(slot < SHARED_SLOTS);
    struct worker_counters *counters = &shared->counters[slot];
    servertable_leave(&shared->servers, slot);
    counter_set(&counters->active, 0);
    counter_set(&counters->connections, 0);
    counter_set(&counters->free_slots, 0);
    counter_set(&counters->exchanges, 0);
    counter_set(&counters->io_queued, 0);
    counter_set(&counters->io_running, 0);
    counter_set(&counters->small_memory, 0);
    counter_set(&counters->slab_memory, 0);
    counter_set(&counters->large_memory, 0);
    counter_set(&counters->upstream_connections, 0);
    counter_set(&counters->upstream_kept, 0);
}
