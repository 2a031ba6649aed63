/* SPDX-License-Identifier: MIT */
/* test_event_loop.c - the phases of an iteration, and what may be removed during them. */
#include "support/unit.h"

#include "event/event_loop.h"
#include "support/fake_clock.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* By the linker: --wrap=epoll_wait. */
int __wrap_epoll_wait(int epoll_fd, struct epoll_event *events, int max, int wait_ms);
int __real_epoll_wait(int epoll_fd, struct epoll_event *events, int max, int wait_ms);

static struct {
    int wait_ms; /* asked for by the last call */
    int err;     /* given by the next one */
    int calls;
} waited;

int __wrap_epoll_wait(int epoll_fd, struct epoll_event *events, int max, int wait_ms)
{
    waited.calls++;
    waited.wait_ms = wait_ms;
    if (waited.err != 0) {
        errno = waited.err;
        waited.err = 0;
        return -1;
    }
    return __real_epoll_wait(epoll_fd, events, max, 0); /* the clock stands still anyway */
}

static struct event_loop *loop;

/* Every callback appends its name. */
static char story[64];

static void tell(char c)
{
    size_t len = strlen(story);

    assert_true(len + 1 < sizeof(story));
    story[len] = c;
    story[len + 1] = '\0';
}

static void assert_story(const char *expected)
{
    assert_string_equal(story, expected);
    story[0] = '\0';
}

struct actor {
    struct watcher watcher;
    struct timer timer;
    struct task task;
    char name;
    uint32_t events;
    struct actor *to_remove, *to_post, *to_unpost;
    bool adds_again;
};

static void act(struct actor *actor)
{
    if (actor->to_remove)
        loop_remove(loop, &actor->to_remove->watcher);
    if (actor->to_post)
        loop_post(loop, &actor->to_post->task);
    if (actor->to_unpost)
        loop_unpost(&actor->to_unpost->task);
    if (actor->adds_again) {
        loop_remove(loop, &actor->watcher);
        assert_int_equal(loop_add(loop, &actor->watcher, EPOLLIN), 0);
    }
}

static void on_events(struct watcher *watcher, uint32_t events)
{
    struct actor *actor = container_of(watcher, struct actor, watcher);

    tell(actor->name);
    actor->events |= events;
    act(actor);
}

static void on_timer(struct timer *timer)
{
    struct actor *actor = container_of(timer, struct actor, timer);

    tell('t');
    act(actor);
}

static void on_task(struct task *task)
{
    struct actor *actor = container_of(task, struct actor, task);

    tell((char)(actor->name - 'a' + 'A'));
    act(actor);
}

static struct actor a, b, c, d;

static void actor_init(struct actor *actor, char name)
{
    int fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC); /* readable */

    assert_true(fd >= 0);
    *actor = (struct actor){.name = name};
    watcher_init(&actor->watcher, fd, on_events);
    timer_init(&actor->timer, on_timer);
    task_init(&actor->task, on_task);
}

static int set_up(void **state)
{
    fake_clock_set(1000);
    memset(&waited, 0, sizeof(waited));
    story[0] = '\0';
    actor_init(&a, 'a');
    actor_init(&b, 'b');
    actor_init(&c, 'c');
    actor_init(&d, 'd');
    return loop_create(&loop);
}

static int tear_down(void **state)
{
    loop_destroy(loop);
    close(a.watcher.fd);
    close(b.watcher.fd);
    close(c.watcher.fd);
    close(d.watcher.fd);
    fake_clock_off();
    return 0;
}

static void add(struct actor *actor)
{
    assert_int_equal(loop_add(loop, &actor->watcher, EPOLLIN), 0);
}

static void run_once(void)
{
    assert_int_equal(loop_run_once(loop, 0), 0);
}

static void phases_come_in_their_order(void **state)
{
    add(&a);
    add(&b);
    c.watcher.is_first = d.watcher.is_first = true;
    add(&c);
    add(&d);
    assert_int_equal(loop_set_timer(loop, &a.timer, 1000), 0);
    loop_post(loop, &b.task);
    run_once();
    assert_story("cdabtB");
    run_once();
    assert_story("cdab");
}

static void a_watcher_removed_by_an_earlier_callback_gets_no_event(void **state)
{
    a.to_remove = &b;
    add(&a);
    add(&b);
    run_once();
    assert_story("a");
    assert_false(b.watcher.is_active);

    c.watcher.is_first = true; /* across the phases as well */
    c.to_remove = &a;
    add(&c);
    run_once();
    assert_story("c");
}

static void a_forgotten_watcher_gets_no_event_and_its_number_may_be_used_anew(void **state)
{
    add(&a);
    run_once();
    assert_story("a");
    loop_forget(loop, &a.watcher);
    loop_forget(loop, &a.watcher);                                    /* harmless */
    assert_int_equal(dup2(b.watcher.fd, a.watcher.fd), a.watcher.fd); /* closes what was there */
    run_once();
    assert_story("");
    add(&a);
    run_once();
    assert_story("a");
}

