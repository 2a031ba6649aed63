/* SPDX-License-Identifier: MIT */
/* test_gzip.c - files go through gzip and back. */
#include "support/unit.h"

#include "file/folder.h"
#include "file/gzip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

#define HEADROOM 100

static struct folder folder;

static int set_up(void **state)
{
    folder_init(&folder);
    return 0;
}

static int tear_down(void **state)
{
    folder_done(&folder);
    return 0;
}

static struct open_file *open_it(const char *name, uint64_t memory_max)
{
    struct open_file *file;

    assert_int_equal(open_file_open(folder.fd, name, memory_max, HEADROOM, &file), 0);
    return file;
}

#ifdef HAVE_ZLIB
static char *unpack(const char *packed, size_t packed_size, size_t size)
{
    char *out = malloc(size + 1);
    z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)packed,
                  .avail_in = (uInt)packed_size,
                  .next_out = (Bytef *)out,
                  .avail_out = (uInt)size + 1};

    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.total_out, size);
    assert_int_equal(z.avail_in, 0);
    (void)inflateEnd(&z);
    return out;
}
#else
static char *unpack(const char *packed, size_t packed_size, size_t size)
{
    (void)packed;
    (void)packed_size;
    return calloc(1, size);
}
#endif

static void what_is_packed_is_unpacked_the_same(void **state)
{
    static const size_t sizes[] = {100, 65536, 65537, 200000};

    for (size_t i = 0; i < 2 * COUNT_OF(sizes); i++) {
        size_t size = sizes[i / 2];
        struct open_file *file;
        char *block, *out;
        size_t packed;

        folder_fill(&folder, "a", 'a', size);
        file = open_it("a", i % 2 ? size : 0); /* from the descriptor, then from memory */
        assert_int_equal(gzip_compress(file, 1 + (int)i, HEADROOM, &block, &packed), 0);
        assert_true(packed < size);
        out = unpack(block + HEADROOM, packed, size);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(out[k], 'a');
        free(out);
        free(block);
        open_file_unref(file);
    }
}

static void the_same_bytes_give_the_same(void **state)
{
    char *blocks[2];
    size_t sizes[2];

    for (size_t i = 0; i < 2; i++) {
        const char *name = i ? "another-name" : "a";
        struct open_file *file;

        folder_fill(&folder, name, 'x', 100000);
        file = open_it(name, i ? 200000 : 0);
        assert_int_equal(gzip_compress(file, 6, i * 7, &blocks[i], &sizes[i]), 0);
        open_file_unref(file);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(blocks[0], blocks[1] + 7, sizes[0]);
    free(blocks[0]);
    free(blocks[1]);
}

static void what_saves_little_is_given_up(void **state)
{
    char *noise = malloc(100001), *block;
    uint32_t random = 1;
    struct open_file *file;
    size_t size;

    for (size_t i = 0; i < 100000; i++) {
        random = random * 1664525 + 1013904223;
        noise[i] = (char)(1 + (random >> 24) % 255);
    }
    noise[100000] = '\0';
    folder_write(&folder, "noise", noise);
    folder_write(&folder, "short", "x");
    for (int i = 0; i < 2; i++) {
        file = open_it(i ? "short" : "noise", 0);
        assert_int_equal(gzip_compress(file, 6, HEADROOM, &block, &size), -EFBIG);
        open_file_unref(file);
    }
    free(noise);
}

static void a_file_that_changes_meanwhile_is_not_mixed(void **state)
{
    struct open_file *file;
    char *block;
    size_t size;

    folder_fill(&folder, "a", 'a', 100000);
    file = open_it("a", 0);
    folder_fill(&folder, "a", 'b', 50000); /* in place */
    assert_int_equal(gzip_compress(file, 6, HEADROOM, &block, &size), -EAGAIN);
    folder_fill(&folder, "a", 'b', 100001);
    assert_int_equal(gzip_compress(file, 6, HEADROOM, &block, &size), -EAGAIN);
    open_file_unref(file);
}

static void a_descriptor_that_cannot_be_read_is_an_error(void **state)
{
    struct open_file *file;
    char *block;
    size_t size;
    int fd;

    folder_fill(&folder, "a", 'a', 1000);
    file = open_it("a", 0);
    fd = file->fd;
    file->fd = open("/dev/null", O_WRONLY);
    assert_int_equal(gzip_compress(file, 6, HEADROOM, &block, &size), -EBADF);
    (void)close(file->fd);
    file->fd = fd;
    open_file_unref(file);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(what_is_packed_is_unpacked_the_same),
        WITH_FOLDER(the_same_bytes_give_the_same),
        WITH_FOLDER(what_saves_little_is_given_up),
        WITH_FOLDER(a_file_that_changes_meanwhile_is_not_mixed),
        WITH_FOLDER(a_descriptor_that_cannot_be_read_is_an_error),
    };
#ifndef HAVE_ZLIB
    (void)tests;
    return 77; /* skipped */
#else
    return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
