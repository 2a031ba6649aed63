/* SPDX-License-Identifier: MIT */
/* resolver_loop.h - what the resolver's process does: names to addresses, each in its time. */
#ifndef TINYWEB_PROCESS_RESOLVER_LOOP_H
#define TINYWEB_PROCESS_RESOLVER_LOOP_H

#include "config/config.h"
#include "upstream/name_table.h"

struct resolved_name {
    const char *host;     /* borrowed */
    uint32_t interval_ms; /* the shortest that somebody asks for */
    int64_t due_ms;
    bool has_failed; /* which was told */
};

/* All names of servers, each once, added to the @count in @names; as many as there is room for. */
size_t resolver_collect(const struct config *config, struct resolved_name *names, size_t count,
                        size_t capacity);

/* For ever. The first look at all of them is at once. */
_Noreturn void resolver_loop(struct resolved_name *names, size_t count, struct name_table *table);

#endif
