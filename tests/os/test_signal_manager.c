/* SPDX-License-Identifier: MIT */
/* test_signal_manager.c - the table, and signals as events. Each test is a process of its own, so
 * that the mask of the others stays as it is. */
#include "support/unit.h"

#include "os/signal_manager.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STORM 10000

/* What goes wrong in the child is its exit status: the line. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            _exit(__LINE__ % 250 + 1);                                                             \
    } while (0)

static void run_in_child(void (*test)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        test();
        _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int open_blocked(void)
{
    bool is_ignored;
    int fd;

    CHECK(sig_block(&is_ignored) == 0);
    CHECK(!is_ignored);
    CHECK(sig_open(&fd) == 0);
    return fd;
}

static void words_of_the_command_line(void **state)
{
    assert_int_equal(sig_find_word("stop")->number, SIGTERM);
    assert_int_equal(sig_find_word("quit")->number, SIGQUIT);
    assert_int_equal(sig_find_word("reload")->number, SIGHUP);
    assert_int_equal(sig_find_word("reopen")->number, SIGUSR1);
    assert_null(sig_find_word("STOP"));
    assert_null(sig_find_word(""));
    assert_null(sig_find_word("kill"));
}

static void numbers_have_names(void **state)
{
    size_t count;
    const struct sig_row *rows = sig_rows(&count);

    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(sig_find_number(rows[i].number), &rows[i]);
        assert_string_equal(sigabbrev_np(rows[i].number), rows[i].name);
    }
    assert_null(sig_find_number(SIGKILL));
    assert_null(sig_find_number(0));
}

static void child_reads_what_is_raised(void)
{
    int fd = open_blocked();
    struct sig_event event;

    CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    CHECK(sig_next(fd, &event) == -EAGAIN);
    CHECK(kill(getpid(), SIGHUP) == 0);
    CHECK(sig_next(fd, &event) == 0);
    CHECK(event.row->action == SIG_ACTION_RELOAD);
    CHECK(event.sender == getpid());
    CHECK(!event.is_from_terminal);
    CHECK(sig_next(fd, &event) == -EAGAIN);
}

static void what_is_raised_is_read(void **state)
{
    run_in_child(child_reads_what_is_raised);
}

static void child_sees_a_child_end(void)
{
    int fd = open_blocked();
    struct sig_event event;
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    while (sig_next(fd, &event) == -EAGAIN)
        usleep(100);
    CHECK(event.row->action == SIG_ACTION_REAP);
    CHECK(!event.is_from_terminal);
    CHECK(waitpid(-1, NULL, WNOHANG) == pid);
}

static void the_end_of_a_child_is_an_event(void **state)
{
    run_in_child(child_sees_a_child_end);
}

static void child_undoes_ignored_children(void)
{
    CHECK(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    child_sees_a_child_end();
}

static void a_parent_that_ignored_sigchld_is_no_trap(void **state)
{
    run_in_child(child_undoes_ignored_children);
}

static void child_knows_nohup(void)
{
    bool is_ignored;

    CHECK(signal(SIGHUP, SIG_IGN) != SIG_ERR);
    CHECK(sig_block(&is_ignored) == 0);
    CHECK(is_ignored);
}

static void nohup_is_noticed(void **state)
{
    run_in_child(child_knows_nohup);
}

static void child_ignores_a_broken_pipe(void)
{
    int ends[2];

    (void)open_blocked();
    CHECK(pipe(ends) == 0);
    close(ends[0]);
    CHECK(write(ends[1], "x", 1) == -1 && errno == EPIPE);
}

static void a_broken_pipe_kills_nobody(void **state)
{
    run_in_child(child_ignores_a_broken_pipe);
}

static void child_inherits_the_mask(void)
{
    (void)open_blocked();
    pid_t pid = fork();
    int status;

    if (pid == 0) { /* between fork and sig_open nothing is lost */
        struct sig_event event;
        int fd;

        CHECK(kill(getpid(), SIGTERM) == 0);
        CHECK(sig_open(&fd) == 0);
        CHECK(sig_next(fd, &event) == 0);
        CHECK(event.row->number == SIGTERM);
        _exit(0);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void nothing_is_lost_between_fork_and_listening(void **state)
{
    run_in_child(child_inherits_the_mask);
}

static void child_can_be_killed_again(void)
{
    (void)open_blocked();
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        CHECK(sig_unblock() == 0);
        (void)raise(SIGTERM);
        _exit(0);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static void it_can_be_undone(void **state)
{
    run_in_child(child_can_be_killed_again);
}

static void child_survives_a_storm(void)
{
    int fd = open_blocked();
    size_t count;
    const struct sig_row *rows = sig_rows(&count);
    unsigned seen[64] = {0}, sent[64] = {0};
    struct sig_event event;
    pid_t pid = fork();

    if (pid == 0) {
        srandom(7);
        for (int i = 0; i < STORM; i++) {
            int number = rows[(size_t)random() % count].number;
            CHECK(kill(getppid(), number == SIGCHLD && i % 2 ? SIGPIPE : number) == 0);
        }
        _exit(0);
    }
    int status;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        while (sig_next(fd, &event) == 0)
            seen[event.row->number]++;
    }
    while (sig_next(fd, &event) == 0)
        seen[event.row->number]++;
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    srandom(7);
    for (int i = 0; i < STORM; i++)
        sent[rows[(size_t)random() % count].number]++;
    for (size_t i = 0; i < count; i++) {
        /* Equal ones that were not read yet are one; but none is lost altogether. */
        CHECK(seen[rows[i].number] > 0);
        CHECK(seen[rows[i].number] <= sent[rows[i].number] + 1);
    }
}

static void ten_thousand_mixed_signals(void **state)
{
    run_in_child(child_survives_a_storm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_the_command_line),
        cmocka_unit_test(numbers_have_names),
        cmocka_unit_test(what_is_raised_is_read),
        cmocka_unit_test(the_end_of_a_child_is_an_event),
        cmocka_unit_test(a_parent_that_ignored_sigchld_is_no_trap),
        cmocka_unit_test(nohup_is_noticed),
        cmocka_unit_test(a_broken_pipe_kills_nobody),
        cmocka_unit_test(nothing_is_lost_between_fork_and_listening),
        cmocka_unit_test(it_can_be_undone),
        cmocka_unit_test(ten_thousand_mixed_signals),
    };

    return cmocka_run_group_tests_name("signal_manager", tests, NULL, NULL);
}
