/* SPDX-License-Identifier: MIT */
/* test_confinement.c - what is started, said and refused where parts of the sandbox are missing. */
#include "support/unit.h"

#include "base/log.h"
#include "os/landlock.h"
#include "process/confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What kernel and build offer here: linked with -Wl,--wrap. */
static int landlock, filter_err, restrict_err, install_err;
static unsigned restricted, installed;

int __wrap_landlock_abi(void);
int __wrap_landlock_restrict(const struct landlock_grant *grant);
int __wrap_syscall_filter_create(bool may_connect, bool may_write,
                                 struct syscall_filter **ret_filter);
int __wrap_syscall_filter_install(const struct syscall_filter *filter);
void __wrap_syscall_filter_destroy(struct syscall_filter *filter);
bool __wrap_sandbox_is_instrumented(void);

static bool is_instrumented;
static const int root_fds[] = {7, 8};
static const struct cache_folders no_caches;

int __wrap_landlock_abi(void)
{
    return landlock;
}

int __wrap_landlock_restrict(const struct landlock_grant *grant)
{
    assert_ptr_equal(grant->dir_fds, root_fds);
    assert_int_equal(grant->dir_count, 2);
    assert_int_equal(grant->own_count, 0);
    assert_false(grant->may_connect);
    restricted++;
    return restrict_err;
}

int __wrap_syscall_filter_create(bool may_connect, bool may_write,
                                 struct syscall_filter **ret_filter)
{
    assert_false(may_connect);
    assert_false(may_write);
    if (!filter_err)
        *ret_filter = malloc(1);
    return filter_err;
}

int __wrap_syscall_filter_install(const struct syscall_filter *filter)
{
    assert_non_null(filter);
    installed++;
    return install_err;
}

void __wrap_syscall_filter_destroy(struct syscall_filter *filter)
{
    free(filter);
}

bool __wrap_sandbox_is_instrumented(void)
{
    return is_instrumented;
}

static int log_file_fd;
static const struct trouble trouble = {0}; /* of a running server: to the log alone */
static struct config config = {.root_count = 2};
static struct confinement confinement;

static int set_up(void **state)
{
    char path[] = "/tmp/tinyweb-test-XXXXXX";
    log_file_fd = mkostemp(path, O_CLOEXEC);
    (void)unlink(path);
    log_set_fd(log_file_fd);
    landlock = 7;
    filter_err = restrict_err = install_err = 0;
    restricted = installed = 0;
    is_instrumented = false;
    config.server.sandbox = SANDBOX_AUTO;
    return log_file_fd == -1;
}

static int tear_down(void **state)
{
    confinement_done(&confinement);
    log_set_fd(-1);
    return close(log_file_fd);
}

/* The log so far, which starts anew. */
static const char *logged(void)
{
    static char text[1024];
    ssize_t len = pread(log_file_fd, text, sizeof(text) - 1, 0);
    assert_true(len >= 0);
    text[len] = '\0';
    assert_int_equal(ftruncate(log_file_fd, 0), 0);
    assert_int_equal(lseek(log_file_fd, 0, SEEK_SET), 0);
    return text;
}

static int prepare(void)
{
    return confinement_prepare(&confinement, &config, root_fds, &no_caches, &trouble);
}

static void assert_entered(unsigned files, unsigned calls)
{
    assert_int_equal(restricted, files);
    assert_int_equal(installed, calls);
}

static int enter(bool speaks)
{
    int err = confinement_of_files(&confinement, speaks, &trouble);
    return err ? err : confinement_of_calls(&confinement, speaks, &trouble);
}

static void with_both_parts_workers_are_confined(void **state)
{
    assert_int_equal(prepare(), 0);
    confinement_log(&confinement, &config);
    assert_non_null(strstr(logged(), "[notice] process: sandbox: Landlock (ABI 7) and seccomp\n"));
    assert_int_equal(enter(true), 0);
    assert_entered(1, 1);
    assert_string_equal(logged(), "");
}

