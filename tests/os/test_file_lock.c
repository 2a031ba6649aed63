/* SPDX-License-Identifier: MIT */
/* test_file_lock.c - a lock that belongs to a process. */
#include "support/unit.h"

#include "os/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int fd;

static int set_up(void **state)
{
    char path[] = "/tmp/tinyweb-test-XXXXXX";

    fd = mkostemp(path, O_CLOEXEC);
    return fd == -1 ? -1 : unlink(path);
}

static int tear_down(void **state)
{
    return close(fd);
}

static int exit_status_of(pid_t pid)
{
    int status;

    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void another_process_is_refused_and_can_see_who_has_it(void **state)
{
    pid_t holder = 1;

    assert_int_equal(file_lock_try(fd), 0);
    assert_int_equal(file_lock_try(fd), 0); /* in one process it is one lock */
    assert_int_equal(file_lock_holder(fd, &holder), 0);
    assert_int_equal(holder, 0); /* another one than ours */
    pid_t pid = fork();
    if (pid == 0) {
        bool is_right = file_lock_try(fd) == -EAGAIN && file_lock_holder(fd, &holder) == 0 &&
                        holder == getppid();
        _exit(is_right ? 0 : 1);
    }
    assert_int_equal(exit_status_of(pid), 0);
    assert_int_equal(file_lock_release(fd), 0);
    pid = fork();
    if (pid == 0)
        _exit(file_lock_try(fd) ? 1 : 0);
    assert_int_equal(exit_status_of(pid), 0);
}

static void the_death_of_its_holder_frees_it(void **state)
{
    int ends[2];
    char byte;

    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (file_lock_try(fd) || write(ends[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(file_lock_try(fd), -EAGAIN);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(file_lock_wait(fd), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(ends[0]);
    close(ends[1]);
}

static void a_closed_descriptor_is_an_error(void **state)
{
    pid_t holder;

    assert_int_equal(file_lock_try(-1), -EBADF);
    assert_int_equal(file_lock_wait(-1), -EBADF);
    assert_int_equal(file_lock_release(-1), -EBADF);
    assert_int_equal(file_lock_holder(-1, &holder), -EBADF);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(another_process_is_refused_and_can_see_who_has_it),
        TEST(the_death_of_its_holder_frees_it),
        TEST(a_closed_descriptor_is_an_error),
    };

    return cmocka_run_group_tests_name("file_lock", tests, NULL, NULL);
}
