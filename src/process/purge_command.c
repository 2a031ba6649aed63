/* SPDX-License-Identifier: MIT */
/* purge_command.c - one URL at once; many by a child, so that the master goes on. */

#include "process/purge_command.h"

#include "base/log.h"
#include "cache/purge.h"
#include "process/control_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static void say_count(struct control_client *client, uint64_t count)
{
    control_say(client, "%" PRIu64 " %s removed", count, count == 1 ? "file" : "files");
    control_end(client, true);
}

static void purge_all(const struct cache_folders *caches, struct purge_ring *ring,
                      struct control_client *client, struct slice prefix)
{
    pid_t pid;
    uint64_t count = 0;

    (void)fflush(NULL);
    pid = fork();
    if (pid == -1) {
        control_say(client, "cannot start a process for that");
        control_end(client, false);
        return;
    }
    if (pid > 0) {
        control_leave(client); /* the child answers */
        return;
    }
    for (size_t i = 0; i < caches->count; i++)
        count += purge_prefix(caches->fds[i], ring, prefix);
    say_count(client, count);
    _exit(0);
}

void purge_command(const struct generation *generation, struct shared_state *shared,
                   struct control_client *client, struct slice what)
{
    const struct cache_folders *caches = &generation->caches;
    struct purge_ring *ring = &shared->cache.purges;
    char text[CONTROL_PACKET_MAX];
    struct writer key = writer_on(text, sizeof(text));
    bool is_prefix = slice_ends_with(what, SLICE_LITERAL("*"));
    uint64_t count = 0;

    if (is_prefix)
        what.len--;
    if (!purge_write_key(what, &key) || key.overflow || caches->count == 0) {
        control_say(client, caches->count == 0
                                ? "there is no [cache] with a name"
                                : "purge wants a URL such as http://example.com/a, or "
                                  "http://example.com/a* for all that begin so");
        control_end(client, false);
        return;
    }
    log_notice(LOG_PROCESS, "purge from pid %d: %.*s%s", client->peer,
               SLICE_PRINTF(writer_content(&key)), is_prefix ? "*" : "");
    if (is_prefix) {
        purge_all(caches, ring, client, writer_content(&key));
        return;
    }
    for (size_t i = 0; i < caches->count; i++)
        count += purge_key(caches->fds[i], ring, writer_content(&key));
    say_count(client, count);
}
