/* SPDX-License-Identifier: MIT */
/* fetch.c - the life of a fetch, as its user sees it; who is asked, and how often: fetch_attempt.c. */
#include "upstream/fetch_private.h"
#include "upstream/sticky.h"

#include <errno.h>
#include <stdlib.h>

/* Given back, and kept for those to come: they are hot in the cache. */
#define SPARE_MAX 32
/* How often a worker that leaves looks for tunnels that have to end. */
#define TUNNEL_LOOK_MS 500

/* NULL: there is none. */
static struct fetch *find_late_tunnel(struct fetcher *fetcher, int64_t now_ms)
{
    for (struct list_node *node = fetcher->fetches.next; node != &fetcher->fetches;
         node = node->next) {
        struct fetch *fetch = container_of(node, struct fetch, node);
        uint32_t limit_ms = fetch->request.group->config->tunnel_drain_ms;

        if (fetch->is_tunnel && fetcher->drained_ms + (int64_t)limit_ms <= now_ms)
            return fetch;
    }
    return NULL;
}

static void end_late_tunnels(struct timer *timer)
{
    struct fetcher *fetcher = container_of(timer, struct fetcher, tunnel_timer);
    struct event_loop *loop = fetcher->settings.loop;
    struct fetch *fetch;

    while ((fetch = find_late_tunnel(fetcher, loop_now_ms(loop))) != NULL)
        fetch_shut_down(fetch); /* and others maybe with it */
    (void)loop_set_timer(loop, timer, loop_now_ms(loop) + TUNNEL_LOOK_MS); /* else they stay */
}

void fetcher_drain(struct fetcher *fetcher)
{
    fetcher->drained_ms = loop_now_ms(fetcher->settings.loop);
    end_late_tunnels(&fetcher->tunnel_timer);
}

int fetcher_create(const struct fetcher_settings *settings, struct fetcher **ret_fetcher)
{
    struct fetcher *fetcher = calloc(1, sizeof(*fetcher) + settings->request_head_max);

    if (!fetcher)
        return -ENOMEM;
    fetcher->settings = *settings;
    list_init(&fetcher->fetches);
    timer_init(&fetcher->tunnel_timer, end_late_tunnels);
    *ret_fetcher = fetcher;
    return 0;
}

static struct fetch *take(struct fetcher *fetcher)
{
    struct fetch *fetch = fetcher->spare;

    if (!fetch)
        return malloc(sizeof(struct fetch));
    fetcher->spare = fetch->next_spare;
    fetcher->spare_count--;
    return fetch;
}

static void give(struct fetch *fetch)
{
    struct fetcher *fetcher = fetch->fetcher;

    if (fetcher->spare_count >= SPARE_MAX) {
        free(fetch);
        return;
    }
    fetch->next_spare = fetcher->spare;
    fetcher->spare = fetch;
    fetcher->spare_count++;
}

/* Nothing points to it any more but its user. */
static void let_go(struct fetch *fetch)
{
    fetch->is_over = true;
    loop_unpost(&fetch->soon);
    list_remove(&fetch->node);
    replay_free(fetch);
}

void fetch_leave_call(struct fetch *fetch)
{
    fetch->in_call = false;
    if (UNLIKELY(fetch->is_over))
        give(fetch);
}

void fetch_end(struct fetch *fetch, const struct fetch_failure *failure)
{
    fetch_drop_kept(fetch);
    let_go(fetch);
    fetch->user->ops->end(fetch->user, failure);
    give(fetch);
}

void fetcher_destroy(struct fetcher *fetcher)
{
    if (!fetcher)
        return;
    fetcher->is_closing = true;
    loop_cancel_timer(fetcher->settings.loop, &fetcher->tunnel_timer);
    while (!list_is_empty(&fetcher->fetches)) {
        struct fetch *fetch = container_of(fetcher->fetches.next, struct fetch, node);

        fetch_shut_down(fetch);
    }
    while (fetcher->spare) {
        struct fetch *next = fetcher->spare->next_spare;

        free(fetcher->spare);
        fetcher->spare = next;
    }
    free(fetcher);
}

