/* SPDX-License-Identifier: MIT */
/*
 * fetch_replay.c - content that waits for a connection, and is kept for the next one where the request
 * might be sent once more.
 */
#include "upstream/fetch_private.h"

#define REPLAY_SIZE_MIN 1024U
#define REPLAY_SIZE_MAX (32U * 1024)

static bool make_room(struct fetch *fetch, size_t len)
{
    struct replay *replay = &fetch->replay;
    uint32_t capacity = MAX(replay->capacity, REPLAY_SIZE_MIN);
    char *bytes;

    while (capacity < REPLAY_SIZE_MAX && capacity < replay->len + len)
        capacity *= 2;
    if (capacity == replay->capacity)
        return true;
    bytes = mempool_realloc(fetch->fetcher->settings.mempool, replay->bytes, replay->capacity,
                            capacity);
    if (!bytes)
        return false;
    replay->bytes = bytes;
    replay->capacity = capacity;
    return true;
}

size_t replay_add(struct fetch *fetch, struct slice bytes)
{
    struct replay *replay = &fetch->replay;

    if (replay->is_partial || bytes.len == 0 || !make_room(fetch, bytes.len))
        return 0;
    bytes.len = MIN(bytes.len, replay->capacity - replay->len);
    memcpy(replay->bytes + replay->len, bytes.data, bytes.len);
    replay->len += (uint32_t)bytes.len;
    return bytes.len;
}

bool replay_send(struct fetch *fetch)
{
    struct replay *replay = &fetch->replay;
    struct slice rest = slice_from(slice_of(replay->bytes, replay->len), replay->sent);
    size_t taken;

    if (rest.len == 0 && !fetch->request_is_complete)
        return true;
    taken = http_client_send(fetch->connection, rest, fetch->request_is_complete);
    replay->sent += (uint32_t)taken;
    return taken == rest.len;
}

void replay_free(struct fetch *fetch)
{
    struct replay *replay = &fetch->replay;

    if (replay->bytes)
        mempool_free(fetch->fetcher->settings.mempool, replay->bytes, replay->capacity);
    *replay = (struct replay){.is_partial = true};
}
