/* SPDX-License-Identifier: MIT */
/* test_process_pool.c - children that do as they are told here, in place of workers. */
#include "support/unit.h"

#include "base/log.h"
#include "os/signal_manager.h"
#include "process/process_pool_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS 8
#define EVENTS_MAX 32

/* How the children that are forked from now on behave. */
enum behaviour {
    REPORTS_AND_OBEYS,
    REPORTS_AND_IGNORES, /* whatever it is told */
    NEVER_REPORTS,
    CANNOT_START, /* ends with CHILD_EXIT_STARTUP */
    DIES_AT_ONCE, /* is killed before it reports */
    REPORTS_AND_DIES,
    TALKS_NONSENSE,     /* floods its channel with what is no message, then reports */
    CLOSES_AND_STAYS,   /* says at QUIT that it accepts no more, and ends at TERM */
    CLOSES_ITS_CHANNEL, /* reports, and obeys signals alone */
    CANNOT_FORK
};

static struct {
    struct event_loop *loop;
    struct process_pool *pool;
    struct watcher signals;
    enum behaviour behaviour;
    unsigned spawned, reaped, ready, failed, closed, gone;
    pid_t last_pid, last_reaped, last_other;
    unsigned last_slot;
    pid_t pids[SLOTS];        /* by slot; 0: none */
    int64_t reaped_ms[SLOTS]; /* by the loop's clock */
    int64_t
        last_pause_ms;   /* between the end of a child and when the last one was due in its place */
    bool last_was_young; /* the one that ended there */
    bool stop_when_failed;
} test;

static void obey(int fd, bool ends_at_quit)
{
    struct chan_message closed = {.type = CHAN_CLOSED, .pid = getpid()};
    struct chan_message message;
    int passed;

    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        (void)poll(&wait, 1, -1);
        int err = chan_receive(fd, &message, &passed);
        if (err == -EPIPE)
            _exit(0);
        if (err)
            continue;
        if (passed != -1) {
            (void)!write(passed, "x", 1);
            close(passed);
        }
        if (message.type == CHAN_TERM || (message.type == CHAN_QUIT && ends_at_quit))
            _exit(0);
        if (message.type == CHAN_QUIT && chan_send(fd, &closed, -1) != 0)
            _exit(1);
    }
}

static void behave(enum behaviour behaviour, int fd)
{
    struct chan_message ready = {.type = CHAN_READY, .pid = getpid()};

    if (behaviour == CANNOT_START)
        _exit(CHILD_EXIT_STARTUP);
    if (behaviour == DIES_AT_ONCE)
        (void)raise(SIGKILL);
    for (int i = 0; behaviour == TALKS_NONSENSE && i < 1000; i++) {
        struct chan_message nonsense = {.type = 4711};
        if (chan_send(fd, &nonsense, STDIN_FILENO) == -EAGAIN)
            usleep(100);
    }
    while (behaviour != NEVER_REPORTS && chan_send(fd, &ready, -1) == -EAGAIN)
        usleep(100);
    if (behaviour == REPORTS_AND_DIES)
        _exit(7);
    if (behaviour == CLOSES_ITS_CHANNEL) {
        close(fd);
        if (sig_unblock())
            _exit(1);
    }
    if (behaviour == REPORTS_AND_OBEYS || behaviour == TALKS_NONSENSE ||
        behaviour == CLOSES_AND_STAYS)
        obey(fd, behaviour != CLOSES_AND_STAYS);
    for (;;)
        pause();
}

static pid_t spawn(void *context, struct child_group *group, unsigned slot, int channel_fd)
{
    assert_ptr_equal(context, &test);
    assert_in_range(slot, group->first_slot, group->first_slot + group->count - 1);
    if (test.behaviour == CANNOT_FORK)
        return -EAGAIN;
    if (test.reaped_ms[slot] != 0) {
        test.last_pause_ms = test.pool->children[slot].due_ms - test.reaped_ms[slot];
        assert_true(loop_now_ms(test.loop) >= test.pool->children[slot].due_ms);
    }
    pid_t pid = fork();
    if (pid == 0) {
        /* Copies of the master's ends would hide its end from the others. */
        for (int fd = STDERR_FILENO + 1; fd < 256; fd++) {
            if (fd != channel_fd)
                close(fd);
        }
        behave(test.behaviour, channel_fd);
    }
    assert_true(pid > 0);
    test.spawned++;
    test.last_pid = pid;
    test.pids[slot] = pid;
    return pid;
}

static void on_ready(void *context, struct child_group *group)
{
    assert_int_equal(group->state, GROUP_RUNNING);
    assert_int_equal(group->ready_count, group->count);
    test.ready++;
}

