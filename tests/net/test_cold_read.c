/* SPDX-License-Identifier: MIT */
/* test_cold_read.c - connections that wait for a disk, and all that may happen to them meanwhile. */
#include "net_fixture.h"

#include "os/page_cache.h"
#include "support/gate.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PATIENCE_MS 20000 /* only a failing test waits so long */
#define WINDOW (1024U * 1024)

/* Of one file: which bytes are in memory, and whether the read of others is held. */
struct disk {
    int fd;
    bool is_held;
    int begun_fd, let_fd; /* eventfds, when it is held */
    off_t warm_from, warm_to;
    int err;        /* that reading gives */
    unsigned looks; /* the loop's */
    unsigned fills; /* the thread's */
    off_t filled_to;
};

static struct disk disks[2];
static struct thread_pool *threads;
static struct cold_reader reader;

static struct disk *disk_of(int fd)
{
    for (size_t i = 0; i < COUNT_OF(disks); i++) {
        if (disks[i].fd == fd)
            return &disks[i];
    }
    fail_msg("file %d was not expected", fd);
    return NULL;
}

/* By the linker: --wrap=page_cache_holds --wrap=page_cache_fill. */
bool __wrap_page_cache_holds(int fd, off_t byte);
int __wrap_page_cache_fill(int fd, off_t offset, size_t len);

bool __wrap_page_cache_holds(int fd, off_t byte)
{
    struct disk *disk = disk_of(fd);

    disk->looks++;
    return byte >= disk->warm_from && byte < disk->warm_to;
}

int __wrap_page_cache_fill(int fd, off_t offset, size_t len)
{
    struct disk *disk = disk_of(fd);

    if (disk->is_held) {
        gate_tell(disk->begun_fd);
        gate_await(disk->let_fd);
    }
    disk->fills++;
    disk->filled_to = offset + (off_t)len;
    return disk->err;
}

static void set_up_with(unsigned thread_count, unsigned queue_max)
{
    struct connpool_settings settings;
    const struct threadpool_settings of_threads = {
        .threads = thread_count, .queue_max = queue_max, .idle_ms = PATIENCE_MS};

    net_settings(&settings);
    settings.cold = &reader;
    /* The pool is made of a loop that the fixture makes together with the connections. */
    net_set_up_with(&settings);
    fake_clock_off(); /* threads look at it */
    connpool_destroy(net.pool);
    assert_int_equal(threadpool_create(net.loop, &of_threads, &threads), 0);
    reader.threads = threads;
    assert_int_equal(connpool_create(net.loop, net.mempool, &settings, &net.pool), 0);
    for (size_t i = 0; i < COUNT_OF(disks); i++) {
        disks[i] = (struct disk){.fd = -1};
        disks[i].begun_fd = eventfd(0, EFD_CLOEXEC);
        disks[i].let_fd = eventfd(0, EFD_CLOEXEC);
        assert_true(disks[i].begun_fd >= 0 && disks[i].let_fd >= 0);
    }
}

static int set_up(void **state)
{
    set_up_with(2, 16);
    return 0;
}

static int clean_up(void **state)
{
    connpool_destroy(net.pool);
    net.pool = NULL;
    assert_true(threadpool_destroy(threads, PATIENCE_MS));
    reader.threads = NULL;
    for (size_t i = 0; i < COUNT_OF(disks); i++) {
        (void)close(disks[i].begun_fd);
        (void)close(disks[i].let_fd);
        if (disks[i].fd != -1)
            (void)close(disks[i].fd);
    }
    return net_tear_down(state);
}

static struct disk *file_on_disk(unsigned number, size_t len)
{
    disks[number].fd = net_pattern_file(len);
    return &disks[number];
}

static void send_from(struct connection *conn, const struct disk *disk, off_t offset, size_t len,
                      struct net_page *page)
{
    net_page_init(page);
    assert_int_equal(conn_send_file(conn, disk->fd, offset, len, &page->counted), 0);
    conn_file_may_wait(conn);
    counted_unref(&page->counted);
}

