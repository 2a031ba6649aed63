/* SPDX-License-Identifier: MIT */
/* content_hash.c - XXH3, by the code that is in xxhash.h; the only file that includes it. */
#include "file/content_hash.h"

#include <errno.h>

#ifdef HAVE_XXHASH

#include <unistd.h>

/* All of it, so that no library has to be loaded at each start for what seldom is asked for. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#define READ_SIZE (64U << 10)

bool content_hash_is_available(void)
{
    return true;
}

/* 0; 1 when the file ends early; -errno. */
static int read_through(const struct open_file *file, XXH3_state_t *state)
{
    char block[READ_SIZE];
    uint64_t done = 0;

    while (done < file->size) {
        ssize_t n = pread(file->fd, block, (size_t)MIN(file->size - done, sizeof(block)),
                          (off_t)done);

        if (n == -1 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? 1 : -errno;
        (void)XXH3_128bits_update(state, block, (size_t)n); /* fails for NULL only */
        done += (uint64_t)n;
    }
    return 0;
}

/* Not a part of its callers, whose stack would have all of the block. */
static NOINLINE int hash_of_descriptor(const struct open_file *file, XXH128_hash_t *ret_hash)
{
    XXH3_state_t *state = XXH3_createState();
    struct stat st;
    int err;

    if (!state)
        return -ENOMEM;
    (void)XXH3_128bits_reset(state);
    err = read_through(file, state);
    if (err == 0 && fstat(file->fd, &st) == -1)
        err = -errno;
    if (err == 1 || (err == 0 && !file_stamp_is_same(&file->stamp, &st)))
        err = -EAGAIN;
    if (err == 0)
        *ret_hash = XXH3_128bits_digest(state);
    (void)XXH3_freeState(state);
    return err;
}

int content_hash_of(const struct open_file *file, struct content_hash *ret_hash)
{
    XXH128_hash_t hash;
    int err = 0;

    if (file->size > CONTENT_HASH_FILE_MAX)
        return -EFBIG;
    if (file->body)
        hash = XXH3_128bits(file->body, (size_t)file->size);
    else
        err = hash_of_descriptor(file, &hash);
    if (err == 0)
        *ret_hash = (struct content_hash){.high = hash.high64, .low = hash.low64};
    return err;
}

#else

bool content_hash_is_available(void)
{
    return false;
}

int content_hash_of(const struct open_file *file, struct content_hash *ret_hash)
{
    (void)file;
    (void)ret_hash;
    return -ENOSYS;
}

#endif
