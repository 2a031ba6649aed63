/* SPDX-License-Identifier: MIT */
/* worker.c - one worker: what it is told, what it owns, and the order in which that goes. */

#include "process/worker.h"

#include "base/log.h"
#include "base/mempool.h"
#include "event/event_loop.h"
#include "event/thread_pool.h"
#include "handler/health.h"
#include "handler/registry.h"
#include "handler/status.h"
#include "http/http_context.h"
#include "net/server.h"
#include "os/channel.h"
#include "os/daemonize.h"
#include "os/signal_manager.h"
#include "process/process_pool.h"
#include "process/worker_factories.h"
#include "process/worker_prepare.h"
#include "upstream/upstreams.h"

#include <errno.h>
#include <unistd.h>

/* An I/O thread that had nothing to do for so long ends. */
#define IO_IDLE_MS 10000
/* How long the end of a worker waits for jobs that read from a disk. */
#define IO_PATIENCE_MS 500

struct worker {
    const struct worker_inheritance *inherited;
    struct event_loop *loop;
    struct watcher signals;
    struct watcher channel;
    struct timer patience; /* for those who do not finish */
    struct mempool *mempool;
    struct thread_pool *threads;
    struct cold_reader cold;
    struct upstreams *upstreams; /* NULL: the configuration has none */
    struct http_context *http;
    struct worker_factories *factories; /* NULL: HTTP on all listeners */
    struct server *server;
    struct client_gate gate;
    struct client_rates rates;
    bool is_leaving;
};

static void close_listeners(struct worker *worker)
{
    const struct worker_inheritance *inherited = worker->inherited;
    for (size_t i = 0; i < inherited->listen_count; i++) {
        if (inherited->listen_fds[i] != -1)
            close(inherited->listen_fds[i]);
        inherited->listen_fds[i] = -1;
    }
}

static int tell_master(const struct worker *worker, enum chan_type type)
{
    const struct chan_message message = {
        .type = type, .slot = worker->inherited->slot, .pid = getpid()};
    return chan_send(worker->channel.fd, &message, -1);
}

static void leave(struct worker *worker, bool take_waiting)
{
    uint32_t limit_ms = worker->inherited->config->server.shutdown_timeout_ms;
    if (worker->is_leaving)
        return;
    worker->is_leaving = true;
    title_set(worker->inherited->title, "tinyweb: worker process is shutting down");
    /* The master watches the same limit; it may be gone. */
    if (limit_ms > 0)
        (void)loop_set_timer(worker->loop, &worker->patience, /* without memory: no limit */
                             loop_now_ms(worker->loop) + limit_ms);
    server_drain(worker->server, take_waiting, worker->inherited->config->server.drain_idle_ms);
    upstreams_drain(worker->upstreams);
    close_listeners(worker);
    (void)tell_master(worker, CHAN_CLOSED); /* who may be gone */
}

static void on_drained(void *context)
{
    struct worker *worker = context;
    loop_stop(worker->loop);
}

static void on_patience_over(struct timer *timer)
{
    struct worker *worker = container_of(timer, struct worker, patience);
    log_notice(LOG_PROCESS, "worker %u: %zu connections have not finished in time",
               worker->inherited->slot, server_connection_count(worker->server));
    loop_stop(worker->loop);
}

static void replace_log(struct worker *worker, uint32_t type, int fd)
{
    struct log_files *logs = worker->inherited->logs;
    int *current = type == CHAN_ERROR_LOG ? &logs->error_fd : &logs->access_fd;
    int old = *current;
    if (fd == -1)
        return; /* it could not be passed; what we have is better than nothing */
    *current = fd;
    if (type == CHAN_ERROR_LOG)
        log_set_fd(fd);
    else
        http_context_set_access_log(worker->http, fd);
    if (old != -1)
        close(old);
}

/* False when the channel is of no more use. */
static bool take_message(struct worker *worker)
{
    struct chan_message message;
    int fd;
    int err = chan_receive(worker->channel.fd, &message, &fd);
    if (err == -EBADMSG)
        return true;
    if (err == -EAGAIN)
        return false;
    if (err) {
        log_notice(LOG_PROCESS, "worker %u: the master is gone", worker->inherited->slot);
        loop_remove(worker->loop, &worker->channel);
        leave(worker, true);
        return false;
    }
    switch ((enum chan_type)message.type) {
    case CHAN_QUIT: leave(worker, message.value != 0); break;
    case CHAN_TERM: loop_stop(worker->loop); break;
    case CHAN_ERROR_LOG:
    case CHAN_ACCESS_LOG: replace_log(worker, message.type, fd); return true;
    case CHAN_NONE:
    case CHAN_READY:
    case CHAN_CLOSED:
    case CHAN_TYPE_COUNT: break;
    }
    if (fd != -1)
        close(fd);
    return true;
}

