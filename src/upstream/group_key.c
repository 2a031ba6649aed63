/* SPDX-License-Identifier: MIT */
/* group_key.c - what requests of one server have in common, as a number. */
#include "upstream/group_private.h"

#include "base/client_key.h"
#include "base/hash.h"
#include "http/cookie.h"

uint64_t group_key(const struct upstream_group *group, const struct request *req,
                   const struct address *client)
{
    const struct hash_key_config *config = &group->config->hash_key;
    struct slice text = {.len = 0};
    bool is_there = false;
    if (group->config->balance != BALANCE_HASH)
        return 0;
    switch (config->kind) {
    case HASH_KEY_CLIENT: return client ? client_key(GROUP_KEY_SEED, client) | 1 : 0;
    case HASH_KEY_URI:
        is_there = req != NULL;
        if (is_there)
            text = req->target;
        break;
    case HASH_KEY_COOKIE:
        is_there = req && cookie_find(&req->headers, slice_from_string(config->name), &text);
        break;
    case HASH_KEY_HEADER:
        if (req)
            text = header_table_find(&req->headers, slice_from_string(config->name));
        is_there = text.data != NULL;
        break;
    }
    return is_there ? hash_bytes(GROUP_KEY_SEED, text) | 1 : 0;
}