static void removed_watchers_may_be_added_again(void **state)
{
    add(&a);
    loop_remove(loop, &a.watcher);
    loop_remove(loop, &a.watcher);
    run_once();
    assert_story("");
    add(&a);
    assert_int_equal(loop_add(loop, &a.watcher, EPOLLIN), -EEXIST);
    assert_true(a.watcher.is_active);
    a.adds_again = true; /* in its own callback */
    run_once();
    run_once();
    assert_story("aa");
}

static void first_watchers_are_counted_rightly(void **state)
{
    a.watcher.is_first = true;
    add(&a);
    add(&b);
    loop_remove(loop, &a.watcher);
    loop_remove(loop, &a.watcher);
    run_once();
    assert_story("b");
    add(&a);
    run_once();
    assert_story("ab");
}

static void a_failed_add_leaves_the_watcher_alone(void **state)
{
    struct watcher bad;

    watcher_init(&bad, -1, on_events);
    bad.is_first = true;
    assert_int_equal(loop_add(loop, &bad, EPOLLIN), -EBADF);
    assert_false(bad.is_active);
    loop_remove(loop, &bad);
    assert_int_equal(loop_modify(loop, &a.watcher, EPOLLIN), -ENOENT);
    add(&a);
    run_once();
    assert_story("a");
}

static void reading_and_writing_come_in_one_call(void **state)
{
    int pair[2];
    struct actor peer = {.name = 'p'};

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    watcher_init(&peer.watcher, pair[0], on_events);
    assert_int_equal(write(pair[1], "x", 1), 1);
    assert_int_equal(loop_add(loop, &peer.watcher, EPOLLIN | EPOLLOUT), 0);
    run_once();
    assert_story("p");
    assert_int_equal(peer.events, EPOLLIN | EPOLLOUT);

    peer.events = 0;
    assert_int_equal(loop_modify(loop, &peer.watcher, EPOLLOUT), 0);
    run_once();
    assert_int_equal(peer.events, EPOLLOUT);
    assert_story("p");
    assert_int_equal(loop_modify(loop, &peer.watcher, 0), 0);
    run_once();
    assert_story("");
    assert_int_equal(close(pair[1]), 0); /* told even to those who wait for nothing */
    peer.events = 0;
    run_once();
    assert_true(peer.events & EPOLLHUP);
    loop_remove(loop, &peer.watcher);
    assert_int_equal(close(pair[0]), 0);
}

static void tasks_run_once_and_in_the_order_of_posting(void **state)
{
    loop_post(loop, &b.task);
    loop_post(loop, &a.task);
    loop_post(loop, &b.task);
    assert_true(task_is_posted(&b.task));
    run_once();
    assert_story("BA");
    assert_false(task_is_posted(&b.task));
    run_once();
    assert_story("");
}

static void a_task_posted_by_a_task_runs_in_the_next_iteration(void **state)
{
    a.to_post = &a;
    loop_post(loop, &a.task);
    assert_int_equal(loop_run_once(loop, -1), 0);
    assert_story("A");
    assert_int_equal(waited.wait_ms, 0);
    b.to_post = &c;
    loop_post(loop, &b.task);
    assert_int_equal(loop_run_once(loop, -1), 0);
    assert_story("AB");
    a.to_post = NULL;
    assert_int_equal(loop_run_once(loop, -1), 0);
    assert_story("AC");
}

static void tasks_posted_by_events_and_timers_run_in_the_same_iteration(void **state)
{
    a.to_post = &b;
    add(&a);
    c.to_post = &d;
    assert_int_equal(loop_set_timer(loop, &c.timer, 0), 0);
    run_once();
    assert_story("atBD");
}

static void a_task_may_be_unposted_even_by_one_of_the_same_batch(void **state)
{
    a.to_unpost = &b;
    loop_post(loop, &a.task);
    loop_post(loop, &b.task);
    loop_post(loop, &c.task);
    loop_post(loop, &d.task);
    loop_unpost(&d.task);
    loop_unpost(&d.task);
    run_once();
    assert_story("AC");
}

