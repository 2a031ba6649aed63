/* SPDX-License-Identifier: MIT */
/* test_shmtx.c - one table of tests for the backends of the lock. */
#include "support/unit.h"

#include "os/shared_memory.h"
#include "os/shmtx.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 4
#define INCREMENTS 200000
#define NOBODY 999999 /* no pid: above the default pid_max of 32768, and far above what tests use */

struct shared {
    struct shmtx_word word;
    _Atomic int stage; /* how far the other process has come */
    uint64_t counter;  /* guarded by the lock alone */
};

struct fixture {
    struct shared *shared;
    struct shmtx mutex;
};

static const enum shmtx_backend backends[] = {SHMTX_ATOMIC, SHMTX_FILE, SHMTX_SEMAPHORE};

/* Every test runs once for each backend: its number is the initial state. */
static int set_up(void **state)
{
    const enum shmtx_backend *backend = *state;
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    void *block;

    assert_non_null(fixture);
    assert_int_equal(shared_memory_create(sizeof(struct shared), &block), 0);
    fixture->shared = block;
    assert_int_equal(shmtx_create(&fixture->mutex, *backend, &fixture->shared->word, NULL), 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    shmtx_done(&fixture->mutex);
    shared_memory_destroy(fixture->shared, sizeof(*fixture->shared));
    free(fixture);
    return 0;
}

static void wait_for_stage(struct shared *shared, int stage)
{
    while (atomic_load(&shared->stage) < stage)
        usleep(100);
}

static void expect_exit(pid_t pid, int status)
{
    int result;

    assert_int_equal(waitpid(pid, &result, 0), pid);
    assert_true(WIFEXITED(result));
    assert_int_equal(WEXITSTATUS(result), status);
}

/* A child that takes the lock and keeps it until it is killed. */
static pid_t fork_holder(struct fixture *fixture)
{
    pid_t pid = fork();

    if (pid == 0) {
        if (shmtx_attach(&fixture->mutex) || !shmtx_try(&fixture->mutex))
            _exit(1);
        atomic_store(&fixture->shared->stage, 1);
        for (;;)
            pause();
    }
    assert_true(pid > 0);
    wait_for_stage(fixture->shared, 1);
    return pid;
}

static void kill_and_wait(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static bool is_semaphore(const struct fixture *fixture)
{
    return fixture->mutex.backend == SHMTX_SEMAPHORE;
}

static void increments_of_several_processes_are_exact(void **state)
{
    struct fixture *fixture = *state;
    pid_t pids[PROCESSES];

    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            if (shmtx_attach(&fixture->mutex))
                _exit(1);
            for (int n = 0; n < INCREMENTS; n++) {
                shmtx_lock(&fixture->mutex);
                fixture->shared->counter++;
                shmtx_unlock(&fixture->mutex);
            }
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++)
        expect_exit(pids[i], 0);
    assert_int_equal(fixture->shared->counter, (uint64_t)PROCESSES * INCREMENTS);
    assert_int_equal(shmtx_owner(&fixture->mutex), 0);
}

static void increments_by_try_are_exact_too(void **state)
{
    struct fixture *fixture = *state;
    pid_t pids[PROCESSES];

    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            if (shmtx_attach(&fixture->mutex))
                _exit(1);
            for (int n = 0; n < INCREMENTS / 10;) {
                if (!shmtx_try(&fixture->mutex))
                    continue;
                fixture->shared->counter++;
                n++;
                shmtx_unlock(&fixture->mutex);
            }
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++)
        expect_exit(pids[i], 0);
    assert_int_equal(fixture->shared->counter, (uint64_t)PROCESSES * (INCREMENTS / 10));
}

static void its_owner_is_known(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(shmtx_owner(&fixture->mutex), 0);
    assert_true(shmtx_try(&fixture->mutex));
    assert_int_equal(shmtx_owner(&fixture->mutex), getpid());
    shmtx_unlock(&fixture->mutex);
    assert_int_equal(shmtx_owner(&fixture->mutex), 0);
}

static void it_is_not_given_twice(void **state)
{
    struct fixture *fixture = *state;

    assert_true(shmtx_try(&fixture->mutex));
    assert_false(shmtx_try(&fixture->mutex));
    shmtx_unlock(&fixture->mutex);
    assert_true(shmtx_try(&fixture->mutex));
    shmtx_unlock(&fixture->mutex);
}

static void a_second_unlock_does_nothing(void **state)
{
    struct fixture *fixture = *state;

    assert_true(shmtx_try(&fixture->mutex));
    shmtx_unlock(&fixture->mutex);
    shmtx_unlock(&fixture->mutex);
    shmtx_unlock(&fixture->mutex);

    /* The lock is still one that only one process gets. */
    pid_t holder = fork_holder(fixture);
    assert_false(shmtx_try(&fixture->mutex));
    shmtx_unlock(&fixture->mutex);
    assert_false(shmtx_try(&fixture->mutex));
    kill_and_wait(holder);
}

static void a_foreign_unlock_is_refused(void **state)
{
    struct fixture *fixture = *state;
    pid_t holder = fork_holder(fixture);

    shmtx_unlock(&fixture->mutex);
    assert_int_equal(shmtx_owner(&fixture->mutex), holder);
    assert_false(shmtx_try(&fixture->mutex));
    kill_and_wait(holder);
}