static void on_failed(void *context, struct child_group *group)
{
    assert_int_equal(group->state, GROUP_FAILED);
    test.failed++;
    procpool_terminate(group);
}

static void on_gone(void *context, struct child_group *group)
{
    assert_int_equal(group->state, GROUP_GONE);
    assert_int_equal(group->alive_count, 0);
    test.gone++;
}

static void on_reaped(void *context, struct child_group *group, unsigned slot, pid_t pid)
{
    assert_int_equal(test.pids[slot], pid);
    test.pids[slot] = 0;
    test.reaped_ms[slot] = loop_now_ms(test.loop);
    test.last_was_young = test.reaped_ms[slot] - test.pool->children[slot].started_ms <
                          CHILD_YOUNG_MS;
    test.reaped++;
    test.last_reaped = pid;
    test.last_slot = slot;
}

static void on_other_reaped(void *context, pid_t pid, int status)
{
    assert_ptr_equal(context, &test);
    assert_true(WIFEXITED(status));
    test.last_other = pid;
}

static void on_closed(void *context, struct child_group *group)
{
    assert_int_equal(group->open_count, 0);
    test.closed++;
}

static const struct procpool_ops ops = {
    .spawn = spawn,
    .on_ready = on_ready,
    .on_failed = on_failed,
    .on_closed = on_closed,
    .on_gone = on_gone,
    .on_reaped = on_reaped,
    .on_other_reaped = on_other_reaped,
};

static void on_signal(struct watcher *watcher, uint32_t events)
{
    struct sig_event event;

    while (sig_next(watcher->fd, &event) == 0) {
        if (event.row->action == SIG_ACTION_REAP)
            procpool_reap(test.pool);
    }
}

static int set_up(void **state)
{
    bool is_ignored;
    int fd;

    memset(&test, 0, sizeof(test));
    log_set_fd(-1); /* what the pool says of dying children is no news here */
    if (sig_block(&is_ignored) || sig_open(&fd) || loop_create(&test.loop))
        return -1;
    watcher_init(&test.signals, fd, on_signal);
    if (loop_add(test.loop, &test.signals, EPOLLIN))
        return -1;
    return procpool_create(test.loop, &ops, &test, SLOTS, &test.pool);
}

