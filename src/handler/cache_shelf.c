/* SPDX-License-Identifier: MIT */
/* cache_shelf.c - one [cache NAME] of a worker: its folder, kept within bounds by one of all workers, and
 * what was learned of keys. */
#include "handler/cache_private.h"

#define SWEEP_FILES 100
#define SWEEP_STEP_MS 10
#define SWEEP_PAUSE_MS 10000
/* A sweeper that has said nothing for so long is gone. */
#define SWEEP_AGE_S 60
#define MARK_DOUBLED_MAX 5

/* --- what was learned of keys */

static uint64_t mark_key(const struct store_name *name)
{
    return name->tag.low ^ name->tag.high;
}

struct cache_mark *shelf_find_mark(struct shelf *shelf, const struct store_name *name, bool fails,
                                   time_t now)
{
    struct cache_mark *mark = &shelf->marks[mark_key(name) % CACHE_MARKS];

    return mark->key == mark_key(name) && mark->fails == fails && now < mark->until ? mark : NULL;
}

/* A key that fails again rests for longer: 1, 2, 4 … 32 s. */
void shelf_set_mark(struct shelf *shelf, const struct store_name *name, bool fails, time_t now)
{
    struct cache_mark *mark = &shelf->marks[mark_key(name) % CACHE_MARKS];
    bool is_again = mark->key == mark_key(name) && mark->fails && fails;
    uint8_t doubled = is_again ? (uint8_t)MIN(mark->doubled + 1, MARK_DOUBLED_MAX) : 0;

    *mark = (struct cache_mark){
        .key = mark_key(name),
        .until = now + (fails ? (time_t)1 << doubled : CACHE_PASS_S),
        .fails = fails,
        .doubled = doubled,
    };
}

void shelf_clear_mark(struct shelf *shelf, const struct store_name *name)
{
    struct cache_mark *mark = &shelf->marks[mark_key(name) % CACHE_MARKS];

    if (mark->key == mark_key(name))
        *mark = (struct cache_mark){.key = 0};
}

/* --- the sweep */

static void set_sweep_timer(struct shelf *shelf, uint32_t wait_ms)
{
    struct event_loop *loop = shelf->cache->http->loop;

    (void)loop_set_timer(loop, &shelf->sweep_timer, loop_now_ms(loop) + wait_ms);
}

static void go_on_sweeping(struct shelf *shelf)
{
    bool is_over = shelf->sweep.bytes > shelf->library.config->max_size;

    set_sweep_timer(shelf, shelf->has_ended_round && !is_over ? SWEEP_PAUSE_MS : SWEEP_STEP_MS);
}

/* In a thread: folders that are in no memory take their time. */
static void run_sweep(struct job *job)
{
    struct shelf *shelf = container_of(job, struct shelf, sweep_job);

    shelf->has_ended_round = sweep_step(&shelf->sweep, SWEEP_FILES, shelf->swept_at);
}

static void on_swept(struct job *job, bool has_run)
{
    if (has_run)
        go_on_sweeping(container_of(job, struct shelf, sweep_job));
}

static void on_sweep(struct timer *timer)
{
    struct shelf *shelf = container_of(timer, struct shelf, sweep_timer);
    struct library *library = &shelf->library;
    struct http_context *http = shelf->cache->http;
    int64_t now_s = loop_now_ms(http->loop) / 1000;
    uint64_t key = library->salt ^ 1;

    if (!shelf->sweeps)
        shelf->sweeps = fill_claim(&library->shared->fills, key, shelf->cache->self, now_s,
                                   SWEEP_AGE_S) == FILL_OURS;
    if (!shelf->sweeps) {
        set_sweep_timer(shelf, SWEEP_PAUSE_MS);
        return;
    }
    fill_refresh(&library->shared->fills, key, shelf->cache->self, now_s);
    shelf->swept_at = loop_wall_seconds(http->loop);
    job_init(&shelf->sweep_job, run_sweep, on_swept);
    if (http->threads && threadpool_submit(http->threads, &shelf->sweep_job) == 0)
        return;
    run_sweep(&shelf->sweep_job); /* no thread has time, so this one takes it */
    go_on_sweeping(shelf);
}

/* --- its life */

int shelf_open(struct cache *cache, size_t number)
{
    struct http_context *http = cache->http;
    const struct reply_cache_config *config = &http->config->reply_caches[number];
    const struct cache_config *memory = &http->config->cache;
    struct shelf *shelf = &cache->shelves[number];
    const struct file_cache_settings settings = {
        .valid_ms = 1000,
        .headroom = STORED_HEAD_ROOM,
        .max_entries = memory->max_entries,
        .max_open = MIN(256, memory->max_entries),
        .max_size = memory->max_size,
        .max_file_size = memory->max_file_size + ENTRY_HEAD_SIZE + 4096,
        .hash_seed = http->boundary,
    };
    int err = library_open(&shelf->library, config, http->cache_fds[number], http->cache_shared,
                           &settings);

    shelf->cache = cache;
    shelf->library.on_purged = cache_on_purged;
    shelf->rules = (struct cache_rules){
        .keeps_cookies = config->cache_cookies,
        .uses_heuristic = config->heuristic,
        .obeys_clients = config->obeys_clients,
        .errors_s = config->errors_ms / 1000,
    };
    sweep_init(&shelf->sweep, http->cache_fds[number], config->max_size,
               config->inactive_ms / 1000);
    timer_init(&shelf->sweep_timer, on_sweep);
    if (!err)
        err = loop_set_timer(http->loop, &shelf->sweep_timer, loop_now_ms(http->loop) + 1000);
    return err;
}

void shelf_close(struct shelf *shelf)
{
    loop_cancel_timer(shelf->cache->http->loop, &shelf->sweep_timer);
    if (shelf->sweeps)
        fill_release(&shelf->library.shared->fills, shelf->library.salt ^ 1, shelf->cache->self);
    sweep_done(&shelf->sweep);
    library_close(&shelf->library);
}