static void run_until_received(const struct memory_transport *peer, size_t len)
{
    for (int i = 0; i < 1000 && memory_received(peer).len < len; i++)
        assert_int_equal(loop_run_once(net.loop, PATIENCE_MS), 0);
    assert_int_equal(memory_received(peer).len, len);
}

static void run_until_released(const struct net_page *page)
{
    for (int i = 0; i < 1000 && page->releases == 0; i++)
        assert_int_equal(loop_run_once(net.loop, PATIENCE_MS), 0);
    assert_int_equal(page->releases, 1);
}

static void assert_is_pattern(const struct memory_transport *peer, size_t offset, size_t len)
{
    assert_int_equal(memory_received(peer).len, len);
    assert_memory_equal(memory_received(peer).data, net_pattern(offset + len).data + offset, len);
}

static void what_is_in_memory_is_sent_at_once_with_one_look_a_window(void **state)
{
    size_t len = 2 * WINDOW + 1000;
    struct disk *disk = file_on_disk(0, len);
    struct net_page page;

    disk->warm_to = (off_t)len;
    send_from(net_open(), disk, 0, len, &page);
    for (int i = 0; i < 20; i++)
        net_turn();
    assert_is_pattern(&net.peer, 0, len);
    assert_int_equal(page.releases, 1);
    assert_int_equal(disk->looks, 4); /* and one more at the start */
    assert_int_equal(disk->fills, 0);
}

static void a_little_is_looked_at_once(void **state)
{
    struct disk *disk = file_on_disk(0, 100000);
    struct net_page page;

    disk->warm_to = 100000;
    send_from(net_open(), disk, 5000, 90000, &page);
    net_turn();
    assert_is_pattern(&net.peer, 5000, 90000);
    assert_int_equal(disk->looks, 1);
}

static void a_file_that_never_waits_is_not_looked_at(void **state)
{
    struct disk *disk = file_on_disk(0, 1000);
    struct net_page page;

    net_page_init(&page);
    assert_int_equal(conn_send_file(net_open(), disk->fd, 0, 1000, &page.counted), 0);
    counted_unref(&page.counted);
    net_turn();
    assert_is_pattern(&net.peer, 0, 1000);
    assert_int_equal(disk->looks, 0);
}

static void a_cold_file_is_read_by_threads_window_by_window(void **state)
{
    size_t len = 3 * WINDOW + 5;
    struct disk *disk = file_on_disk(0, len);
    struct net_page page;
    struct connection *conn = net_open();

    net_write(conn, "");
    send_from(conn, disk, 0, len, &page);
    run_until_received(&net.peer, len);
    assert_is_pattern(&net.peer, 0, len);
    run_until_released(&page);
    assert_int_equal(disk->fills, 4);
    assert_int_equal(disk->filled_to, len);
}

static void only_what_is_cold_is_read(void **state)
{
    size_t len = 3 * WINDOW;
    struct disk *disk = file_on_disk(0, len);
    struct net_page page;

    disk->warm_from = WINDOW + 1; /* so the first byte of the second window is not */
    disk->warm_to = (off_t)len;
    send_from(net_open(), disk, 0, len, &page);
    run_until_received(&net.peer, len);
    assert_is_pattern(&net.peer, 0, len);
    assert_int_equal(disk->fills, 1); /* the first; of the others the end was looked at */
    assert_int_equal(disk->filled_to, WINDOW);
}

