/* SPDX-License-Identifier: MIT */
/* store.c - temporary files, short writes, full disks. */

#include "cache/store.h"

#include "base/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define FOLDER_MODE 0700
#define FILE_MODE 0600
#define SPACE_CHECK_MS 1000

/* Constant: names have to be found again by the next program. Who finds two keys with one name has
 * made two misses. */
static const struct siphash_key name_key = {0x54696e7957656220U, 0x6361636865206b65U};

/* @digits of @value, the upper ones first. For each hit: printf would cost more than all the rest. */
static char *write_hex(char *out, uint64_t value, unsigned digits)
{
    for (unsigned i = digits; i > 0; i--) {
        out[i - 1] = "0123456789abcdef"[value & 0xf];
        value >>= 4;
    }
    return out + digits;
}

void store_name_from(struct siphash_tag tag, struct store_name *ret_name)
{
    char *out = ret_name->text;

    ret_name->tag = tag;
    out = write_hex(out, tag.high >> 56, 2);
    *out++ = '/';
    out = write_hex(out, tag.high, 14);
    out = write_hex(out, tag.low, 16);
    *out = '\0';
}

void store_name_of(struct slice key, struct store_name *ret_name)
{
    store_name_from(siphash(&name_key, key), ret_name);
}

void store_name_of_choice(struct slice key, uint64_t variation, struct slice choice,
                          struct store_name *ret_name)
{
    struct siphash_tag tag = siphash(&name_key, key);
    const struct siphash_key choice_key = {tag.low ^ variation, tag.high};

    store_name_from(siphash(&choice_key, choice), ret_name);
}

static int rest(struct store *store, int64_t now_ms, int err)
{
    store->rests_until_ms = now_ms + STORE_REST_MS;
    return err;
}

/* What is timed is the disk, not the loop, whose clock stands still meanwhile. */
static int64_t clock_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A call of the disk that began at @since_ms is over. */
static void note_time(struct store *store, int64_t now_ms, int64_t since_ms)
{
    int64_t took_ms = clock_ms() - since_ms;

    if (took_ms < STORE_SLOW_MS) {
        store->slow_ms = 0;
        store->slow_calls = 0;
        return;
    }
    store->slow_ms += took_ms;
    if (++store->slow_calls >= STORE_SLOW_CALLS)
        store->slow_until_ms = now_ms + took_ms + store->slow_ms * STORE_SLOW_REST;
}

static bool is_slow(const struct store *store, int64_t now_ms)
{
    return now_ms < store->slow_until_ms;
}

static bool has_space(struct store *store, int64_t now_ms)
{
    struct statfs status;

    if (store->space_checked_ms != 0 && now_ms < store->space_checked_ms + SPACE_CHECK_MS)
        return true;
    if (fstatfs(store->dir_fd, &status) == -1)
        return true; /* writing will tell */
    if ((uint64_t)status.f_bavail * (uint64_t)status.f_bsize < store->min_free)
        return false;
    store->space_checked_ms = MAX(now_ms, 1);
    return true;
}

/* The first file of its folder makes that, too. */
static int create(const struct store *store, const char *path)
{
    const char folder[] = {path[0], path[1], '\0'};
    int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int fd = openat(store->dir_fd, path, flags, FILE_MODE);

    if (fd == -1 && errno == ENOENT) {
        if (mkdirat(store->dir_fd, folder, FOLDER_MODE) == -1 && errno != EEXIST)
            return -errno;
        fd = openat(store->dir_fd, path, flags, FILE_MODE);
    }
    return fd == -1 ? -errno : fd;
}

int store_begin(struct store *store, const struct store_name *name, int64_t now_ms,
                struct store_file *ret_file)
{
    struct store_file file = {.store = store, .fd = -1, .name = *name};
    int64_t since_ms;

    *ret_file = file;
    if (now_ms < store->rests_until_ms || is_slow(store, now_ms))
        return -EAGAIN;
    since_ms = clock_ms();
    if (!has_space(store, now_ms))
        return rest(store, now_ms, -ENOSPC);
    /* A name that is left of a process with our number is passed over. */
    for (unsigned tries = 0; tries < 16; tries++) {
        (void)snprintf(file.temp, sizeof(file.temp), "%.2s/%c%lld-%llu", name->text,
                       STORE_TEMP_MARK, (long long)getpid(),
                       (unsigned long long)store->next_temp++);
        file.fd = create(store, file.temp);
        if (file.fd != -EEXIST)
            break;
    }
    note_time(store, now_ms, since_ms);
    if (file.fd < 0)
        return rest(store, now_ms, file.fd);
    *ret_file = file;
    return 0;
}

static int write_at(int fd, struct slice bytes, uint64_t offset)
{
    while (bytes.len > 0) {
        ssize_t written = pwrite(fd, bytes.data, bytes.len, (off_t)offset);

        if (written == -1 && errno == EINTR)
            continue;
        if (written <= 0)
            return written == 0 ? -ENOSPC : -errno;
        bytes = slice_from(bytes, (size_t)written);
        offset += (uint64_t)written;
    }
    return 0;
}

int store_append(struct store_file *file, struct slice bytes, int64_t now_ms)
{
    int64_t since_ms;
    int err;

    if (is_slow(file->store, now_ms))
        return -EAGAIN;
    if (bytes.len > file->store->max_object || file->size > file->store->max_object - bytes.len)
        return -EFBIG;
    since_ms = clock_ms();
    err = write_at(file->fd, bytes, file->size);
    note_time(file->store, now_ms, since_ms);
    if (err)
        return rest(file->store, now_ms, err);
    file->size += bytes.len;
    return 0;
}

int store_commit(struct store_file *file, struct slice head, int64_t now_ms)
{
    struct store *store = file->store;
    int64_t since_ms = clock_ms();
    int err = is_slow(store, now_ms) ? -EAGAIN : write_at(file->fd, head, 0);

    if (!err && renameat(store->dir_fd, file->temp, store->dir_fd, file->name.text) == -1)
        err = -errno;
    note_time(store, now_ms, since_ms);
    if (err)
        return rest(store, now_ms, err);
    file->is_committed = true;
    return 0;
}

void store_close(struct store_file *file)
{
    if (file->fd == -1)
        return;
    if (!file->is_committed)
        (void)unlinkat(file->store->dir_fd, file->temp, 0); /* the sweep finds what is left */
    close(file->fd);
    file->fd = -1;
}

bool store_remove(const struct store *store, const struct store_name *name)
{
    return unlinkat(store->dir_fd, name->text, 0) == 0;
}
