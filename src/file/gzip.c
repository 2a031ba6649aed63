/* SPDX-License-Identifier: MIT */
/* gzip.c - deflate piece by piece, into room for as much as is worth it. */
#include "file/gzip.h"

#include <errno.h>

#ifdef HAVE_ZLIB

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#define PIECE_SIZE (64U * 1024)
/* The largest window, and a header of gzip around it. */
#define WINDOW_BITS (15 + 16)
#define MEMORY_LEVEL 8

struct source {
    const struct open_file *file;
    uint64_t done;
    char piece[PIECE_SIZE];
};

/* More of the file to @z: 0 or -errno. */
static int read_piece(struct source *source, z_stream *z)
{
    const struct open_file *file = source->file;
    size_t wanted = (size_t)MIN(file->size - source->done, (uint64_t)PIECE_SIZE);
    const char *piece = source->piece;
    ssize_t n = (ssize_t)wanted;

    if (file->body)
        piece = file->body + source->done;
    else
        do
            n = pread(file->fd, source->piece, wanted, (off_t)source->done);
        while (n == -1 && errno == EINTR);
    if (n <= 0)
        return n == 0 ? -EAGAIN : -errno; /* it became shorter */
    z->next_in = (z_const Bytef *)(uintptr_t)piece;
    z->avail_in = (uInt)n;
    source->done += (uint64_t)n;
    return 0;
}

static int deflate_all(struct source *source, z_stream *z)
{
    int result = Z_OK;

    while (result != Z_STREAM_END) {
        int err = z->avail_in == 0 && source->done < source->file->size ? read_piece(source, z) : 0;

        if (err)
            return err;
        result = deflate(z, source->done == source->file->size ? Z_FINISH : Z_NO_FLUSH);
        if (z->avail_out == 0 && result != Z_STREAM_END)
            return -EFBIG;
    }
    return 0;
}

static int check_unchanged(const struct open_file *file)
{
    struct stat st;

    if (file->body)
        return 0;
    if (fstat(file->fd, &st) == -1)
        return -errno;
    return file_stamp_is_same(&file->stamp, &st) ? 0 : -EAGAIN;
}

static int compress_into(const struct open_file *file, int level, char *out, size_t room,
                         size_t *ret_size)
{
    struct source *source = malloc(sizeof(*source));
    z_stream z = {.next_out = (Bytef *)out, .avail_out = (uInt)room};
    int err;

    if (!source)
        return -ENOMEM;
    if (deflateInit2(&z, level, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        free(source);
        return -ENOMEM;
    }
    source->file = file;
    source->done = 0;
    err = deflate_all(source, &z);
    *ret_size = room - z.avail_out;
    (void)deflateEnd(&z);
    free(source);
    return err ? err : check_unchanged(file);
}

int gzip_compress(const struct open_file *file, int level, size_t headroom, char **ret_block,
                  size_t *ret_size)
{
    size_t room = (size_t)(file->size - file->size / 10);
    char *block = malloc(headroom + room + 1), *fitting;
    size_t size;
    int err;

    if (!block)
        return -ENOMEM;
    err = compress_into(file, level, block + headroom, room, &size);
    if (err) {
        free(block);
        return err;
    }
    fitting = realloc(block, headroom + size);
    *ret_block = fitting ? fitting : block;
    *ret_size = size;
    return 0;
}

#else

int gzip_compress(const struct open_file *file, int level, size_t headroom, char **ret_block,
                  size_t *ret_size)
{
    (void)file;
    (void)level;
    (void)headroom;
    (void)ret_block;
    (void)ret_size;
    return -ENOSYS;
}

#endif
