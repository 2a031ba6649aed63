/* SPDX-License-Identifier: MIT */
/* test_fetch_memory.c - memory runs out at each place where some is asked for: no leak, no hang, one end. */
#include "upstream_fixture.h"

#include "support/failing_heap.h"

#include <string.h>
#include <sys/socket.h>

/* More than all calls of a run. */
#define CALLS_MAX 200

static struct origin *const app = &up.origins[0];

/* A request with content, and a reply in two pieces, on a new connection and then on a kept one. */
static int start(struct wish *wish)
{
    const struct fetch_request request = {
        .group = up.group, .method = METHOD_PUT, .framing = BODY_CHUNKED};
    int err;

    wish_init(wish);
    wish->method = METHOD_PUT;
    wish->head = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked";
    err = fetch_start(up.fetcher, &request, &wish->user, &wish->fetch);
    if (err)
        wish->fetch = NULL;
    return err;
}

static void turn(void)
{
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(loop_run_once(up.loop, 0), 0);
}

static void answer(const char *text)
{
    ssize_t n = app->fd == -1 ? 0 : send(app->fd, text, strlen(text), MSG_NOSIGNAL);

    (void)n; /* who has closed it needs no answer */
    turn();
}

static void run_once(void)
{
    struct wish *wish = &up.wish;

    if (start(wish) != 0)
        return;
    if (wish->fetch && fetch_send(wish->fetch, SLICE_LITERAL("data"), false) == 4)
        (void)fetch_send(wish->fetch, SLICE_LITERAL(""), true);
    turn();
    (void)origin_accept(app);
    answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
    answer("2\r\ncd\r\n0\r\n\r\n");
    fake_clock_advance(20000); /* what did not come, for lack of memory */
    turn();
    fake_clock_advance(20000);
    turn();
    assert_null(wish->fetch);
    assert_int_equal(wish->told[TOLD_END], 1);
    if (!wish->has_failed)
        assert_string_equal(wish->content, "abcd");
}

static void out_of_memory_anywhere_is_an_end_and_no_leak(void **state)
{
    bool has_failed = true;
    long calls = 0;

    for (long at = 0; has_failed; at++) {
        assert_true(at < CALLS_MAX);
        up_set_up_with(1);
        heap_fails(at, HEAP_FOR_GOOD);
        run_once();
        if (up.wish.fetch == NULL && up.wish.told[TOLD_END] == 1 && !up.wish.has_failed) {
            wish_init(&up.wish);
            run_once(); /* on the kept one */
        }
        has_failed = heap.calls > at;
        calls = heap.calls;
        heap_works();
        assert_int_equal(up_tear_down(state), 0);
    }
    assert_true(calls > 3); /* it did ask for some */
}

static void one_refused_block_does_not_stop_the_next_request(void **state)
{
    bool has_failed = true;

    for (long at = 0; has_failed; at++) {
        assert_true(at < CALLS_MAX);
        up_set_up_with(1);
        heap_fails(at, at);
        run_once();
        has_failed = heap.calls > at;
        heap_works();
        run_once();
        wish_assert_complete(&up.wish, 200, "abcd");
        assert_int_equal(up_tear_down(state), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(out_of_memory_anywhere_is_an_end_and_no_leak),
        cmocka_unit_test(one_refused_block_does_not_stop_the_next_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