static void others_are_served_while_a_thread_waits(void **state)
{
    struct disk *disk = file_on_disk(0, 1000);
    struct memory_transport other_peer;
    struct connection *other;
    struct net_page page;

    disk->is_held = true;
    send_from(net_open(), disk, 0, 1000, &page);
    net_turn();
    gate_await(disk->begun_fd);
    memory_init(&other_peer);
    other = net_open();
    for (int i = 0; i < 3; i++) {
        memory_send(&other_peer, SLICE_LITERAL("ping"));
        memory_deliver(other, &other_peer);
        net_turn();
    }
    assert_int_equal(memory_received(&other_peer).len, 12);
    assert_int_equal(memory_received(&net.peer).len, 0);
    gate_tell(disk->let_fd);
    run_until_received(&net.peer, 1000);
    assert_is_pattern(&net.peer, 0, 1000);
    conn_close(other, CLOSE_DONE);
    memory_done(&other_peer);
}

static void output_events_meanwhile_change_nothing(void **state)
{
    struct disk *disk = file_on_disk(0, 1000);
    struct connection *conn = net_open();
    struct net_page page;

    disk->is_held = true;
    send_from(conn, disk, 0, 1000, &page);
    net_turn();
    gate_await(disk->begun_fd);
    memory_event(conn, EPOLLOUT);
    memory_event(conn, EPOLLOUT | EPOLLIN);
    net_turn();
    assert_int_equal(memory_received(&net.peer).len, 0);
    gate_tell(disk->let_fd);
    run_until_received(&net.peer, 1000);
    assert_int_equal(disk->fills, 1);
}

static void a_client_may_leave_while_a_thread_reads_for_him(void **state)
{
    struct disk *disk = file_on_disk(0, 1000);
    struct connection *conn = net_open();
    struct net_page page;

    disk->is_held = true;
    send_from(conn, disk, 0, 1000, &page);
    net_turn();
    gate_await(disk->begun_fd);
    memory_event(conn, EPOLLERR | EPOLLHUP);
    net_turn();
    assert_true(net_is_closed(conn));
    assert_int_equal(page.releases, 0); /* the thread reads from it still */
    gate_tell(disk->let_fd);
    run_until_released(&page);
    assert_int_equal(memory_received(&net.peer).len, 0);
}

/* With one thread, which is held by somebody else. */
static void what_nobody_waits_for_any_more_is_not_read(void **state)
{
    struct disk *held = file_on_disk(0, 1000), *disk = file_on_disk(1, 1000);
    struct memory_transport other_peer;
    struct net_page held_page, page;
    struct connection *other;

    held->is_held = true;
    send_from(net_open(), held, 0, 1000, &held_page);
    net_turn();
    gate_await(held->begun_fd);
    memory_init(&other_peer);
    other = net_open();
    send_from(other, disk, 0, 1000, &page);
    net_turn();
    conn_abort(other, CLOSE_PEER);
    assert_int_equal(page.releases, 1);
    gate_tell(held->let_fd);
    run_until_received(&net.peer, 1000);
    assert_int_equal(disk->fills, 0);
    memory_done(&other_peer);
}

static int set_up_one_thread(void **state)
{
    set_up_with(1, 16);
    return 0;
}

static void whoever_takes_the_slot_gets_nothing_of_his_predecessor(void **state)
{
    struct disk *former = file_on_disk(0, 1000), *own = file_on_disk(1, 2000);
    struct memory_transport own_peer;
    struct net_page former_page, own_page;
    struct connection *conn = net_open(), *next;

    former->is_held = own->is_held = true;
    send_from(conn, former, 0, 1000, &former_page);
    net_turn();
    gate_await(former->begun_fd);
    conn_close(conn, CLOSE_DONE);
    net_turn();
    memory_init(&own_peer);
    next = net_open();
    assert_ptr_equal(next, conn);
    send_from(next, own, 1000, 500, &own_page);
    net_turn();
    gate_await(own->begun_fd);

    gate_tell(former->let_fd);
    run_until_released(&former_page);
    net_turn();
    assert_int_equal(memory_received(&own_peer).len, 0); /* his own is not there yet */
    gate_tell(own->let_fd);
    run_until_received(&own_peer, 500);
    assert_is_pattern(&own_peer, 1000, 500);
    assert_int_equal(memory_received(&net.peer).len, 0);
    conn_close(next, CLOSE_DONE);
    memory_done(&own_peer);
}

