/* SPDX-License-Identifier: MIT */
/* group_key.c - what requests of one server have in common, as a number. */
#include "upstream/group_private.h"

#include "base/client_key.h"
#include "base/hash.h"
#include "http/cookie.h"

/* The value of the first field of that name; false: there is none. */
static bool find_field(const struct header_table *headers, struct slice name,
                       struct slice *ret_value)
{
    for (unsigned i = 0; i < headers->count; i++) {
        if (slice_equal_nocase(headers->rows[i].name, name)) {
            *ret_value = headers->rows[i].value;
            return true;
        }
    }
    return false;
}

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
        is_there = req && find_field(&req->headers, slice_from_string(config->name), &text);
        break;
    }
    return is_there ? hash_bytes(GROUP_KEY_SEED, text) | 1 : 0;
}