static void on_channel(struct watcher *watcher, uint32_t events)
{
    struct worker *worker = container_of(watcher, struct worker, channel);
    (void)events; /* reading tells what it is */
    while (take_message(worker))
        continue;
}

static void on_signal(struct watcher *watcher, uint32_t events)
{
    struct worker *worker = container_of(watcher, struct worker, signals);
    struct sig_event event;
    (void)events;
    while (sig_next(watcher->fd, &event) == 0) {
        /* Keys of the terminal reach the whole group: for them the master decides. */
        if (event.is_from_terminal)
            continue;
        if (event.row->number == SIGTERM)
            loop_stop(worker->loop);
        else if (event.row->number == SIGQUIT)
            leave(worker, false);
        else
            log_debug(LOG_PROCESS, "worker %u: SIG%s is for the master", worker->inherited->slot,
                      event.row->name);
    }
}

static int watch_master(struct worker *worker)
{
    int fd;
    int err = sig_open(&fd);
    if (err)
        return err;
    watcher_init(&worker->signals, fd, on_signal);
    watcher_init(&worker->channel, worker->inherited->channel_fd, on_channel);
    timer_init(&worker->patience, on_patience_over);
    err = loop_add(worker->loop, &worker->signals, EPOLLIN);
    return err ? err : loop_add(worker->loop, &worker->channel, EPOLLIN);
}

static void on_limit(void *context, enum limit limit, const struct address *peer)
{
    struct worker *worker = context;
    limit_log_note(&worker->http->limit_log, limit, peer, loop_now_ms(worker->loop));
}

/* NULL: the configuration does not ask for one. */
static struct client_gate *prepare_gate(struct worker *worker)
{
    const struct worker_inheritance *inherited = worker->inherited;
    struct client_gate *gate = &worker->gate;
    *gate = (struct client_gate){
        .exempt = &inherited->config->server.trusted_proxy,
        .refusal = http_refusal(HTTP_TOO_MANY_CONNECTIONS),
        .on_limit = on_limit,
        .context = worker,
    };
    return client_memory_counts(inherited->clients, inherited->config,
                                inherited->slot - inherited->first_slot, &gate->counts)
               ? gate
               : NULL;
}

/* None is made before there is work. A connection has one job at most: so the queue has room for all,
 * and for as many that nobody waits for any more. One there is in any case, for passwords. */
static int build_threads(struct worker *worker)
{
    const struct worker_inheritance *inherited = worker->inherited;
    const struct server_config *config = &inherited->config->server;
    struct worker_counters *counters = &inherited->shared->counters[inherited->slot];
    const struct threadpool_settings settings = {
        .threads = MAX(config->io_threads, 1U),
        .queue_max = 2 * config->worker_connections,
        .idle_ms = IO_IDLE_MS,
        .queued = &counters->io_queued,
        .running = &counters->io_running,
        .jobs = &counters->io_jobs,
        .refused = &counters->io_refused,
    };
    int err = threadpool_create(worker->loop, &settings, &worker->threads);
    if (!err && config->io_threads > 0)
        worker->cold.threads = worker->threads;
    return err;
}

static int build_upstreams(struct worker *worker)
{
    const struct worker_inheritance *inherited = worker->inherited;
    const struct upstreams_settings settings = {
        .config = inherited->config,
        .loop = worker->loop,
        .mempool = worker->mempool,
        .counters = &inherited->shared->counters[inherited->slot],
        .table = &inherited->shared->servers,
        .names = &inherited->shared->names,
        .slot = inherited->slot,
    };
    return upstreams_create(&settings, &worker->upstreams);
}

static int build_http(struct worker *worker)
{
    const struct worker_inheritance *inherited = worker->inherited;
    const struct http_settings settings = {
        .config = inherited->config,
        .loop = worker->loop,
        .mempool = worker->mempool,
        .threads = worker->threads,
        .upstreams = worker->upstreams,
        .counters = &inherited->shared->counters[inherited->slot],
        .root_fds = inherited->root_fds,
        .cache_fds = inherited->caches->fds,
        .cache_shared = &inherited->shared->cache,
        .access_log_fd = inherited->logs->access_fd,
        .rates = client_memory_rates(inherited->clients, inherited->config, &worker->rates)
                     ? &worker->rates
                     : NULL,
        .make_handler = registry_make_handler,
        .make_health = health_create,
        .is_draining = &inherited->shared->is_draining,
        .make_status = status_create,
        .stats = &inherited->shared->stats,
        .all_counters = inherited->shared->counters,
    };
    return http_context_create(&settings, &worker->http);
}