static int tear_down(void **state)
{
    procpool_destroy(test.pool);
    loop_destroy(test.loop);
    close(test.signals.fd);
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Turn the loop until *@number is @wanted; how long it took. */
static int64_t run_until(const unsigned *number, unsigned wanted)
{
    int64_t start = now_ms();

    while (*number != wanted) {
        assert_int_equal(loop_run_once(test.loop, 20), 0);
        assert_true(now_ms() - start < 60000);
    }
    return now_ms() - start;
}

/* Turn the loop until there were @spawned children; how long the last one had to wait for its turn. */
static int64_t pause_before(unsigned spawned)
{
    (void)run_until(&test.spawned, spawned);
    return test.last_pause_ms;
}

/* Whoever dies young is replaced after this; on a machine that stood still nobody dies young. */
static int64_t if_young(int64_t pause_ms)
{
    return test.last_was_young ? pause_ms : 0;
}

static void run_for(int64_t ms)
{
    int64_t start = now_ms();

    while (now_ms() - start < ms)
        assert_int_equal(loop_run_once(test.loop, 10), 0);
}

static void start(struct child_group *group, unsigned count, enum behaviour behaviour)
{
    unsigned ready = test.ready;

    test.behaviour = behaviour;
    assert_int_equal(procpool_start(test.pool, group, count), 0);
    run_until(&test.ready, ready + 1);
}

static void end(struct child_group *group)
{
    unsigned gone = test.gone;

    procpool_terminate(group);
    run_until(&test.gone, gone + 1);
}

static void a_group_starts_and_leaves(void **state)
{
    struct child_group group;

    start(&group, 3, REPORTS_AND_OBEYS);
    assert_int_equal(group.alive_count, 3);
    assert_false(procpool_is_empty(test.pool));
    procpool_quit(&group, 0, 0);
    run_until(&test.gone, 1);
    assert_int_equal(test.spawned, 3);
    assert_int_equal(test.reaped, 3);
    assert_true(procpool_is_empty(test.pool));
}

static void a_dead_child_is_replaced_in_its_slot(void **state)
{
    struct child_group group;

    start(&group, 2, REPORTS_AND_OBEYS);
    pid_t other = test.pids[0], victim = test.pids[1];
    assert_int_equal(kill(victim, SIGKILL), 0);
    run_until(&test.spawned, 3);
    assert_int_equal(test.last_reaped, victim);
    assert_int_equal(test.last_slot, 1);
    assert_int_equal(test.pids[0], other);
    assert_int_equal(test.pids[1], test.last_pid);
    run_until(&group.ready_count, 2);
    end(&group);
}

static void all_at_once_are_replaced(void **state)
{
    struct child_group group;

    start(&group, SLOTS, REPORTS_AND_OBEYS);
    for (unsigned i = 0; i < SLOTS; i++)
        assert_int_equal(kill(test.pids[i], SIGKILL), 0);
    run_until(&test.spawned, 2 * SLOTS);
    run_until(&group.ready_count, SLOTS);
    assert_int_equal(test.reaped, SLOTS);
    end(&group);
}

static void who_has_lived_is_replaced_at_once(void **state)
{
    struct child_group group;

    start(&group, 1, REPORTS_AND_OBEYS);
    run_for(CHILD_YOUNG_MS + 20);
    assert_int_equal(kill(test.last_pid, SIGKILL), 0);
    assert_int_equal(pause_before(2), 0);
    end(&group);
}

static void wait_for_all(const struct child_group *group)
{
    for (unsigned i = 0; i < 5000 && group->ready_count < group->count; i++)
        run_for(1);
    assert_int_equal(group->ready_count, group->count);
}

static void who_dies_before_it_reported_is_replaced_ever_more_slowly(void **state)
{
    struct child_group group;
    int64_t pause = CHILD_PAUSE_MS;

    start(&group, 2, REPORTS_AND_OBEYS);
    run_for(CHILD_YOUNG_MS + 20);
    test.behaviour = DIES_AT_ONCE;
    assert_int_equal(kill(test.last_pid, SIGKILL), 0); /* an old one: at once */
    assert_int_equal(pause_before(3), 0);
    for (unsigned i = 4; i < 7; i++, pause *= 2)
        assert_int_equal(pause_before(i), pause);
    end(&group);
}

static void who_dies_young_is_replaced_after_a_pause_that_stays_the_same(void **state)
{
    struct child_group group;

    start(&group, 2, REPORTS_AND_OBEYS);
    for (unsigned i = 3; i < 7; i++) {
        assert_int_equal(group.ready_count, 2);
        assert_int_equal(kill(test.last_pid, SIGKILL), 0);
        int64_t pause = pause_before(i);
        assert_int_equal(pause, if_young(CHILD_PAUSE_MS));
        wait_for_all(&group);
    }
    end(&group);
}

static void the_last_one_is_replaced_soon_however_young_it_died(void **state)
{
    struct child_group group;

    start(&group, 1, REPORTS_AND_OBEYS);
    for (unsigned i = 2; i < 7; i++) {
        assert_int_equal(kill(test.last_pid, SIGKILL), 0);
        int64_t pause = pause_before(i);
        assert_int_equal(pause, if_young(CHILD_PAUSE_ALONE_MS));
        wait_for_all(&group);
    }
    end(&group);
}

static void who_cannot_start_is_not_replaced_in_a_circle(void **state)
{
    struct child_group group;

    start(&group, 1, REPORTS_AND_OBEYS);
    run_for(CHILD_YOUNG_MS + 20);
    test.behaviour = CANNOT_START;
    assert_int_equal(kill(test.last_pid, SIGKILL), 0);
    run_until(&test.spawned, 2);
    run_for(700);
    assert_int_equal(test.spawned, 2);
    assert_int_equal(test.failed, 0); /* it runs: its failure is not the group's */
    end(&group);
    assert_int_equal(test.spawned, 2);
}

static void a_fork_that_fails_is_tried_again_later(void **state)
{
    struct child_group group;

    start(&group, 1, REPORTS_AND_OBEYS);
    run_for(CHILD_YOUNG_MS + 20);
    test.behaviour = CANNOT_FORK;
    assert_int_equal(kill(test.last_pid, SIGKILL), 0);
    run_until(&test.reaped, 1);
    run_for(200);
    test.behaviour = REPORTS_AND_OBEYS;
    run_until(&test.spawned, 2);
    run_until(&group.ready_count, 1);
    end(&group);
}

static void one_that_cannot_start_fails_the_group(void **state)
{
    static const enum behaviour failures[] = {CANNOT_START, DIES_AT_ONCE, CANNOT_FORK};

    for (size_t i = 0; i < COUNT_OF(failures); i++) {
        struct child_group group;
        unsigned failed = test.failed;

        test.behaviour = failures[i];
        assert_int_equal(procpool_start(test.pool, &group, 3), 0);
        run_until(&test.gone, (unsigned)i + 1);
        assert_int_equal(test.failed, failed + 1);
        assert_int_equal(test.ready, 0);
        assert_true(procpool_is_empty(test.pool));
    }
}

static void terminate_and_see_it_killed(struct child_group *group)
{
    procpool_terminate(group);
    assert_int_equal(group->deadline.due_ms, loop_now_ms(test.loop) + CHILD_TERM_TIMEOUT_MS);
    assert_true(run_until(&test.gone, 1) > CHILD_TERM_TIMEOUT_MS - 20);
}

static void a_group_that_never_reports_can_be_stopped(void **state)
{
    struct child_group group;

    test.behaviour = NEVER_REPORTS;
    assert_int_equal(procpool_start(test.pool, &group, 2), 0);
    run_for(100);
    assert_int_equal(group.state, GROUP_STARTING);
    terminate_and_see_it_killed(&group);
}

static void who_does_not_obey_is_killed(void **state)
{
    struct child_group group;

    start(&group, 3, REPORTS_AND_IGNORES);
    terminate_and_see_it_killed(&group);
}

static void the_stopped_are_killed_too(void **state)
{
    struct child_group group;

    start(&group, 2, REPORTS_AND_OBEYS);
    assert_int_equal(kill(test.pids[0], SIGSTOP), 0);
    procpool_terminate(&group);
    run_until(&test.reaped, 1);
    run_until(&test.gone, 1);
}

static void patience_ends(void **state)
{
    struct child_group group;

    start(&group, 1, REPORTS_AND_IGNORES);
    procpool_quit(&group, 1, 200);
    assert_int_equal(group.deadline.due_ms, loop_now_ms(test.loop) + 200);
    for (unsigned i = 0; i < 5000 && group.state == GROUP_QUITTING; i++)
        run_for(1);
    assert_true(loop_now_ms(test.loop) >= group.deadline.due_ms - CHILD_TERM_TIMEOUT_MS);
    assert_int_equal(group.state, GROUP_TERMINATING);
    run_until(&test.gone, 1);
}

static void without_a_limit_it_does_not(void **state)
{
    struct child_group group;

    start(&group, 1, REPORTS_AND_IGNORES);
    procpool_quit(&group, 1, 0);
    run_for(300);
    assert_int_equal(group.state, GROUP_QUITTING);
    procpool_quit(&group, 1, 1); /* told already */
    run_for(100);
    assert_int_equal(group.state, GROUP_QUITTING);
    end(&group);
}

static void a_child_without_its_channel_is_told_by_signal(void **state)
{
    struct child_group group;

    start(&group, 2, CLOSES_ITS_CHANNEL);
    run_for(100);
    procpool_quit(&group, 1, 0);
    run_until(&test.gone, 1);
}

static void who_accepts_no_more_says_so_before_it_has_ended(void **state)
{
    struct child_group group;

    start(&group, 3, CLOSES_AND_STAYS);
    assert_int_equal(kill(test.pids[1], SIGKILL), 0); /* who is dead accepts nothing either */
    run_until(&test.reaped, 1);
    assert_int_equal(test.closed, 0);
    assert_int_equal(procpool_count_open(test.pool), 0); /* nobody was told to leave */
    procpool_quit(&group, 1, 0);
    assert_int_equal(group.open_count, 2);
    assert_int_equal(procpool_count_open(test.pool), 2);
    run_until(&test.closed, 1);
    assert_int_equal(procpool_count_open(test.pool), 0);
    assert_int_equal(test.reaped, 1);
    assert_int_equal(group.alive_count, 2);
    procpool_terminate(&group);
    run_until(&test.gone, 1);
    assert_int_equal(test.closed, 1);
}

static void the_dead_accept_no_more(void **state)
{
    struct child_group group;

    start(&group, 2, REPORTS_AND_IGNORES);
    procpool_quit(&group, 1, 0);
    assert_int_equal(kill(test.pids[0], SIGKILL), 0);
    run_until(&test.reaped, 1);
    assert_int_equal(test.closed, 0);
    assert_int_equal(kill(test.pids[1], SIGKILL), 0);
    run_until(&test.gone, 1);
    assert_int_equal(test.closed, 1);
}

static void the_dead_who_wait_are_not_replaced_any_more(void **state)
{
    struct child_group group;

    start(&group, 2, REPORTS_AND_OBEYS);
    assert_int_equal(kill(test.pids[0], SIGKILL), 0); /* young: replaced after a pause */
    run_until(&test.reaped, 1);
    procpool_quit(&group, 1, 0);
    run_until(&test.gone, 1);
    run_for(2 * CHILD_PAUSE_MS);
    assert_int_equal(test.spawned, 2);
}

static void two_groups_live_side_by_side(void **state)
{
    struct child_group old, fresh, third;

    start(&old, 4, REPORTS_AND_OBEYS);
    start(&fresh, 4, REPORTS_AND_OBEYS);
    assert_int_equal(old.first_slot, 0);
    assert_int_equal(fresh.first_slot, 4);
    assert_true(fresh.number > old.number);
    assert_int_equal(procpool_start(test.pool, &third, 1), -ENOSPC);
    procpool_quit(&old, 0, 0);
    run_until(&test.gone, 1);
    assert_int_equal(fresh.ready_count, 4);
    start(&third, 2, REPORTS_AND_OBEYS);
    assert_int_equal(third.first_slot, 0);
    end(&fresh);
    end(&third);
}

static void slots_are_given_in_a_row(void **state)
{
    struct child_group groups[4], large;

    for (size_t i = 0; i < COUNT_OF(groups); i++)
        start(&groups[i], 2, REPORTS_AND_OBEYS);
    end(&groups[0]);
    end(&groups[2]);
    assert_int_equal(procpool_start(test.pool, &large, 3), -ENOSPC); /* 4 free, but 2 and 2 */
    end(&groups[1]);
    start(&large, 6, REPORTS_AND_OBEYS);
    end(&large);
    end(&groups[3]);
}

static void descriptors_reach_every_child(void **state)
{
    struct child_group group;
    char bytes[8];
    int ends[2];

    start(&group, 3, REPORTS_AND_OBEYS);
    assert_int_equal(pipe(ends), 0);
    procpool_send(&group, CHAN_ERROR_LOG, 0, ends[1]);
    close(ends[1]);
    size_t len = 0;
    for (ssize_t part; (part = read(ends[0], bytes + len, sizeof(bytes) - len)) > 0;)
        len += (size_t)part;
    assert_int_equal(len, 3);
    close(ends[0]);
    end(&group);
}

static void nonsense_on_a_channel_is_ignored(void **state)
{
    struct child_group group;
    int before = dup(STDIN_FILENO);

    close(before);
    start(&group, 2, TALKS_NONSENSE);
    int after = dup(STDIN_FILENO); /* the lowest free one: nothing has leaked below it */
    close(after);
    assert_true(after <= before + 3);
    end(&group);
}

static void a_child_of_somebody_else_is_told_of(void **state)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    while (test.last_other == 0)
        procpool_reap(test.pool);
    assert_int_equal(test.last_other, pid);
    assert_int_equal(test.reaped, 0);
}

