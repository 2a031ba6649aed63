/* SPDX-License-Identifier: MIT */
/* test_content_hash.c - hashes of files in memory and on the disk. */
#include "support/unit.h"

#include "file/content_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];
static int root_fd;

static int set_up(void **state)
{
    (void)snprintf(folder, sizeof(folder), "/tmp/tinyweb-hash-XXXXXX");
    assert_non_null(mkdtemp(folder));
    root_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_int_not_equal(root_fd, -1);
    return 0;
}

static int tear_down(void **state)
{
    (void)unlinkat(root_fd, "file", 0);
    (void)close(root_fd);
    return rmdir(folder);
}

static void write_file(size_t size, char fill)
{
    char *content = malloc(size + 1);
    int fd = openat(root_fd, "file", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);

    assert_int_not_equal(fd, -1);
    memset(content, fill, size + 1);
    assert_int_equal(write(fd, content, size), (ssize_t)size);
    (void)close(fd);
    free(content);
}

static struct open_file *open_it(uint64_t memory_max)
{
    struct open_file *file;

    assert_int_equal(open_file_open(root_fd, "file", memory_max, 8, &file), 0);
    return file;
}

static struct content_hash hash_of(uint64_t memory_max)
{
    struct open_file *file = open_it(memory_max);
    struct content_hash hash = {0};

    assert_int_equal(content_hash_of(file, &hash), 0);
    open_file_unref(file);
    return hash;
}

static bool equal(struct content_hash a, struct content_hash b)
{
    return a.high == b.high && a.low == b.low;
}

static void the_same_bytes_have_the_same_hash_wherever_they_are(void **state)
{
    static const size_t sizes[] = {0, 1, 3, 16, 17, 240, 241, 65535, 65536, 65537, 200000};

    if (!content_hash_is_available())
        skip();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct content_hash in_memory, on_disk, other;

        write_file(sizes[i], 'a');
        in_memory = hash_of(1U << 20);
        write_file(sizes[i], 'a'); /* at another time */
        on_disk = sizes[i] > 0 ? hash_of(sizes[i] - 1) : in_memory;
        assert_true(equal(in_memory, on_disk));
        write_file(sizes[i], 'b');
        other = hash_of(1U << 20);
        assert_true(equal(in_memory, other) == (sizes[i] == 0));
        write_file(sizes[i] + 1, 'a');
        assert_false(equal(in_memory, hash_of(1U << 20)));
    }
}

static void a_file_that_changed_has_no_hash(void **state)
{
    struct open_file *file;
    struct content_hash hash;

    if (!content_hash_is_available())
        skip();
    write_file(1000, 'a');
    file = open_it(10);
    write_file(500, 'a');
    assert_int_equal(content_hash_of(file, &hash), -EAGAIN);
    write_file(1001, 'a');
    assert_int_equal(content_hash_of(file, &hash), -EAGAIN);
    open_file_unref(file);
}

static void a_large_file_is_not_read(void **state)
{
    struct open_file *file;
    struct content_hash hash;

    write_file(1, 'a');
    file = open_it(0);
    file->size = (uint64_t)CONTENT_HASH_FILE_MAX + 1;
    assert_int_equal(content_hash_of(file, &hash), content_hash_is_available() ? -EFBIG : -ENOSYS);
    open_file_unref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_bytes_have_the_same_hash_wherever_they_are),
        cmocka_unit_test(a_file_that_changed_has_no_hash),
        cmocka_unit_test(a_large_file_is_not_read),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
