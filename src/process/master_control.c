/* SPDX-License-Identifier: MIT */
/* master_control.c - what is asked over the control socket, and who hears of reloads and upgrades. */

#include "base/log.h"
#include "base/writer.h"
#include "process/master_private.h"
#include "process/purge_command.h"
#include "process/server_command.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* In eighty columns. */
static void say_counters(struct control_client *client, const struct generation *generation,
                         const struct worker_counters *all)
{
    const struct child_group *group = &generation->group;
    control_say(client, "%-7s%-8s%6s %9s %10s %11s %7s %10s %6s", "worker", "pid", "conns",
                "accepted", "requests", "mutex_tries", "misses", "cache_hits", "misses");
    for (unsigned i = 0; i < group->count; i++) {
        const struct worker_counters *counters = &all[group->first_slot + i];
        control_say(client,
                    "%-7u%-8d%6" PRIu64 " %9" PRIu64 " %10" PRIu64 " %11" PRIu64 " %7" PRIu64
                    " %10" PRIu64 " %6" PRIu64,
                    group->first_slot + i, (int)procpool_pid(group, i),
                    counter_get(&counters->connections), counter_get(&counters->accepted),
                    counter_get(&counters->requests), counter_get(&counters->mutex_tries),
                    counter_get(&counters->mutex_misses), counter_get(&counters->file_cache_hits),
                    counter_get(&counters->file_cache_misses));
    }
}

static const char *duration_text(char text[32], uint64_t us)
{
    struct writer w = writer_on(text, 31);

    writer_duration(&w, us);
    text[w.len] = '\0';
    return text;
}

/* All workers, of all generations, and what the last second was like. */
static void say_totals(struct control_client *client, const struct shared_state *shared,
                       bool is_sampling)
{
    const struct server_stats *stats = &shared->stats;
    uint64_t taken = counter_get(&stats->samples_taken);
    struct stats_totals totals;
    char p50[32], p99[32];

    stats_sum(&totals, shared->counters, counter_get(&stats->slots_used));
    control_say(client, "connections %" PRIu64 ", requests %" PRIu64 ", bytes sent %" PRIu64,
                STATS_TOTAL(&totals, connections), STATS_TOTAL(&totals, requests),
                STATS_TOTAL(&totals, bytes_sent));
    control_say(client, "answers: 2xx %" PRIu64 ", 3xx %" PRIu64 ", 4xx %" PRIu64 ", 5xx %" PRIu64,
                STATS_TOTAL(&totals, responses[2]), STATS_TOTAL(&totals, responses[3]),
                STATS_TOTAL(&totals, responses[4]), STATS_TOTAL(&totals, responses[5]));
    if (taken == 0) {
        control_say(client, is_sampling ? "rates and times follow after the first second"
                                        : "rates and times are measured with status = on");
        return;
    }
    const struct stats_sample *last = &stats->samples[(taken - 1) % STATS_SAMPLES];
    control_say(client,
                "last second: requests %" PRIu64 ", 5xx %" PRIu64 ", bytes %" PRIu64
                ", p50 %s, p99 %s",
                counter_get(&last->requests), counter_get(&last->errors), counter_get(&last->bytes),
                duration_text(p50, counter_get(&last->p50_us)),
                duration_text(p99, counter_get(&last->p99_us)));
}

static const char *state_of(const struct master *master)
{
    if (master->is_leaving)
        return "ending";
    if (master->is_delaying)
        return "not ready, about to end";
    if (master->is_drained)
        return "not ready";
    if (master->rest != REST_NONE)
        return "resting";
    if (master->upgrade.state != UPGRADE_NONE)
        return "being replaced";
    return master->next ? "reloading" : "serving";
}

static void say_status(const struct master *master, struct control_client *client)
{
    const struct generation *current = master->current;
    control_say(client, "tinyweb " PACKAGE_VERSION ", master %d: %s", (int)getpid(),
                state_of(master));
    if (!current)
        return;
    control_say(client, "configuration %u, %u of %u workers", current->group.number,
                current->group.ready_count, current->group.count);
    say_totals(client, master->shared, master->stats.is_sampling);
    say_counters(client, current, master->shared->counters);
    server_command_list(current->config, master->shared, client, loop_now_ms(master->loop));
}

static void set_drained(struct master *master, struct control_client *client, bool is_drained)
{
    master->is_drained = is_drained;
    counter_set(&master->shared->is_draining, is_drained);
    log_notice(LOG_PROCESS, "%s from pid %d: %s", is_drained ? "drain" : "undrain", client->peer,
               is_drained ? "not ready for new work, service goes on" : "ready");
    control_end(client, true);
}

static void order_server(struct master *master, struct control_client *client,
                         const struct sig_row *row)
{
    static const enum server_order orders[] = {
        [SIG_ACTION_DRAIN] = SERVER_DRAIN,
        [SIG_ACTION_MAINT] = SERVER_MAINT,
        [SIG_ACTION_READY] = SERVER_READY,
    };
    if (!master->current) {
        control_say(client, "the server is starting");
        control_end(client, false);
        return;
    }
    server_command(master->current->config, master->shared, client, orders[row->action],
                   loop_now_ms(master->loop));
}

static void on_request(void *context, struct control_client *client, const struct sig_row *row)
{
    struct master *master = context;
    const struct sig_event event = {.row = row, .sender = client->peer, .is_word = true};
    if ((master->is_leaving || master->is_delaying) && row->action != SIG_ACTION_STATUS) {
        control_say(client, "the server is ending");
        control_end(client, false);
        return;
    }
    switch (row->action) {
    case SIG_ACTION_STATUS:
        say_status(master, client);
        control_end(client, true);
        return;
    case SIG_ACTION_DRAIN:
        if (client->argument.len > 0)
            order_server(master, client, row);
        else
            set_drained(master, client, true);
        return;
    case SIG_ACTION_UNDRAIN: set_drained(master, client, false); return;
    case SIG_ACTION_MAINT:
    case SIG_ACTION_READY: order_server(master, client, row); return;
    case SIG_ACTION_PURGE:
        purge_command(master->current, master->shared, client, client->argument);
        return;
    case SIG_ACTION_RELOAD:
        client->waits_for_next = master->next || !master->current;
        master_act_on(master, &event);
        return;
    case SIG_ACTION_UPGRADE:
        if (master->upgrade.state != UPGRADE_NONE) {
            control_say(client, "a new program has been started already");
            control_end(client, false);
            return;
        }
        master_act_on(master, &event);
        return;
    case SIG_ACTION_STOP:
    case SIG_ACTION_QUIT:
    case SIG_ACTION_REOPEN:
        master_act_on(master, &event);
        control_end(client, true);
        return;
    case SIG_ACTION_WINCH:
    case SIG_ACTION_REAP: control_end(client, false); return;
    }
}

static void say_to_reloaders(void *context, const char *text)
{
    struct master *master = context;
    control_say_all(&master->control, SIG_ACTION_RELOAD, text);
}

void master_init_control(struct master *master)
{
    control_init(&master->control, master->loop, on_request, master);
    master->trouble.also = say_to_reloaders;
    master->trouble.context = master;
}

/* Without it signals do nearly the same, so it is no reason to stop. */
void master_open_control(struct master *master)
{
    if (master->pid_file.fd == -1)
        return;
    int err = control_open(&master->control, master->pid_file.path);
    if (err)
        log_warn_errno(LOG_PROCESS, err, "cannot listen at \"%s" CONTROL_SUFFIX "\"",
                       master->pid_file.path);
}
