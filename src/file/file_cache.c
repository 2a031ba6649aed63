/* SPDX-License-Identifier: MIT */
/*
 * file_cache.c - a chained hash table over two lists (segmented LRU).
 *
 * A new entry starts on probation; its second use makes it protected. Eviction takes from the old
 * end of probation, or a protected one that nobody wants any more; protected entries beyond four
 * fifths of all, or of all bytes, go back to probation's young end.
 */
#include "file/file_cache.h"

#include "base/hash.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#define INITIAL_BUCKETS 256
/* How far to look for an entry that holds a descriptor, when those are short. */
#define DESCRIPTOR_SEARCH 64
/* A protected entry that was not asked for in this time (and valid_ms) protects nothing. */
#define STALE_MS 60000

struct file_cache {
    struct file_cache_settings settings;
    struct open_file **buckets;
    uint32_t bucket_count; /* power of two */
    uint32_t entries, protected_entries;
    uint32_t descriptors;
    uint64_t size, protected_size;
    struct list_node probation, protected; /* young ones last */
};

static uint64_t size_of(const struct open_file *file)
{
    return sizeof(*file) + file->path_len + (file->body ? file->headroom + file->size : 0);
}

static struct open_file **bucket_of(const struct file_cache *cache, uint64_t hash)
{
    return &cache->buckets[hash & (cache->bucket_count - 1)];
}

static struct open_file *file_of(struct list_node *node)
{
    return container_of(node, struct open_file, lru);
}

static void uncount_protected(struct file_cache *cache, const struct open_file *file)
{
    cache->protected_entries--;
    cache->protected_size -= size_of(file);
}

static void drop(struct file_cache *cache, struct open_file *file)
{
    struct open_file **link = bucket_of(cache, file->hash);

    while (*link != file)
        link = &(*link)->next_in_bucket;
    *link = file->next_in_bucket;
    list_remove(&file->lru);
    cache->entries--;
    if (file->is_protected)
        uncount_protected(cache, file);
    cache->descriptors -= file->fd != -1;
    cache->size -= size_of(file);
    file->is_cached = false;
    open_file_unref(file);
}

/* The one to go next; NULL when there is none. */
static struct open_file *oldest(const struct file_cache *cache)
{
    if (!list_is_empty(&cache->probation))
        return file_of(cache->probation.next);
    if (!list_is_empty(&cache->protected))
        return file_of(cache->protected.next);
    return NULL;
}

/* The same for an entry at the time @now_ms. */
static struct open_file *victim_at(const struct file_cache *cache, int64_t now_ms)
{
    int64_t stale_ms = (int64_t)cache->settings.valid_ms + STALE_MS;

    if (!list_is_empty(&cache->protected)) {
        struct open_file *file = file_of(cache->protected.next);

        if (now_ms - file->checked_ms > stale_ms)
            return file;
    }
    return oldest(cache);
}

static struct open_file *first_with_descriptor(struct list_node *list)
{
    struct list_node *node = list->next;

    for (int steps = 0; node != list && steps < DESCRIPTOR_SEARCH; steps++) {
        if (file_of(node)->fd != -1)
            return file_of(node);
        node = node->next;
    }
    return NULL;
}

/* The one asked for longest ago, protected or not: to open it again costs little. */
static bool drop_a_descriptor(struct file_cache *cache)
{
    struct open_file *victim = first_with_descriptor(&cache->probation);
    struct open_file *other = first_with_descriptor(&cache->protected);

    if (other && (!victim || other->checked_ms < victim->checked_ms))
        victim = other;
    if (victim)
        drop(cache, victim);
    return victim != NULL;
}

static void grow_buckets(struct file_cache *cache)
{
    uint32_t count = cache->bucket_count * 2;
    struct open_file **buckets = calloc(count, sizeof(struct open_file *));
    struct open_file **old = cache->buckets;

    if (!buckets)
        return; /* longer chains are still right */
    cache->buckets = buckets;
    for (uint32_t i = 0; i < cache->bucket_count; i++) {
        struct open_file *file = old[i];

        while (file) {
            struct open_file *next = file->next_in_bucket;
            struct open_file **bucket = &buckets[file->hash & (count - 1)];

            file->next_in_bucket = *bucket;
            *bucket = file;
            file = next;
        }
    }
    cache->bucket_count = count;
    free(old);
}

/* Makes room and keeps a reference of its own; too large a file is simply not kept. */
static void insert(struct file_cache *cache, struct open_file *file)
{
    const struct file_cache_settings *settings = &cache->settings;
    struct open_file **bucket;

    if (settings->max_entries == 0 || size_of(file) > settings->max_size)
        return;
    if (file->fd != -1 && cache->descriptors >= settings->max_open && !drop_a_descriptor(cache))
        return;
    while (cache->entries >= settings->max_entries ||
           cache->size + size_of(file) > settings->max_size) {
        struct open_file *victim = victim_at(cache, file->checked_ms);

        if (!victim)
            return;
        drop(cache, victim);
    }
    if (cache->entries >= cache->bucket_count)
        grow_buckets(cache);
    bucket = bucket_of(cache, file->hash);
    file->next_in_bucket = *bucket;
    *bucket = file;
    list_append(&cache->probation, &file->lru);
    cache->entries++;
    cache->descriptors += file->fd != -1;
    cache->size += size_of(file);
    file->is_cached = true;
    open_file_ref(file);
}

static inline struct open_file *find(const struct file_cache *cache, uint64_t hash, uint32_t space,
                                     struct slice path)
{
    struct open_file *file = *bucket_of(cache, hash);

