/* SPDX-License-Identifier: MIT */
/* listing_entries.c - names and numbers go into blocks, which are freed as a whole. */
#include "handler/listing_entries.h"

#include "base/utf8.h"
#include "file/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE (16U * 1024)
#define FIRST_CAPACITY 64

struct listing_block {
    struct listing_block *next;
    size_t used, size; /* of the bytes behind the struct */
};

static bool count_memory(struct listing_entries *entries, size_t size)
{
    struct listing_memory *memory = entries->memory;

    if (size > memory->max - memory->used)
        return false;
    memory->used += size;
    entries->bytes += size;
    return true;
}

static struct listing_block *add_block(struct listing_entries *entries, size_t size)
{
    struct listing_block *block;

    if (!count_memory(entries, sizeof(*block) + size))
        return NULL;
    block = malloc(sizeof(*block) + size);
    if (!block)
        return NULL;
    *block = (struct listing_block){.next = entries->blocks, .size = size};
    entries->blocks = block;
    return block;
}

void *listing_entries_alloc(struct listing_entries *entries, size_t size)
{
    struct listing_block *block = entries->blocks;
    char *place;

    size = (size + 7) & ~(size_t)7;
    if (!block || size > block->size - block->used) {
        block = add_block(entries, MAX(size, (size_t)BLOCK_SIZE));
        if (!block)
            return NULL;
    }
    place = (char *)(block + 1) + block->used;
    block->used += size;
    return place;
}

static int make_room(struct listing_entries *entries)
{
    size_t capacity = MAX(entries->capacity * 2, (size_t)FIRST_CAPACITY);
    struct listing_entry **rows;

    if (entries->count < entries->capacity)
        return 0;
    if (!count_memory(entries, (capacity - entries->capacity) * sizeof(*rows)))
        return -ENOMEM;
    rows = realloc(entries->rows, capacity * sizeof(*rows));
    if (!rows)
        return -ENOMEM;
    entries->rows = rows;
    entries->capacity = capacity;
    return 0;
}

static int add(struct listing_entries *entries, struct slice name, bool is_utf8,
               const struct stat *st)
{
    struct listing_entry *entry;

    if (make_room(entries) != 0)
        return -ENOMEM;
    entry = listing_entries_alloc(entries, sizeof(*entry) + name.len + 1);
    if (!entry)
        return -ENOMEM;
    *entry = (struct listing_entry){
        .size = S_ISDIR(st->st_mode) ? 0 : (uint64_t)st->st_size,
        .mtime = st->st_mtime,
        .name_len = (uint16_t)name.len,
        .is_directory = S_ISDIR(st->st_mode),
        .is_utf8 = is_utf8,
    };
    memcpy(entry->name, name.data, name.len);
    entry->name[name.len] = '\0';
    entries->rows[entries->count++] = entry;
    entries->directories += entry->is_directory;
    entries->total_size += entry->size;
    return 0;
}

/* Where a link leads, by the only way that does not leave the root. */
static int look_behind_link(const struct listing_entries *entries, const char *name,
                            struct stat *ret_st)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof(path), "%s%s", entries->path, name);
    int fd;
    int err;

    if (len < 0 || (size_t)len >= sizeof(path))
        return -ENAMETOOLONG;
    fd = path_open(entries->root_fd, path);
    if (fd < 0)
        return fd;
    err = fstat(fd, ret_st) == -1 ? -errno : 0;
    (void)close(fd);
    return err;
}

/* What is not to be seen is passed over. */
static int look_at(struct listing_entries *entries, const char *name)
{
    struct slice text = slice_from_string(name);
    bool is_utf8 = utf8_valid_length(text) == text.len;
    struct stat st;

    if (name[0] == '.' || text.len > NAME_MAX || (entries->only_utf8 && !is_utf8))
        return 0;
    if (fstatat(dirfd(entries->dir), name, &st, AT_SYMLINK_NOFOLLOW) == -1)
        return 0; /* it is gone meanwhile */
    if (S_ISLNK(st.st_mode) && look_behind_link(entries, name, &st) != 0)
        return 0;
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return 0;
    if (entries->count == entries->limit) {
        entries->is_cut = true;
        return 0;
    }
    return add(entries, text, is_utf8, &st);
}

static void close_directory(struct listing_entries *entries)
{
    if (entries->dir)
        (void)closedir(entries->dir);
    entries->dir = NULL;
}

int listing_entries_open(struct listing_entries *entries, int root_fd, const char *path,
                         size_t limit, struct listing_memory *memory)
{
    int err;
    int fd;

    *entries = (struct listing_entries){
        .limit = limit, .memory = memory, .root_fd = root_fd, .path = path};
    fd = path_open(root_fd, path);
    if (fd < 0)
        return fd;
    entries->dir = fdopendir(fd); /* takes the descriptor, unless it fails */
    if (entries->dir)
        return 0;
    err = -errno;
    (void)close(fd);
    return err;
}

int listing_entries_read(struct listing_entries *entries, unsigned count)
{
    for (; entries->dir && count > 0; count--) {
        const struct dirent *found;
        int err;

        errno = 0;
        found = readdir(entries->dir);
        err = found ? look_at(entries, found->d_name) : -errno;
        if (!found || err || entries->is_cut)
            close_directory(entries);
        if (err)
            return err;
    }
    return entries->dir != NULL;
}

void listing_entries_done(struct listing_entries *entries)
{
    close_directory(entries);
    while (entries->blocks) {
        struct listing_block *block = entries->blocks;

        entries->blocks = block->next;
        free(block);
    }
    free(entries->rows);
    if (entries->memory)
        entries->memory->used -= entries->bytes;
}
