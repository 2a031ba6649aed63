/* SPDX-License-Identifier: MIT */
/* client_memory.c - one mapping, of which only the pages that are used cost anything. */

#include "process/client_memory.h"

#include "os/shared_memory.h"

#include <errno.h>
#include <sys/random.h>

int client_memory_create(struct client_memory *memory, const struct config *config,
                         uint32_t workers)
{
    const struct server_config *server = &config->server;
    struct client_memory made = {.workers = workers};
    if (server->client_connections > 0) {
        made.lines = client_counts_lines(server->worker_connections);
        made.counts_size = client_counts_size(made.lines, workers);
    }
    made.size = made.counts_size + (server->request_rate > 0 ? client_rates_size() : 0);
    if (made.size > 0) {
        /* Blocks only at boot, until the kernel has collected enough. */
        if (getrandom(&made.seed, sizeof(made.seed), 0) != sizeof(made.seed))
            return -EIO;
        int err = shared_memory_create(made.size, &made.block);
        if (err)
            return err;
    }
    *memory = made;
    return 0;
}

void client_memory_destroy(struct client_memory *memory)
{
    shared_memory_destroy(memory->block, memory->size);
    *memory = (struct client_memory){.block = NULL};
}

void client_memory_forget_worker(struct client_memory *memory, uint32_t worker)
{
    assert(worker < memory->workers);
    if (memory->counts_size > 0)
        client_counts_clear(memory->block, memory->lines, worker);
}

bool client_memory_counts(const struct client_memory *memory, const struct config *config,
                          uint32_t own, struct client_counts *ret_counts)
{
    if (memory->counts_size == 0)
        return false;
    *ret_counts = (struct client_counts){
        .tables = memory->block,
        .lines = memory->lines,
        .workers = memory->workers,
        .own = own,
        .limit = config->server.client_connections,
        .seed = memory->seed,
    };
    return true;
}

bool client_memory_rates(const struct client_memory *memory, const struct config *config,
                         struct client_rates *ret_rates)
{
    const struct server_config *server = &config->server;
    if (server->request_rate == 0)
        return false;
    *ret_rates = (struct client_rates){
        .buckets = (counter *)((char *)memory->block + memory->counts_size),
        .seed = memory->seed,
        .rate = server->request_rate,
        .burst = server->request_burst > 0 ? server->request_burst : server->request_rate,
    };
    return true;
}