    while (file && (file->hash != hash || file->space != space ||
                    !slice_equal(slice_of(file->path, file->path_len), path)))
        file = file->next_in_bucket;
    return file;
}

static void demote(struct file_cache *cache, struct open_file *file)
{
    list_remove(&file->lru);
    list_append(&cache->probation, &file->lru);
    file->is_protected = false;
    uncount_protected(cache, file);
}

static void promote(struct file_cache *cache, struct open_file *file)
{
    if (file->lru.next == &cache->protected)
        return; /* the youngest already */
    list_remove(&file->lru);
    list_append(&cache->protected, &file->lru);
    if (file->is_protected)
        return;
    file->is_protected = true;
    cache->protected_entries++;
    cache->protected_size += size_of(file);
    while (cache->protected_entries > cache->settings.max_entries / 5 * 4 + 1 ||
           cache->protected_size > cache->settings.max_size / 5 * 4)
        demote(cache, file_of(cache->protected.next));
}

int file_cache_create(const struct file_cache_settings *settings, struct file_cache **ret_cache)
{
    struct file_cache *cache = calloc(1, sizeof(*cache));

    if (!cache)
        return -ENOMEM;
    cache->settings = *settings;
    cache->bucket_count = INITIAL_BUCKETS;
    cache->buckets = calloc(cache->bucket_count, sizeof(struct open_file *));
    list_init(&cache->probation);
    list_init(&cache->protected);
    if (!cache->buckets) {
        free(cache);
        return -ENOMEM;
    }
    *ret_cache = cache;
    return 0;
}

void file_cache_destroy(struct file_cache *cache)
{
    struct open_file *file;

    if (!cache)
        return;
    while ((file = oldest(cache)) != NULL)
        drop(cache, file);
    free(cache->buckets);
    free(cache);
}

static void count(counter *c)
{
    if (c)
        counter_add(c, 1);
}

static int get_anew(struct file_cache *cache, const struct file_root *root, struct slice path,
                    uint64_t hash, int64_t now_ms, struct open_file **ret_file)
{
    const struct file_cache_settings *settings = &cache->settings;
    char terminated[PATH_MAX];
    int err;

    if (path.len >= sizeof(terminated))
        return -ENAMETOOLONG;
    memcpy(terminated, path.data, path.len);
    terminated[path.len] = '\0';
    err = open_file_open(root->fd, terminated, settings->max_file_size, settings->headroom,
                         ret_file);
    if ((err == -EMFILE || err == -ENFILE) && drop_a_descriptor(cache))
        err = open_file_open(root->fd, terminated, settings->max_file_size, settings->headroom,
                             ret_file);
    if (err)
        return err;
    (*ret_file)->hash = hash;
    (*ret_file)->space = root->space;
    (*ret_file)->checked_ms = now_ms;
    insert(cache, *ret_file);
    return 0;
}

/* So no two variants of a path have the same hash, and find() need not tell them apart. */
static inline uint64_t hash_of(const struct file_cache *cache, uint32_t space, struct slice path,
                               unsigned variant)
{
    return hash_bytes(cache->settings.hash_seed + space, path) + variant;
}

/* The one that is held, looked at if it is time for that; NULL: there is none. */
static inline struct open_file *find_current(struct file_cache *cache, const struct file_root *root,
                                             struct slice path, uint64_t hash, int64_t now_ms)
{
    struct open_file *file = find(cache, hash, root->space, path);

    if (file && now_ms - file->checked_ms >= (int64_t)cache->settings.valid_ms) {
        if (open_file_is_current(file, root->fd)) {
            file->checked_ms = now_ms;
            file->checks++;
        } else {
            drop(cache, file);
            file = NULL;
        }
    }
    return file;
}

int file_cache_get_variant(struct file_cache *cache, const struct file_root *root,
                           struct slice path, unsigned variant, int64_t now_ms,
                           struct open_file **ret_file)
{
    struct open_file *file;
    uint64_t hash;

    if (path.len == 0 || path.data[path.len - 1] == '/')
        return -EISDIR;
    hash = hash_of(cache, root->space, path, variant);
    file = find_current(cache, root, path, hash, now_ms);
    if (!file) {
        count(cache->settings.misses);
        int err = get_anew(cache, root, path, hash, now_ms, ret_file);
        if (UNLIKELY(cache->settings.observer != NULL))
            cache->settings.observer->looked(cache->settings.observer, root, path, variant, err);
        return err;
    }
    count(cache->settings.hits);
    promote(cache, file);
    open_file_ref(file);
    *ret_file = file;
    return 0;
}

struct open_file *file_cache_find_variant(struct file_cache *cache, const struct file_root *root,
                                          struct slice path, unsigned variant, int64_t now_ms)
{
    uint64_t hash = hash_of(cache, root->space, path, variant);
    struct open_file *file = find_current(cache, root, path, hash, now_ms);

    if (file) {
        promote(cache, file);
        open_file_ref(file);
    }
    return file;
}

bool file_cache_add_variant(struct file_cache *cache, struct open_file *file, unsigned variant)
{
    struct slice path = slice_of(file->path, file->path_len);
    struct open_file *former;

    file->hash = hash_of(cache, file->space, path, variant);
    former = find(cache, file->hash, file->space, path);
    if (former)
        drop(cache, former);
    insert(cache, file);
    return file->is_cached;
}

void file_cache_forget(struct file_cache *cache, struct open_file *file)
{
    if (file->is_cached)
        drop(cache, file);
}

bool file_cache_trim(struct file_cache *cache)
{
    uint32_t target = cache->entries / 2;
    bool had_any = cache->entries > 0;

    while (cache->entries > target)
        drop(cache, oldest(cache));
    return had_any;
}