static void a_child_that_reports_and_dies_counts_as_started(void **state)
{
    struct child_group group;

    start(&group, 1, REPORTS_AND_DIES);
    test.behaviour = REPORTS_AND_OBEYS;
    run_until(&test.spawned, 2);
    run_until(&group.ready_count, 1);
    assert_int_equal(test.failed, 0);
    end(&group);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_group_starts_and_leaves),
        TEST(a_dead_child_is_replaced_in_its_slot),
        TEST(all_at_once_are_replaced),
        TEST(who_has_lived_is_replaced_at_once),
        TEST(who_dies_before_it_reported_is_replaced_ever_more_slowly),
        TEST(who_dies_young_is_replaced_after_a_pause_that_stays_the_same),
        TEST(the_last_one_is_replaced_soon_however_young_it_died),
        TEST(who_cannot_start_is_not_replaced_in_a_circle),
        TEST(a_fork_that_fails_is_tried_again_later),
        TEST(one_that_cannot_start_fails_the_group),
        TEST(a_group_that_never_reports_can_be_stopped),
        TEST(who_does_not_obey_is_killed),
        TEST(the_stopped_are_killed_too),
        TEST(patience_ends),
        TEST(without_a_limit_it_does_not),
        TEST(a_child_without_its_channel_is_told_by_signal),
        TEST(who_accepts_no_more_says_so_before_it_has_ended),
        TEST(the_dead_accept_no_more),
        TEST(the_dead_who_wait_are_not_replaced_any_more),
        TEST(two_groups_live_side_by_side),
        TEST(slots_are_given_in_a_row),
        TEST(descriptors_reach_every_child),
        TEST(nonsense_on_a_channel_is_ignored),
        TEST(a_child_that_reports_and_dies_counts_as_started),
        TEST(a_child_of_somebody_else_is_told_of),
    };

    return cmocka_run_group_tests_name("process_pool", tests, NULL, NULL);
}
