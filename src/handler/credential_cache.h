/* SPDX-License-Identifier: MIT */
/*
 * credential_cache.h - Authorization fields that were found to be right a short time ago.
 *
 * Of the field only a tag under a random key is kept, which is as good as nothing to whoever reads
 * this memory, or tries to send another field of the same tag. Fixed in size; lives as long as its worker, so a
 * reload empties it.
 */
#ifndef TINYWEB_HANDLER_CREDENTIAL_CACHE_H
#define TINYWEB_HANDLER_CREDENTIAL_CACHE_H

#include "base/macros.h"
#include "base/siphash.h"
#include "config/config.h"

#define CREDENTIAL_LIFETIME_MS 300000
/* At most so many are kept, and of those with the same last bits of their tags CREDENTIAL_WAYS. */
#define CREDENTIALS_MAX 256
#define CREDENTIAL_WAYS 4

struct credential_cache;

struct credential_cache *credential_cache_create(void); /* NULL: out of memory */
void credential_cache_destroy(struct credential_cache *cache);

struct siphash_tag credential_cache_tag(const struct credential_cache *cache,
                                        struct slice authorization);

/* Who it is, among @users; NULL: not known, or no longer. */
const struct auth_user *credential_cache_find(const struct credential_cache *cache,
                                              struct siphash_tag tag,
                                              const struct auth_users *users, int64_t now_ms);

/* Keep it, in the place of the oldest one. */
void credential_cache_add(struct credential_cache *cache, struct siphash_tag tag,
                          const struct auth_users *users, const struct auth_user *user,
                          int64_t now_ms);

#endif
