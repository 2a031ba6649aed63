/* SPDX-License-Identifier: MIT */
/* library.c - from a key to a file: directly, or by way of an index of choices. */

#include "cache/library.h"

#include "base/hash.h"
#include "cache/purge.h"
#include "http/vary.h"

#include <fcntl.h>
#include <sys/stat.h>

#define CHOICE_SIZE 4096
#define TOUCH_S 60

int library_open(struct library *library, const struct reply_cache_config *config, int dir_fd,
                 struct cache_shared *shared, const struct file_cache_settings *settings)
{
    *library = (struct library){
        .config = config,
        .store = {.dir_fd = dir_fd,
                  .max_object = config->max_object + ENTRY_HEAD_SIZE + ENTRY_TEXT_MAX,
                  .min_free = config->min_free},
        .shared = shared,
        .settings = *settings,
        .root = {.fd = dir_fd},
        .purges_seen = purge_count(&shared->purges),
        .salt = hash_bytes(0, slice_from_string(config->path)),
    };
    return file_cache_create(settings, &library->files);
}

void library_close(struct library *library)
{
    file_cache_destroy(library->files);
    library->files = NULL;
}

/* A reference to the file of @name, if it is an entry of @key. */
static struct stored *open_entry(struct library *library, const struct store_name *name,
                                 struct slice key, int64_t now_ms, struct open_file **ret_file)
{
    struct open_file *file;
    struct stored *stored;

    if (file_cache_get(library->files, &library->root, slice_from_string(name->text), now_ms,
                       &file) != 0)
        return NULL;
    stored = stored_of(file);
    if (!stored || !slice_equal(stored->entry.key, key)) {
        open_file_unref(file);
        return NULL;
    }
    *ret_file = file;
    return stored;
}

static void find_choice(struct library *library, struct slice key,
                        const struct header_table *request, int64_t now_ms,
                        const struct cache_entry *index, struct library_place *place)
{
    char text[CHOICE_SIZE];
    struct writer choice = writer_on(text, sizeof(text));
    struct open_file *file;
    struct stored *stored;

    place->varies = true;
    place->variation = index->variation;
    vary_write_values(&choice, index->choice, request);
    if (choice.overflow)
        return; /* the index is no reply: nothing is found under its name */
    store_name_of_choice(key, place->variation, writer_content(&choice), &place->name);
    stored = open_entry(library, &place->name, key, now_ms, &file);
    if (!stored)
        return;
    if (stored->entry.kind == ENTRY_REPLY && stored->entry.variation == place->variation &&
        slice_equal(stored->entry.choice, writer_content(&choice))) {
        place->file = file;
        place->stored = stored;
    } else {
        open_file_unref(file);
    }
}

static const struct store_name *name_of(struct library *library, struct slice key)
{
    uint64_t hash = hash_bytes(library->settings.hash_seed, key) | 1;
    struct library_name *known = &library->names[hash / 2 % LIBRARY_NAMES];

    if (known->hash != hash) {
        known->hash = hash;
        store_name_of(key, &known->name);
    }
    return &known->name;
}

void library_find(struct library *library, struct slice key, const struct header_table *request,
                  int64_t now_ms, struct library_place *ret_place)
{
    struct library_place *place = ret_place;
    struct open_file *file;
    struct stored *stored;

    library_hear_of_purges(library, now_ms);
    place->name = place->index = *name_of(library, key);
    place->varies = false;
    place->variation = 0;
    place->file = NULL;
    place->stored = NULL;
    stored = open_entry(library, &place->name, key, now_ms, &file);
    if (!stored)
        return;
    if (stored->entry.kind == ENTRY_REPLY) {
        place->file = file;
        place->stored = stored;
        return;
    }
    find_choice(library, key, request, now_ms, &stored->entry, place);
    open_file_unref(file);
}

void library_forget_name(struct library *library, const struct store_name *name, int64_t now_ms)
{
    struct open_file *file = file_cache_find_variant(library->files, &library->root,
                                                     slice_from_string(name->text), 0, now_ms);

    if (file) {
        file_cache_forget(library->files, file);
        open_file_unref(file);
    }
}

void library_forget(struct library *library, const struct library_place *place, int64_t now_ms)
{
    library_forget_name(library, &place->name, now_ms);
    library_forget_name(library, &place->index, now_ms);
}

static void touch(const struct library *library, const struct store_name *name, time_t now)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = now}};

    (void)utimensat(library->store.dir_fd, name->text, times, 0); /* gone: no matter */
}

void library_touch(struct library *library, const struct library_place *place, time_t now)
{
    if (now - place->stored->touched_at < TOUCH_S)
        return;
    place->stored->touched_at = now;
    touch(library, &place->name, now);
    if (place->varies)
        touch(library, &place->index, now);
}

bool library_purge(struct library *library, struct slice key, int64_t now_ms)
{
    bool was_there = purge_key(library->store.dir_fd, &library->shared->purges, key);

    library_hear_of_purges(library, now_ms);
    return was_there;
}

/* A new one: there is no other way to empty it. Without memory the old one goes on. */
static void forget_all(struct library *library)
{
    struct file_cache *files;

    if (file_cache_create(&library->settings, &files) != 0)
        return;
    file_cache_destroy(library->files);
    library->files = files;
}

void library_hear_of_purges(struct library *library, int64_t now_ms)
{
    const struct purge_ring *ring = &library->shared->purges;
    struct purge_key key;
    struct store_name name;

    if (!purge_has_news(ring, library->purges_seen))
        return;
    while (purge_next(ring, &library->purges_seen, &key)) {
        if (purge_is_everything(key)) {
            forget_all(library);
        } else {
            store_name_from((struct siphash_tag){.low = key.low, .high = key.high}, &name);
            library_forget_name(library, &name, now_ms);
        }
        if (library->on_purged)
            library->on_purged(library, purge_is_everything(key) ? NULL : &name);
    }
}
