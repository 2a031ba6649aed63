/* SPDX-License-Identifier: MIT */
/* siblings.c - directories by path, in a chained hash table over a list (LRU). */
#include "file/siblings.h"

#include "base/hash.h"
#include "base/list.h"
#include "file/file_stamp.h"
#include "file/path.h"
#include "file/sibling_names.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define BUCKETS 256
#define DIRECTORIES_MAX 1024
/* Of all lists together, each a few dozen bytes a sibling. */
#define SIZE_MAX_BYTES (8U << 20)

struct directory {
    struct directory *next_in_bucket;
    struct list_node lru;
    uint64_t hash;
    int64_t checked_ms;
    struct file_stamp stamp;
    struct sibling_names *names; /* NULL: there is no list, each file is asked for */
    uint32_t space;              /* with the path: the key */
    size_t path_len;
    char path[]; /* as it begins a file's path: "" or "a/b/" */
};

struct siblings {
    struct siblings_settings settings;
    struct directory *buckets[BUCKETS];
    struct list_node lru; /* young ones last */
    unsigned count;
    size_t size;
};

static size_t size_of(const struct directory *directory)
{
    return sizeof(*directory) + directory->path_len +
           (directory->names ? sibling_names_size(directory->names) : 0);
}

static void drop(struct siblings *siblings, struct directory *directory)
{
    struct directory **link = &siblings->buckets[directory->hash % BUCKETS];

    while (*link != directory)
        link = &(*link)->next_in_bucket;
    *link = directory->next_in_bucket;
    list_remove(&directory->lru);
    siblings->count--;
    siblings->size -= size_of(directory);
    sibling_names_destroy(directory->names);
    free(directory);
}

/* The one to go next; NULL when there is none. */
static struct directory *oldest(const struct siblings *siblings)
{
    if (list_is_empty(&siblings->lru))
        return NULL;
    /* The analyzer takes the list's head for a part of the entry that was dropped before.
     * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
    return container_of(siblings->lru.next, struct directory, lru);
}

static void make_room(struct siblings *siblings, size_t size)
{
    while (siblings->count >= DIRECTORIES_MAX || siblings->size + size > SIZE_MAX_BYTES) {
        struct directory *victim = oldest(siblings);

        if (!victim)
            return;
        drop(siblings, victim);
    }
}

static struct directory *find(const struct siblings *siblings, uint64_t hash, uint32_t space,
                              struct slice path)
{
    struct directory *directory = siblings->buckets[hash % BUCKETS];

    while (directory && (directory->hash != hash || directory->space != space ||
                         !slice_equal(slice_of(directory->path, directory->path_len), path)))
        directory = directory->next_in_bucket;
    return directory;
}

/* Takes @names. NULL: out of memory. */
static struct directory *insert(struct siblings *siblings, struct slice path, uint64_t hash,
                                struct sibling_names *names)
{
    struct directory *directory = malloc(sizeof(*directory) + path.len);
    struct directory **bucket = &siblings->buckets[hash % BUCKETS];

    if (!directory) {
        sibling_names_destroy(names);
        return NULL;
    }
    *directory = (struct directory){.hash = hash, .names = names, .path_len = path.len};
    if (path.len > 0)
        memcpy(directory->path, path.data, path.len);
    make_room(siblings, size_of(directory));
    directory->next_in_bucket = *bucket;
    *bucket = directory;
    list_append(&siblings->lru, &directory->lru);
    siblings->count++;
    siblings->size += size_of(directory);
    return directory;
}

/* Open the directory and say what it is. The descriptor, or -errno. */
static int open_directory(const struct file_root *root, struct slice path, struct stat *ret_stat)
{
    char terminated[PATH_MAX];
    int fd;

    memcpy(terminated, path.data, path.len);
    terminated[path.len] = '\0';
    fd = path_open(root->fd, terminated);
    if (fd >= 0 && fstat(fd, ret_stat) == -1) {
        int err = -errno;

        (void)close(fd);
        return err;
    }
    return fd;
}

/* The directory as it is now: @old when it has not changed, else read anew. NULL: it cannot be
 * opened, or there is no memory. */
static struct directory *look(struct siblings *siblings, const struct file_root *root,
                              struct directory *old, struct slice path, uint64_t hash)
{
    struct sibling_names *names = NULL;
    struct directory *directory;
    struct file_stamp stamp;
    struct stat st;
    int fd = open_directory(root, path, &st);

    if (fd >= 0 && old && !old->stamp.is_racy && file_stamp_is_same(&old->stamp, &st)) {
        (void)close(fd);
        return old;
    }
    if (old)
        drop(siblings, old);
    if (fd < 0)
        return NULL;
    stamp = file_stamp_of(&st); /* before the names: a change meanwhile shows next time */
    if (sibling_names_read(fd, &names) == -ENOMEM)
        return NULL;
    directory = insert(siblings, path, hash, names);
    if (directory) {
        directory->stamp = stamp;
        directory->space = root->space;
    }
    return directory;
}

static bool is_there(const struct file_root *root, const char *path)
{
    int fd = path_open(root->fd, path);
    struct stat st;
    bool is_file;

    if (fd < 0)
        return false;
    is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    (void)close(fd);
    return is_file;
}

static unsigned ask_for_each(const struct file_root *root, struct slice path)
{
    char name[PATH_MAX];
    unsigned found = 0;

    memcpy(name, path.data, path.len);
    for (unsigned coding = CODING_IDENTITY + 1; coding < CODING_COUNT; coding++) {
        struct slice suffix = coding_suffix((enum content_coding)coding);

        if (path.len + suffix.len >= sizeof(name))
            continue;
        memcpy(name + path.len, suffix.data, suffix.len);
        name[path.len + suffix.len] = '\0';
        if (is_there(root, name))
            found |= BIT(coding);
    }
    return found;
}

int siblings_create(const struct siblings_settings *settings, struct siblings **ret_siblings)
{
    struct siblings *siblings = calloc(1, sizeof(*siblings));

    if (!siblings)
        return -ENOMEM;
    siblings->settings = *settings;
    list_init(&siblings->lru);
    *ret_siblings = siblings;
    return 0;
}

void siblings_destroy(struct siblings *siblings)
{
    if (!siblings)
        return;
    siblings_trim(siblings);
    free(siblings);
}

void siblings_trim(struct siblings *siblings)
{
    struct directory *directory;

    while ((directory = oldest(siblings)) != NULL)
        drop(siblings, directory);
}

unsigned siblings_find(struct siblings *siblings, const struct file_root *root, struct slice path,
                       int64_t now_ms)
{
    size_t split = (size_t)(slice_find_last(path, '/') + 1);
    struct slice folder = slice_of(path.data, split);
    uint64_t hash = hash_bytes(siblings->settings.hash_seed + root->space, folder);
    struct directory *directory = find(siblings, hash, root->space, folder);

    if (path.len >= PATH_MAX)
        return 0;
    if (!directory || now_ms - directory->checked_ms >= (int64_t)siblings->settings.valid_ms) {
        directory = look(siblings, root, directory, folder, hash);
        if (!directory)
            return ask_for_each(root, path);
        directory->checked_ms = now_ms;
    }
    list_remove(&directory->lru);
    list_append(&siblings->lru, &directory->lru);
    return directory->names ? sibling_names_find(directory->names, slice_from(path, split))
                            : ask_for_each(root, path);
}