static int build_server(struct worker *worker)
{
    const struct worker_inheritance *inherited = worker->inherited;
    const struct server_config *config = &inherited->config->server;
    struct worker_counters *counters = inherited->shared->counters;
    const struct server_settings settings = {
        .listen_fds = inherited->listen_fds,
        .listen_count = inherited->listen_count,
        .factories = worker->factories ? worker->factories->of_listener : NULL,
        .pool =
            {
                .capacity = worker_capacity(inherited->config),
                .input_size = http_input_size(inherited->config),
                .send_timeout_ms = config->send_timeout_ms,
                .min_send_rate = config->min_send_rate,
                /* Else the listeners say it. */
                .send_rate = config->send_rate_after > 0 ? config->send_rate : 0,
                .send_rate_after = config->send_rate_after,
                .linger_timeout_ms = config->linger_timeout_ms,
                .gate = prepare_gate(worker),
                .bytes_sent = &counters[inherited->slot].bytes_sent,
                .cold = &worker->cold,
            },
        .accept_mutex = inherited->accept_mutex,
        .accept_mutex_delay_ms = config->accept_mutex_delay_ms,
        .counters = &counters[inherited->first_slot],
        .counters_count = inherited->slot_count,
        .counters_index = inherited->slot - inherited->first_slot,
        .busy = http_refusal(HTTP_SERVER_BUSY),
        .on_limit = on_limit,
        .on_drained = on_drained,
        .context = worker,
    };
    return server_create(worker->loop, worker->mempool, http_context_factory(worker->http),
                         &settings, &worker->server);
}

static int build(struct worker *worker)
{
    int err = loop_create(&worker->loop);
    if (!err)
        err = watch_master(worker);
    if (!err && !(worker->mempool = mempool_create()))
        err = -ENOMEM;
    if (!err)
        err = build_threads(worker);
    if (!err)
        err = build_upstreams(worker);
    if (!err)
        err = build_http(worker);
    if (!err)
        err = worker_factories_create(worker->inherited->config, worker->http, &worker->factories);
    if (!err)
        err = build_server(worker);
    return err;
}

/* A thread waits still, so whatever it may look at has to stay: only what is said is brought out. */
static _Noreturn void leave_threads_behind(struct worker *worker, int status)
{
    http_context_set_access_log(worker->http, worker->inherited->logs->access_fd); /* flushes */
    log_notice(LOG_PROCESS, "worker %u: a disk does not answer: ending without it",
               worker->inherited->slot);
    close_listeners(worker); /* the thread may keep this process for long: the port shall be free */
    _exit(status);
}

static void tear_down(struct worker *worker, int status)
{
    server_destroy(worker->server);
    upstreams_destroy(worker->upstreams);
    /* After whoever waits for a job, before what it needs. */
    if (!threadpool_destroy(worker->threads, IO_PATIENCE_MS))
        leave_threads_behind(worker, status);
    worker_factories_destroy(worker->factories);
    http_context_destroy(worker->http);
    mempool_destroy(worker->mempool);
    if (worker->loop)
        loop_cancel_timer(worker->loop, &worker->patience);
    loop_destroy(worker->loop);
    if (worker->signals.fd != -1)
        close(worker->signals.fd);
}

int worker_run(const struct worker_inheritance *inherited)
{
    struct worker worker = {.inherited = inherited, .signals.fd = -1, .channel.fd = -1};
    title_set(inherited->title, "tinyweb: worker process");

    if (worker_prepare(inherited))
        return CHILD_EXIT_STARTUP;

    int err = build(&worker);
    /* From here on this thread and all others make only the calls that serving needs. */
    if (!err && confinement_of_calls(inherited->confinement, worker_speaks_for_all(inherited),
                                     &inherited->trouble)) {
        tear_down(&worker, CHILD_EXIT_STARTUP);
        return CHILD_EXIT_STARTUP;
    }
    /* Until here whatever goes wrong is said where the command was given. */
    if (!err && inherited->config->server.daemon)
        err = daemon_leave_terminal(inherited->logs->error_fd);
    if (!err)
        err = tell_master(&worker, CHAN_READY);
    if (err == -EPIPE) { /* the master has ended already, and nobody is interested */
        tear_down(&worker, 0);
        return 0;
    }
    if (err) {
        trouble_report(&inherited->trouble, err, "worker: cannot start");
        tear_down(&worker, CHILD_EXIT_STARTUP);
        return CHILD_EXIT_STARTUP;
    }
    err = loop_run(worker.loop);
    if (err)
        log_error_errno(LOG_PROCESS, err, "worker %u: cannot wait for events", inherited->slot);
    tear_down(&worker, err ? 1 : 0);
    return err ? 1 : 0;
}
