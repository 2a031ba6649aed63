/* SPDX-License-Identifier: MIT */
/* credential_cache.c - a table of sets, each of a few places. */
#include "handler/credential_cache.h"

#include <stdlib.h>
#include <sys/random.h>

#define SETS (CREDENTIALS_MAX / CREDENTIAL_WAYS)

struct credential {
    struct siphash_tag tag;
    const struct auth_users *users; /* NULL: the place is free */
    const struct auth_user *user;
    int64_t until_ms;
};

struct credential_cache {
    struct siphash_key key;
    struct credential sets[SETS][CREDENTIAL_WAYS];
};

struct credential_cache *credential_cache_create(void)
{
    struct credential_cache *cache = calloc(1, sizeof(*cache));

    if (!cache)
        return NULL;
    /* Waits for the kernel's first entropy, at boot; later never. A weaker key will not do. */
    if (getrandom(&cache->key, sizeof(cache->key), 0) == sizeof(cache->key))
        return cache;
    free(cache);
    return NULL;
}

void credential_cache_destroy(struct credential_cache *cache)
{
    free(cache);
}

struct siphash_tag credential_cache_tag(const struct credential_cache *cache,
                                        struct slice authorization)
{
    return siphash(&cache->key, authorization);
}

const struct auth_user *credential_cache_find(const struct credential_cache *cache,
                                              struct siphash_tag tag,
                                              const struct auth_users *users, int64_t now_ms)
{
    const struct credential *set = cache->sets[tag.low % SETS];

    for (unsigned i = 0; i < CREDENTIAL_WAYS; i++) {
        if (set[i].users == users && siphash_equal(set[i].tag, tag))
            return now_ms < set[i].until_ms ? set[i].user : NULL;
    }
    return NULL;
}

void credential_cache_add(struct credential_cache *cache, struct siphash_tag tag,
                          const struct auth_users *users, const struct auth_user *user,
                          int64_t now_ms)
{
    struct credential *set = cache->sets[tag.low % SETS];
    struct credential *place = &set[0];

    for (unsigned i = 0; i < CREDENTIAL_WAYS; i++) {
        if (set[i].users == users && siphash_equal(set[i].tag, tag)) {
            place = &set[i];
            break;
        }
        if (set[i].until_ms < place->until_ms) /* a free one's is 0 */
            place = &set[i];
    }
    *place = (struct credential){tag, users, user, now_ms + CREDENTIAL_LIFETIME_MS};
}
