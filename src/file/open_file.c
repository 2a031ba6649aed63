/* SPDX-License-Identifier: MIT */
/* open_file.c - open once, fstat that descriptor, and believe nothing else. */
#include "file/open_file.h"

#include "file/path.h"
#include "os/page_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define READ_TRIES 3

static void release(struct counted *counted)
{
    struct open_file *file = container_of(counted, struct open_file, counted);

    if (file->attachment)
        file->free_attachment(file->attachment);
    if (file->fd != -1)
        (void)close(file->fd);
    if (file->body)
        free(file->body - file->headroom);
    free(file);
}

static struct open_file *create(const char *path)
{
    size_t len = strlen(path);
    struct open_file *file = calloc(1, sizeof(*file) + len + 1);

    if (!file)
        return NULL;
    counted_init(&file->counted, release);
    file->fd = -1;
    list_init(&file->lru);
    file->path_len = len;
    memcpy(file->path, path, len + 1);
    return file;
}

/* 0; 1 when it ended early; -errno. */
static int read_whole(int fd, char *body, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = pread(fd, body + done, size - done, (off_t)done);

        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            return -errno;
        if (n == 0)
            return 1;
        done += (size_t)n;
    }
    return 0;
}

static void take_stat(struct open_file *file, const struct stat *st)
{
    file->size = (uint64_t)st->st_size;
    file->mtime = st->st_mtim;
    file->stamp = file_stamp_of(st);
}

/* Fill file->body with what its stat describes: 0; 1 when the file changed meanwhile; -errno. */
static int read_body(struct open_file *file, int fd, size_t headroom)
{
    char *block = malloc(headroom + MAX((size_t)file->size, 1U));
    struct stat after;
    int err;

    if (!block)
        return -ENOMEM;
    err = read_whole(fd, block + headroom, (size_t)file->size);
    if (err == 0 && fstat(fd, &after) == -1)
        err = -errno;
    if (err == 0 && !file_stamp_is_same(&file->stamp, &after))
        err = 1;
    if (err) {
        free(block);
        return err;
    }
    file->body = block + headroom;
    file->headroom = headroom;
    return 0;
}

/* One look at the file: as read_body; with a descriptor when it is larger than @memory_max. */
static int load_once(struct open_file *file, int fd, uint64_t memory_max, size_t headroom)
{
    struct stat st;

    if (fstat(fd, &st) == -1)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    if (!S_ISREG(st.st_mode)) /* a FIFO would wait for ever, a device may never end */
        return -EACCES;
    take_stat(file, &st); /* before the first byte: whether it is racy depends on when we read */
    if (file->size > memory_max) {
        file->fd = fd;
        file->may_wait = !page_cache_holds_all(fd);
        return 0;
    }
    return read_body(file, fd, headroom);
}

static int load(struct open_file *file, int fd, uint64_t memory_max, size_t headroom)
{
    int err = 1;

    for (int tries = 0; tries < READ_TRIES && err == 1; tries++)
        err = load_once(file, fd, memory_max, headroom);
    return err == 1 ? -EAGAIN : err;
}

int open_file_open(int root_fd, const char *path, uint64_t memory_max, size_t headroom,
                   struct open_file **ret_file)
{
    struct open_file *file;
    int err;
    int fd = path_open(root_fd, path);

    if (fd < 0)
        return fd;
    file = create(path);
    err = file ? load(file, fd, memory_max, headroom) : -ENOMEM;
    if (err || file->fd == -1)
        (void)close(fd);
    if (err) {
        open_file_unref(file);
        return err;
    }
    *ret_file = file;
    return 0;
}

struct open_file *open_file_derive(const struct open_file *original, char *block, size_t headroom,
                                   size_t size)
{
    struct open_file *file = create(original->path);

    if (!file)
        return NULL;
    file->body = block + headroom;
    file->headroom = headroom;
    file->size = size;
    file->mtime = original->mtime;
    file->stamp = original->stamp;
    file->space = original->space;
    file->checked_ms = original->checked_ms;
    return file;
}

bool open_file_is_same_state(const struct open_file *a, const struct open_file *b)
{
    return a->space == b->space && file_stamp_equal(&a->stamp, &b->stamp) &&
           strcmp(a->path, b->path) == 0;
}

bool open_file_is_current(const struct open_file *file, int root_fd)
{
    struct stat st;
    bool is_current;
    int fd;

    if (file->stamp.is_racy && file->body)
        return false;
    fd = path_open(root_fd, file->path);
    if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
        return true; /* what we have is better than an error, and is looked at again soon */
    if (fd < 0)
        return false;
    is_current = fstat(fd, &st) == 0 && file_stamp_is_same(&file->stamp, &st);
    (void)close(fd);
    return is_current;
}