static void it_waits_until_the_next_timer_and_not_at_all_for_tasks(void **state)
{
    assert_int_equal(loop_run_once(loop, -1), 0);
    assert_int_equal(waited.wait_ms, -1);
    assert_int_equal(loop_run_once(loop, 7), 0);
    assert_int_equal(waited.wait_ms, 7);

    assert_int_equal(loop_set_timer(loop, &a.timer, 1250), 0);
    assert_int_equal(loop_run_once(loop, -1), 0);
    assert_int_equal(waited.wait_ms, 250);
    assert_int_equal(loop_run_once(loop, 100), 0);
    assert_int_equal(waited.wait_ms, 100);
    assert_int_equal(loop_run_once(loop, 1000), 0);
    assert_int_equal(waited.wait_ms, 250);

    fake_clock_advance(249);
    run_once();
    assert_story("");
    assert_int_equal(loop_run_once(loop, -1), 0);
    assert_int_equal(waited.wait_ms, 1);
    fake_clock_advance(1);
    run_once();
    assert_story("t");

    loop_post(loop, &b.task);
    assert_int_equal(loop_run_once(loop, -1), 0);
    assert_int_equal(waited.wait_ms, 0);
    assert_int_equal(loop_set_timer(loop, &a.timer, 5000), 0);
    loop_cancel_timer(loop, &a.timer);
    assert_int_equal(loop_run_once(loop, -1), 0);
    assert_int_equal(waited.wait_ms, -1);
}

static void a_timer_armed_again_at_once_does_not_hold_the_iteration(void **state)
{
    assert_int_equal(loop_reserve_timers(loop, 2), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(loop_set_timer(loop, &a.timer, loop_now_ms(loop)), 0);
        run_once();
    }
    assert_story("ttt");
}

static void the_clock_is_read_once_an_iteration(void **state)
{
    assert_int_equal(loop_now_ms(loop), 1000);
    fake_clock_advance(5);
    fake_clock_set_wall(1700000000999);
    assert_int_equal(loop_now_ms(loop), 1000);
    run_once();
    assert_int_equal(loop_now_ms(loop), 1005);
    assert_int_equal(loop_wall_seconds(loop), 1700000000);
    assert_int_equal(loop_wall_ms(loop), 1700000000999);
}

static void an_interrupted_wait_is_an_iteration_without_events(void **state)
{
    add(&a);
    assert_int_equal(loop_set_timer(loop, &b.timer, 1000), 0);
    loop_post(loop, &c.task);
    waited.err = EINTR;
    run_once();
    assert_story("tC");
    run_once();
    assert_story("a");
    waited.err = EBADF;
    assert_int_equal(loop_run_once(loop, 0), -EBADF);
    waited.err = EBADF;
    assert_int_equal(loop_run(loop), -EBADF);
    assert_story("");
}

static void stop_loop(struct task *task)
{
    tell('s');
    loop_stop(loop);
}

static void the_running_iteration_is_finished_after_a_stop(void **state)
{
    struct task stop;

    task_init(&stop, stop_loop);
    loop_post(loop, &stop);
    loop_post(loop, &a.task);
    add(&b);
    assert_int_equal(loop_run(loop), 0);
    assert_story("bsA");
    assert_int_equal(waited.calls, 1);
    loop_post(loop, &stop); /* and it may run again */
    assert_int_equal(loop_run(loop), 0);
    assert_story("bs");
}

static int served;

static void count_event(struct watcher *watcher, uint32_t events)
{
    served++;
}

static void more_events_than_are_fetched_at_once_come_in_the_next_iterations(void **state)
{
    static struct watcher many[700];

    for (size_t i = 0; i < COUNT_OF(many); i++) {
        watcher_init(&many[i], dup(a.watcher.fd), count_event);
        assert_true(many[i].fd >= 0);
        assert_int_equal(loop_add(loop, &many[i], EPOLLIN | EPOLLET), 0);
    }
    loop_post(loop, &b.task);
    run_once();
    assert_true(served < (int)COUNT_OF(many));
    assert_story("B"); /* tasks got their turn in between */
    run_once();
    assert_int_equal(served, COUNT_OF(many));
    for (size_t i = 0; i < COUNT_OF(many); i++) {
        loop_remove(loop, &many[i]);
        assert_int_equal(close(many[i].fd), 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(phases_come_in_their_order),
        TEST(a_watcher_removed_by_an_earlier_callback_gets_no_event),
        TEST(a_forgotten_watcher_gets_no_event_and_its_number_may_be_used_anew),
        TEST(removed_watchers_may_be_added_again),
        TEST(first_watchers_are_counted_rightly),
        TEST(a_failed_add_leaves_the_watcher_alone),
        TEST(reading_and_writing_come_in_one_call),
        TEST(tasks_run_once_and_in_the_order_of_posting),
        TEST(a_task_posted_by_a_task_runs_in_the_next_iteration),
        TEST(tasks_posted_by_events_and_timers_run_in_the_same_iteration),
        TEST(a_task_may_be_unposted_even_by_one_of_the_same_batch),
        TEST(it_waits_until_the_next_timer_and_not_at_all_for_tasks),
        TEST(a_timer_armed_again_at_once_does_not_hold_the_iteration),
        TEST(the_clock_is_read_once_an_iteration),
        TEST(an_interrupted_wait_is_an_iteration_without_events),
        TEST(the_running_iteration_is_finished_after_a_stop),
        TEST(more_events_than_are_fetched_at_once_come_in_the_next_iterations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