int fetch_start(struct fetcher *fetcher, const struct fetch_request *request,
                struct fetch_user *user, struct fetch **ret_fetch)
{
    struct fetch *fetch = take(fetcher);

    if (!fetch)
        return -ENOMEM;
    *fetch = (struct fetch){
        .fetcher = fetcher,
        .user = user,
        .request = *request,
        .key = group_key(request->group, request->req, request->client),
        .sticky_id = sticky_read(request->group->config, request->req),
        .ended_by = FETCH_ENDED_WELL,
        .started_us = loop_now_us(fetcher->settings.loop),
        .request_is_complete = request->framing == BODY_NONE,
    };
    if (UNLIKELY(request->group->config->prologue != UPSTREAM_PROLOGUE_NONE))
        fetch->prologue_len = (uint8_t)proxy_header_write(request->client, request->local,
                                                          fetch->prologue);
    fetch->request.req = NULL;
    fetch->request.client = NULL;
    task_init(&fetch->soon, fetch_fail_now);
    list_append(&fetcher->fetches, &fetch->node);
    *ret_fetch = fetch;
    fetch_begin(fetch);
    return 0;
}

/* There might be another attempt, by what is known so far. */
static bool may_be_asked_again(const struct fetch *fetch)
{
    return method_is_idempotent(fetch->request.method) &&
           (fetch->attempts < fetch->request.group->config->tries ||
            (fetch->is_reused && !fetch->was_stale));
}

static void remember(struct fetch *fetch, struct slice sent)
{
    struct replay *replay = &fetch->replay;

    if (replay->is_partial)
        return;
    if (may_be_asked_again(fetch) && replay_add(fetch, sent) == sent.len)
        replay->sent = replay->len;
    else
        replay_free(fetch);
}

size_t fetch_send(struct fetch *fetch, struct slice bytes, bool is_last)
{
    const struct replay *replay = &fetch->replay;
    size_t taken;

    if (fetch->is_over || fetch->refuses_content || (fetch->had_head && !fetch->connection))
        return bytes.len;
    if (fetch->is_connected && replay->sent == replay->len) {
        taken = http_client_send(fetch->connection, bytes, is_last);
        if (!fetch->had_head)
            remember(fetch, slice_of(bytes.data, taken));
    } else {
        taken = replay_add(fetch, bytes);
    }
    fetch->sent_bytes += taken;
    if (taken < bytes.len)
        fetch->user_wants_room = true;
    else if (is_last)
        fetch->request_is_complete = true;
    return taken;
}

void fetch_resume(struct fetch *fetch)
{
    if (fetch->connection)
        http_client_resume(fetch->connection);
}

void fetch_cancel(struct fetch *fetch)
{
    bool in_call = fetch->in_call;

    if (fetch->is_over)
        return;
    fetch_leave_queue(fetch);
    if (fetch->connection)
        http_client_drop(fetch->connection);
    fetch->connection = NULL;
    fetch_drop_kept(fetch);
    fetch_release(fetch, OUTCOME_OURS);
    let_go(fetch);
    if (!in_call)
        give(fetch);
}

void fetch_facts(const struct fetch *fetch, struct fetch_facts *ret_facts)
{
    *ret_facts = (struct fetch_facts){
        .server = fetch->last_server,
        .attempts = fetch->attempts,
        .is_reused = fetch->is_reused,
        .ended_by = fetch->ended_by,
        .connect_us = fetch->connect_us,
        .first_byte_us = fetch->first_byte_us,
        .total_us = (uint32_t)(now_us_of(fetch) - fetch->started_us),
        .sent_bytes = fetch->sent_bytes,
        .content_bytes = fetch->content_bytes,
    };
}