static void an_error_of_the_disk_aborts_the_connection(void **state)
{
    struct disk *disk = file_on_disk(0, 1000);
    struct connection *conn = net_open();
    struct net_page page;

    disk->err = -EIO;
    net_write(conn, "head");
    send_from(conn, disk, 0, 1000, &page);
    run_until_released(&page);
    assert_true(net.peer.is_closed && net.peer.is_reset);
    net_assert_received("head");
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_ABORTED);
}

static void without_room_in_the_queue_the_loop_reads(void **state)
{
    size_t len = 2 * WINDOW;
    struct disk *disk = file_on_disk(0, len);
    struct net_page page;

    send_from(net_open(), disk, 0, len, &page);
    for (int i = 0; i < 20; i++)
        net_turn();
    assert_is_pattern(&net.peer, 0, len);
    assert_int_equal(disk->fills, 0);
    assert_int_equal(page.releases, 1);
}

static int set_up_no_room(void **state)
{
    set_up_with(1, 0);
    return 0;
}

static void no_deadline_runs_while_a_thread_reads_but_one_after_it(void **state)
{
    struct disk *disk = file_on_disk(0, 1000);
    struct connection *conn = net_open();
    struct net_page page;

    disk->is_held = true;
    net_turn(); /* the loop's clock was the fake one */
    conn_set_deadline(conn, 1);
    net.peer.write_room = 600;
    send_from(conn, disk, 0, 1000, &page);
    memory_event(conn, EPOLLOUT); /* before any timer */
    gate_await(disk->begun_fd);
    for (int i = 0; i < 3; i++)
        assert_int_equal(loop_run_once(net.loop, 3), 0);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 0);
    assert_false(net_is_closed(conn));
    gate_tell(disk->let_fd);
    run_until_received(&net.peer, 600);
    assert_true(conn->deadline >
                (uint32_t)loop_now_ms(net.loop)); /* now it is the peer who is slow */
    assert_true(conn->deadline <= (uint32_t)loop_now_ms(net.loop) + NET_SEND_TIMEOUT_MS);
    memory_take(conn, &net.peer, 400);
    assert_is_pattern(&net.peer, 0, 1000);
}

static void the_connections_may_end_before_the_reads(void **state)
{
    struct disk *disk = file_on_disk(0, 1000);
    struct net_page page;

    disk->is_held = true;
    send_from(net_open(), disk, 0, 1000, &page);
    net_turn();
    gate_await(disk->begun_fd);
    connpool_destroy(net.pool);
    net.pool = NULL;
    assert_int_equal(page.releases, 0);
    gate_tell(disk->let_fd);
    assert_true(threadpool_destroy(threads, PATIENCE_MS));
    threads = NULL;
    assert_int_equal(page.releases, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_in_memory_is_sent_at_once_with_one_look_a_window),
        TEST(a_little_is_looked_at_once),
        TEST(a_file_that_never_waits_is_not_looked_at),
        TEST(a_cold_file_is_read_by_threads_window_by_window),
        TEST(only_what_is_cold_is_read),
        TEST(others_are_served_while_a_thread_waits),
        TEST(output_events_meanwhile_change_nothing),
        TEST(a_client_may_leave_while_a_thread_reads_for_him),
        cmocka_unit_test_setup_teardown(what_nobody_waits_for_any_more_is_not_read,
                                        set_up_one_thread, clean_up),
        TEST(whoever_takes_the_slot_gets_nothing_of_his_predecessor),
        TEST(an_error_of_the_disk_aborts_the_connection),
        cmocka_unit_test_setup_teardown(without_room_in_the_queue_the_loop_reads, set_up_no_room,
                                        clean_up),
        TEST(no_deadline_runs_while_a_thread_reads_but_one_after_it),
        TEST(the_connections_may_end_before_the_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
