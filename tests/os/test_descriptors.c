/* SPDX-License-Identifier: MIT */
/* test_descriptors.c - what a child keeps, and nothing else. With and without close_range(2). */
#include "support/unit.h"

#include "os/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool has_close_range = true;

/* The library calls us instead of syscall(2). */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
    va_list args;
    va_start(args, number);
    unsigned first = va_arg(args, unsigned), last = va_arg(args, unsigned);
    unsigned flags = va_arg(args, unsigned);
    va_end(args);
    if (number == SYS_close_range && has_close_range)
        return __real_syscall(number, first, last, flags);
    errno = ENOSYS;
    return -1;
}

static int check_in_child(void)
{
    int keep[] = {200, -1, 17, 18, 1, 200, 50};

    for (int fd = 3; fd < 256; fd++) {
        if (dup2(STDERR_FILENO, fd) == -1)
            return 1;
    }
    if (descriptors_close_others(keep, COUNT_OF(keep)))
        return 2;
    for (int fd = 0; fd < 300; fd++) {
        bool is_kept = fd <= 2 || fd == 17 || fd == 18 || fd == 50 || fd == 200;
        if ((fcntl(fd, F_GETFD) != -1) != is_kept)
            return 3;
    }
    return descriptors_close_others(NULL, 0) == 0 && fcntl(17, F_GETFD) == -1 ? 0 : 4;
}

static void run(bool with_close_range)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        has_close_range = with_close_range;
        _exit(check_in_child());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void all_others_are_closed(void **state)
{
    run(true);
}

static void also_on_old_kernels(void **state)
{
    run(false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_others_are_closed),
        cmocka_unit_test(also_on_old_kernels),
    };

    return cmocka_run_group_tests_name("descriptors", tests, NULL, NULL);
}