static void a_stopped_holder_keeps_it_and_nobody_waits(void **state)
{
    struct fixture *fixture = *state;
    pid_t holder = fork_holder(fixture);

    assert_int_equal(kill(holder, SIGSTOP), 0);
    assert_int_equal(waitpid(holder, NULL, WUNTRACED), holder);
    assert_false(shmtx_try(&fixture->mutex)); /* and returns, which is the point */
    assert_int_equal(shmtx_owner(&fixture->mutex), holder);
    kill_and_wait(holder);
}

static void a_dead_holder_is_unlocked_by_force(void **state)
{
    struct fixture *fixture = *state;
    pid_t holder = fork_holder(fixture);

    kill_and_wait(holder);
    assert_false(shmtx_force_unlock(&fixture->mutex, NOBODY));
    assert_false(shmtx_force_unlock(&fixture->mutex, 0));
    assert_false(shmtx_force_unlock(&fixture->mutex, -1));
    assert_int_equal(shmtx_force_unlock(&fixture->mutex, holder), !is_semaphore(fixture));
    assert_false(shmtx_force_unlock(&fixture->mutex, holder));
    assert_int_equal(shmtx_try(&fixture->mutex), !is_semaphore(fixture));
}

static void the_killed_holder_of_a_file_lock_frees_it_by_itself(void **state)
{
    struct fixture *fixture = *state;

    if (fixture->mutex.backend != SHMTX_FILE)
        return;
    kill_and_wait(fork_holder(fixture));
    assert_true(shmtx_try(&fixture->mutex));
}

static void taken_away_by_force_it_is_not_unlocked_by_its_old_holder(void **state)
{
    struct fixture *fixture = *state;

    if (fixture->mutex.backend != SHMTX_ATOMIC)
        return;
    assert_true(shmtx_try(&fixture->mutex));
    assert_true(shmtx_force_unlock(&fixture->mutex, getpid()));
    pid_t holder = fork_holder(fixture);
    shmtx_unlock(&fixture->mutex); /* of what we had; it belongs to another by now */
    assert_int_equal(shmtx_owner(&fixture->mutex), holder);
    kill_and_wait(holder);
}

static void a_child_does_not_hold_what_its_parent_held(void **state)
{
    struct fixture *fixture = *state;

    assert_true(shmtx_try(&fixture->mutex));
    pid_t pid = fork();
    if (pid == 0) {
        bool is_wrong = shmtx_attach(&fixture->mutex) || shmtx_try(&fixture->mutex);
        shmtx_unlock(&fixture->mutex);
        _exit(is_wrong || shmtx_try(&fixture->mutex));
    }
    expect_exit(pid, 0);
    assert_int_equal(shmtx_owner(&fixture->mutex), getpid());
    shmtx_unlock(&fixture->mutex);
}

static void waiting_ends_when_it_is_free(void **state)
{
    struct fixture *fixture = *state;

    assert_true(shmtx_try(&fixture->mutex));
    pid_t pid = fork();
    if (pid == 0) {
        if (shmtx_attach(&fixture->mutex))
            _exit(1);
        atomic_store(&fixture->shared->stage, 1);
        shmtx_lock(&fixture->mutex);
        shmtx_unlock(&fixture->mutex);
        _exit(0);
    }
    wait_for_stage(fixture->shared, 1);
    usleep(20000);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
    shmtx_unlock(&fixture->mutex);
    expect_exit(pid, 0);
}

static void a_file_lock_has_no_name_left(void **state)
{
    struct fixture *fixture = *state;
    char link[64], target[256];

    if (fixture->mutex.backend != SHMTX_FILE)
        return;
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fixture->mutex.fd);
    ssize_t len = readlink(link, target, sizeof(target) - 1);
    assert_true(len > 0);
    target[len] = '\0';
    assert_non_null(strstr(target, "(deleted)"));
    assert_int_equal(fcntl(fixture->mutex.fd, F_GETFD), FD_CLOEXEC);
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    struct shmtx other;

    if (fixture->mutex.backend != SHMTX_FILE)
        return;
    assert_int_equal(shmtx_create(&other, SHMTX_FILE, &fixture->shared->word, "/nonexistent"),
                     -ENOENT);
}

#define TEST_OF(function, backend)                                                                 \
    {                                                                                              \
#function " [" #backend "]", function, set_up, tear_down,                                  \
            (void *)(uintptr_t)&backends[backend]                                                  \
    }
#define EACH(function)                                                                             \
    TEST_OF(function, SHMTX_ATOMIC), TEST_OF(function, SHMTX_FILE),                                \
        TEST_OF(function, SHMTX_SEMAPHORE)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(increments_of_several_processes_are_exact),
        EACH(increments_by_try_are_exact_too),
        EACH(its_owner_is_known),
        EACH(it_is_not_given_twice),
        EACH(a_second_unlock_does_nothing),
        EACH(a_foreign_unlock_is_refused),
        EACH(a_stopped_holder_keeps_it_and_nobody_waits),
        EACH(a_dead_holder_is_unlocked_by_force),
        EACH(the_killed_holder_of_a_file_lock_frees_it_by_itself),
        EACH(taken_away_by_force_it_is_not_unlocked_by_its_old_holder),
        EACH(a_child_does_not_hold_what_its_parent_held),
        EACH(waiting_ends_when_it_is_free),
        EACH(a_file_lock_has_no_name_left),
        EACH(a_folder_that_is_not_there_is_an_error),
    };

    assert(shmtx_atomic_is_usable());
    return cmocka_run_group_tests_name("shmtx", tests, NULL, NULL);
}
