/* SPDX-License-Identifier: MIT */
/* test_page_cache.c - what the kernel says of a file that it was asked to forget. */
#include "support/unit.h"

#include "os/page_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define SIZE (3 * 1024 * 1024 + 17)

/* By the linker: --wrap=preadv2 --wrap=preadv. */
ssize_t __wrap_preadv2(int fd, const struct iovec *iov, int count, off_t offset, int flags);
ssize_t __real_preadv2(int fd, const struct iovec *iov, int count, off_t offset, int flags);
ssize_t __wrap_preadv(int fd, const struct iovec *iov, int count, off_t offset);
ssize_t __real_preadv(int fd, const struct iovec *iov, int count, off_t offset);

static int look_error; /* of the next one */
static int read_error; /* of the next one */
static off_t read_to;

ssize_t __wrap_preadv2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
    assert_true(flags & RWF_NOWAIT);
    if (look_error == 0)
        return __real_preadv2(fd, iov, count, offset, flags);
    errno = look_error;
    look_error = 0;
    return -1;
}

ssize_t __wrap_preadv(int fd, const struct iovec *iov, int count, off_t offset)
{
    ssize_t n;

    if (read_error != 0) {
        errno = read_error;
        read_error = 0;
        return -1;
    }
    n = __real_preadv(fd, iov, count, offset);
    if (n > 0)
        read_to = offset + n;
    return n;
}

/* On the file system of the build, which is a real one, mostly. */
static int make_file(void)
{
    static char bytes[SIZE];
    char name[] = "page-cache-XXXXXX";
    int fd = mkstemp(name);

    assert_true(fd >= 0);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
    assert_int_equal(fdatasync(fd), 0);
    return fd;
}

static void a_file_that_was_written_just_now_is_in_memory(void **state)
{
    int fd = make_file();

    if (!page_cache_holds(fd, 0))
        skip(); /* a file system that cannot tell, or nothing but memory */
    assert_true(page_cache_holds(fd, SIZE - 1));
    close(fd);
}

static void what_the_kernel_forgot_is_there_again_when_it_was_read(void **state)
{
    int fd = make_file();

    if (!page_cache_holds(fd, SIZE - 1))
        skip();
    assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
    if (page_cache_holds(fd, SIZE - 1))
        skip(); /* it would not forget */
    assert_int_equal(page_cache_fill(fd, 0, SIZE), 0);
    assert_true(page_cache_holds(fd, SIZE - 1));
    assert_true(page_cache_holds(fd, SIZE / 2));
    close(fd);
}

static void a_look_behind_the_end_or_at_no_file_does_not_wait(void **state)
{
    int fd = make_file();

    assert_true(page_cache_holds(-1, 0));
    if (page_cache_holds(fd, 0))
        assert_true(page_cache_holds(fd, SIZE + 10));
    close(fd);
}

static void only_two_answers_mean_that_reading_may_wait(void **state)
{
    static const struct {
        int err;
        bool holds;
    } rows[] = {{EAGAIN, false}, {EOPNOTSUPP, false}, {EIO, true}, {EINVAL, true}, {ENOSYS, true}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        look_error = rows[i].err;
        assert_int_equal(page_cache_holds(0, 0), rows[i].holds);
    }
}

static void filling_reads_what_was_asked_for_and_stops_at_the_end(void **state)
{
    int fd = make_file();

    read_error = EINTR; /* is no error */
    assert_int_equal(page_cache_fill(fd, 4096, 1000 * 1000), 0);
    assert_true(read_to >= 4096 + 1000 * 1000 && read_to < 4096 + 1000 * 1000 + 4096);
    assert_int_equal(page_cache_fill(fd, 2 * 1024 * 1024, SIZE), 0);
    assert_int_equal(read_to, SIZE);
    read_error = EIO;
    assert_int_equal(page_cache_fill(fd, 0, 10), -EIO);
    close(fd);
}

static void a_file_in_memory_alone_is_known(void **state)
{
    int memory = memfd_create("memory", MFD_CLOEXEC);
    int proc = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

    assert_true(memory >= 0 && proc >= 0);
    assert_true(page_cache_holds_all(memory));
    assert_false(page_cache_holds_all(proc));
    assert_false(page_cache_holds_all(-1));
    close(memory);
    close(proc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_was_written_just_now_is_in_memory),
        cmocka_unit_test(what_the_kernel_forgot_is_there_again_when_it_was_read),
        cmocka_unit_test(a_look_behind_the_end_or_at_no_file_does_not_wait),
        cmocka_unit_test(only_two_answers_mean_that_reading_may_wait),
        cmocka_unit_test(filling_reads_what_was_asked_for_and_stops_at_the_end),
        cmocka_unit_test(a_file_in_memory_alone_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
