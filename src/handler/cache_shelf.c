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

static void on_sweep(struct timer *timer)
{
    struct shelf *shelf = container_of(timer, struct shelf, sweep_timer);
    struct library *library = &shelf->library;
    struct event_loop *loop = shelf->cache->http->loop;
    int64_t now_ms = loop_now_ms(loop);
    uint64_t key = library->salt ^ 1;
    uint32_t wait_ms = SWEEP_PAUSE_MS;

    if (!shelf->sweeps)
        shelf->sweeps = fill_claim(&library->shared->fills, key, shelf->cache->self, now_ms / 1000,
                                   SWEEP_AGE_S) == FILL_OURS;
    if (shelf->sweeps) {
        fill_refresh(&library->shared->fills, key, shelf->cache->self, now_ms / 1000);
        if (!sweep_step(&shelf->sweep, SWEEP_FILES, loop_wall_seconds(loop)))
            wait_ms = SWEEP_STEP_MS;
        else if (shelf->sweep.bytes > library->config->max_size)
            wait_ms = SWEEP_STEP_MS;
    }
    (void)loop_set_timer(loop, timer, now_ms + wait_ms);
}

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
