/* SPDX-License-Identifier: MIT */
/* test_log_file.c - regular files, links, FIFOs and terminals' stand-ins as logs. */
#include "support/unit.h"

#include "os/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/tinyweb-test-XXXXXX";
static char path[64];

static int set_up(void **state)
{
    strcpy(dir, "/tmp/tinyweb-test-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    (void)snprintf(path, sizeof(path), "%s/log", dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)unlink(path);
    return rmdir(dir);
}

static void it_appends_and_belongs_to_its_group_at_most(void **state)
{
    struct stat status;
    mode_t old = umask(0);
    int first, second;

    assert_int_equal(log_file_open(path, &first), 0);
    umask(old);
    assert_int_equal(log_file_open(path, &second), 0);
    assert_int_equal(write(first, "one\n", 4), 4);
    assert_int_equal(write(second, "two\n", 4), 4);
    assert_int_equal(write(first, "three\n", 6), 6);
    assert_int_equal(fstat(first, &status), 0);
    assert_int_equal(status.st_size, 14);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_int_equal(fcntl(first, F_GETFD), FD_CLOEXEC);
    close(first);
    close(second);
}

static void links_and_folders_are_refused(void **state)
{
    int fd;

    assert_int_equal(symlink("/tmp/tinyweb-somewhere", path), 0);
    assert_int_equal(log_file_open(path, &fd), -ELOOP);
    assert_int_equal(access("/tmp/tinyweb-somewhere", F_OK), -1);
    assert_int_equal(log_file_open(dir, &fd), -EISDIR);
    assert_int_equal(log_file_open("/nonexistent/log", &fd), -ENOENT);
}

static void a_fifo_needs_no_reader_and_never_blocks(void **state)
{
    char block[4096] = {0};
    ssize_t len;
    int fd, written = 0;

    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(log_file_open(path, &fd), 0);
    while ((len = write(fd, block, sizeof(block))) > 0)
        assert_true(++written < 10000);
    assert_int_equal(errno, EAGAIN);
    close(fd);
}

static void a_copy_has_flags_of_its_own(void **state)
{
    int original = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int own;

    assert_true(original >= 0);
    assert_int_equal(log_file_reopen(original, &own), 0);
    assert_true(own > STDERR_FILENO);
    assert_int_equal(fcntl(own, F_GETFL) & (O_NONBLOCK | O_APPEND), O_NONBLOCK | O_APPEND);
    assert_int_equal(fcntl(original, F_GETFL) & (O_NONBLOCK | O_APPEND), 0);
    assert_int_equal(fcntl(own, F_GETFD), FD_CLOEXEC);
    close(own);
    close(original);
}

static void a_socket_is_shared_for_it_cannot_be_opened(void **state)
{
    int ends[2], own;
    char text[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(log_file_reopen(ends[0], &own), 0);
    assert_int_equal(write(own, "x", 1), 1);
    assert_int_equal(read(ends[1], text, sizeof(text)), 1);
    close(own);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(log_file_reopen(-1, &own), -EBADF);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_appends_and_belongs_to_its_group_at_most), TEST(links_and_folders_are_refused),
        TEST(a_fifo_needs_no_reader_and_never_blocks),     TEST(a_copy_has_flags_of_its_own),
        TEST(a_socket_is_shared_for_it_cannot_be_opened),
    };

    return cmocka_run_group_tests_name("log_file", tests, NULL, NULL);
}
