/* SPDX-License-Identifier: MIT */
/*
 * client_memory.h - the shared memory in which the workers of one generation count their clients.
 *
 * Made by the master where the configuration limits clients, and not otherwise. It looks at nothing in
 * there; it clears what a worker that is gone has left.
 */
#ifndef TINYWEB_PROCESS_CLIENT_MEMORY_H
#define TINYWEB_PROCESS_CLIENT_MEMORY_H

#include "base/client_counts.h"
#include "base/client_rates.h"
#include "config/config.h"

struct client_memory {
    void *block; /* tables of client_counts, then buckets of client_rates; NULL: off */
    size_t size;
    size_t counts_size;
    uint32_t lines;
    uint32_t workers;
    uint64_t seed;
};

/* 0 or -errno. */
MUST_CHECK int client_memory_create(struct client_memory *memory, const struct config *config,
                                    uint32_t workers);
void client_memory_destroy(struct client_memory *memory);

/* Worker number @worker, counted from 0 in its generation, is gone. */
void client_memory_forget_worker(struct client_memory *memory, uint32_t worker);

/* For worker number @own. False when the configuration does not ask for it. */
bool client_memory_counts(const struct client_memory *memory, const struct config *config,
                          uint32_t own, struct client_counts *ret_counts);
bool client_memory_rates(const struct client_memory *memory, const struct config *config,
                         struct client_rates *ret_rates);

#endif