static void off_does_nothing_and_says_so(void **state)
{
    config.server.sandbox = SANDBOX_OFF;
    assert_int_equal(prepare(), 0);
    confinement_log(&confinement, &config);
    assert_non_null(strstr(logged(), "sandbox: off\n"));
    assert_int_equal(enter(true), 0);
    assert_entered(0, 0);
}

static void auto_does_without_what_is_missing_and_warns_once(void **state)
{
    landlock = -EOPNOTSUPP;
    assert_int_equal(prepare(), 0);
    confinement_log(&confinement, &config);
    assert_non_null(strstr(logged(), "[warn] process: sandbox: seccomp; no Landlock: "
                                     "this kernel was started without\n"));
    assert_int_equal(enter(true), 0);
    assert_entered(0, 1);
    confinement_done(&confinement);

    landlock = 7;
    filter_err = -ENOSYS;
    assert_int_equal(prepare(), 0);
    confinement_log(&confinement, &config);
    assert_non_null(strstr(logged(), "[warn] process: sandbox: Landlock (ABI 7); no seccomp: "
                                     "built without libseccomp\n"));
    assert_int_equal(enter(true), 0);
    assert_entered(1, 1);
}

static void require_does_not_start_with_a_part_missing(void **state)
{
    config.server.sandbox = SANDBOX_REQUIRE;
    assert_int_equal(prepare(), 0);
    confinement_done(&confinement);

    landlock = -EPERM;
    assert_int_equal(prepare(), -ENOTSUP);
    assert_non_null(strstr(logged(), "[error] process: sandbox = require, but there is only: "
                                     "seccomp; no Landlock: it is forbidden here\n"));
    confinement_done(&confinement);

    landlock = 1;
    filter_err = -EINVAL;
    assert_int_equal(prepare(), -ENOTSUP);
    assert_non_null(strstr(logged(), "there is only: Landlock (ABI 1, files only); no seccomp: "
                                     "this kernel has no filters\n"));
}

static void what_fails_in_a_worker_is_a_warning_of_the_first(void **state)
{
    restrict_err = -EPERM;
    install_err = -EACCES;
    assert_int_equal(prepare(), 0);
    assert_int_equal(enter(false), 0);
    assert_string_equal(logged(), "");
    assert_int_equal(enter(true), 0);
    const char *text = logged();
    assert_non_null(strstr(text, "[warn] process: sandbox: cannot enter Landlock: "));
    assert_non_null(strstr(text, "[warn] process: sandbox: cannot enter the seccomp filter: "));
    assert_entered(2, 2);
}

static void what_fails_in_a_worker_fails_it_where_it_is_required(void **state)
{
    config.server.sandbox = SANDBOX_REQUIRE;
    assert_int_equal(prepare(), 0);
    restrict_err = -EPERM;
    assert_int_equal(enter(false), -EPERM);
    assert_non_null(strstr(logged(), "[error] process: worker: sandbox: cannot enter Landlock"));
    restrict_err = 0;
    install_err = -EACCES;
    assert_int_equal(enter(false), -EACCES);
    assert_non_null(strstr(logged(), "[error] process: worker: sandbox: cannot enter the seccomp"));
}

static void sanitizers_turn_it_off(void **state)
{
    is_instrumented = true;
    assert_int_equal(prepare(), 0);
    confinement_log(&confinement, &config);
    assert_non_null(strstr(logged(), "sandbox: off, as this program is instrumented"));
    assert_int_equal(enter(true), 0);
    assert_entered(0, 0);

    config.server.sandbox = SANDBOX_REQUIRE;
    assert_int_equal(prepare(), -ENOTSUP);
    assert_non_null(
        strstr(logged(), "[error] process: sandbox = require: an instrumented program"));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(with_both_parts_workers_are_confined),
        TEST(off_does_nothing_and_says_so),
        TEST(auto_does_without_what_is_missing_and_warns_once),
        TEST(require_does_not_start_with_a_part_missing),
        TEST(what_fails_in_a_worker_is_a_warning_of_the_first),
        TEST(what_fails_in_a_worker_fails_it_where_it_is_required),
        TEST(sanitizers_turn_it_off),
    };
    log_set_level(LOG_PROCESS, LOG_NOTICE);
    return cmocka_run_group_tests_name("confinement", tests, NULL, NULL);
}
