/* SPDX-License-Identifier: MIT */
/* test_http_pending.c - answers that a handler gives later: they wait, are cut up, or not wanted. */
#include "support/unit.h"

#include "http/site.h"

#include <sys/epoll.h>

#define GET "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
#define WORKS_MAX 8

struct work {
    struct pending pending;
    bool is_used, is_ended;
    size_t sent;
};

static struct site site;
static struct work works[WORKS_MAX];
static size_t work_count;
static struct handler handler;
static enum content_kind kind;
static size_t length;      /* of the content */
static size_t available;   /* of it, now; then content() gives 0 */
static bool content_fails; /* instead */
static bool must_close;

static struct work *work_of(struct pending *pending)
{
    return container_of(pending, struct work, pending);
}

static void work_answer(struct pending *pending, const struct request *req, struct response *resp)
{
    (void)pending;
    resp->kind = kind;
    resp->length = length;
    resp->text = req->target;
    resp->text_type = SLICE_LITERAL("text/plain");
    resp->must_close = must_close;
    resp->reason = "late";
    if (kind == CONTENT_NONE)
        resp->status = 304;
}

static enum piece work_content(struct pending *pending, size_t room, struct slice *ret_piece)
{
    static char space[100 * 1000];
    struct work *work = work_of(pending);
    size_t len = MIN(MIN(room, sizeof(space)), MIN(available, length) - work->sent);

    if (len == 0)
        return content_fails ? PIECE_FAILED : PIECE_LATER;
    for (size_t i = 0; i < len; i++)
        space[i] = site_byte(work->sent + i);
    work->sent += len;
    *ret_piece = slice_of(space, len);
    return PIECE_GIVEN;
}

static void work_end(struct pending *pending)
{
    assert_false(work_of(pending)->is_ended);
    work_of(pending)->is_ended = true;
}

static const struct pending_ops work_ops = {
    .answer = work_answer, .content = work_content, .end = work_end};

static void start(struct handler *self, const struct request *req, struct response *resp)
{
    (void)self;
    if (slice_equal(req->path, SLICE_LITERAL("/quick"))) {
        resp->kind = CONTENT_TEXT;
        resp->text = SLICE_LITERAL("quick");
        resp->text_type = SLICE_LITERAL("text/plain");
        return;
    }
    assert_true(work_count < WORKS_MAX);
    works[work_count] = (struct work){.pending.ops = &work_ops};
    resp->pending = &works[work_count++].pending;
}

static void destroy(struct handler *self)
{
    (void)self;
}

static const struct handler_ops ops = {.name = "slow", .start = start, .destroy = destroy};

static struct handler *make(struct http_context *http, enum answer_kind answer)
{
    (void)http;
    handler.ops = &ops;
    return &handler;
}

static int set_up(void **state)
{
    work_count = 0;
    kind = CONTENT_TEXT;
    length = 10;
    available = SIZE_MAX;
    content_fails = false;
    must_close = false;
    site_init(&site);
    site.make_handler = make;
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    for (size_t i = 0; i < work_count; i++)
        assert_true(works[i].is_ended);
    return 0;
}

static void resume(size_t number)
{
    pending_resume(&works[number].pending);
    site_turn(&site);
}

static void an_answer_comes_when_it_is_ready(void **state)
{
    struct client client;
    struct reply reply;

    client_open(&site, &client, GET);
    expect_nothing(&client);
    assert_false(works[0].is_ended);
    resume(0);
    client_reply(&client, false, &reply);
    assert_content(&reply, "/slow");
    assert_true(works[0].is_ended);
    client_close(&client);
}

static void requests_behind_it_wait_and_others_do_not(void **state)
{
    struct client client;
    struct client other;
    struct reply reply;

    client_open(&site, &client, GET "GET /quick HTTP/1.1\r\nHost: a\r\n\r\n");
    client_open(&site, &other, "GET /quick HTTP/1.1\r\nHost: a\r\n\r\n");
    client_send(&client, GET);
    expect_nothing(&client);
    expect_status(&other, 200);
    resume(0);
    client_reply(&client, false, &reply);
    assert_content(&reply, "/slow");
    client_reply(&client, false, &reply);
    assert_content(&reply, "quick");
    expect_nothing(&client);
    resume(1);
    client_reply(&client, false, &reply);
    assert_content(&reply, "/slow");
    client_close(&client);
    client_close(&other);
}

static void no_deadline_runs_while_it_is_waited_for(void **state)
{
    struct client client;

    client_open(&site, &client, GET);
    site_wait(&site, 10 * 60 * 1000);
    resume(0);
    expect_status(&client, 200);
    site_wait(&site, site.config.server.keepalive_timeout_ms + 1000);
    expect_closed(&client, false);
    client_close(&client);
}

static void work_ends_with_its_connection(void **state)
{
    struct client client;

    client_open(&site, &client, GET);
    conn_close(client_conn(&client), CLOSE_PEER);
    pending_resume(&works[0].pending); /* it did not know yet */
    assert_false(works[0].is_ended);
    site_turn(&site);
    assert_true(works[0].is_ended);
    assert_non_null(strstr(site_log(&site), "\"GET /slow HTTP/1.1\" 499 0"));
    client_close(&client);
}

static void a_client_that_only_ended_its_side_is_answered(void **state)
{
    struct client client;

    client_open(&site, &client, GET);
    client_end(&client);
    assert_false(works[0].is_ended);
    resume(0);
    expect_status(&client, 200);
    expect_closed(&client, false);
    client_close(&client);
}

static void a_late_answer_may_end_the_connection(void **state)
{
    struct client client;
    struct reply reply;

    must_close = true;
    client_open(&site, &client, GET GET);
    resume(0);
    client_reply(&client, false, &reply);
    assert_field(&reply, "Connection", "close");
    assert_int_equal(work_count, 1);
    client_close(&client);
}

static void a_late_answer_may_be_without_content(void **state)
{
    struct client client;

    kind = CONTENT_NONE;
    client_open(&site, &client, GET);
    resume(0);
    expect_status(&client, 304);
    expect_nothing(&client);
    client_close(&client);
}

static void expect_long_content(struct client *client)
{
    struct reply reply;

    client_reply(client, false, &reply);
    assert_int_equal(reply.content.len, length);
    for (size_t i = 0; i < length; i++)
        assert_int_equal(reply.content.data[i], site_byte(i));
}

static void content_is_asked_for_as_it_leaves(void **state)
{
    struct client client;

    kind = CONTENT_PIECES;
    length = 10 * 1000 * 1000;
    client_init(&site, &client);
    client.peer->write_room = 1000 * 1000;
    memory_send(client.peer, SLICE_LITERAL(GET "GET /quick HTTP/1.1\r\nHost: a\r\n\r\n"));
    client_start(&client);
    resume(0);
    assert_in_range(works[0].sent, 900 * 1000, 1200 * 1000);
    client.peer->write_room = MEMORY_UNLIMITED;
    memory_event(client_conn(&client), EPOLLOUT);
    site_turn(&site);
    expect_long_content(&client);
    expect_status(&client, 200); /* of the request behind it */
    assert_true(works[0].is_ended);
    assert_non_null(strstr(site_log(&site), "\"GET /slow HTTP/1.1\" 200 10000000"));
    client_close(&client);
}

static void content_may_have_to_be_waited_for(void **state)
{
    struct client client;

    kind = CONTENT_PIECES;
    length = 300 * 1000;
    available = 0;
    client_open(&site, &client, GET);
    resume(0);
    for (; available < length; available += 100 * 1000) {
        resume(0);
        assert_int_equal(works[0].sent, available);
    }
    resume(0);
    expect_long_content(&client);
    client_close(&client);
}

static void content_in_pieces_may_end_the_connection(void **state)
{
    struct client client;

    kind = CONTENT_PIECES;
    length = 300 * 1000;
    client_open(&site, &client, "GET /slow HTTP/1.0\r\n\r\n");
    resume(0);
    expect_long_content(&client);
    expect_closed(&client, false);
    assert_true(works[0].is_ended);
    client_close(&client);
}

static void content_of_no_bytes_is_not_asked_for(void **state)
{
    struct client client;

    kind = CONTENT_PIECES;
    length = 0;
    client_open(&site, &client, GET);
    resume(0);
    expect_long_content(&client);
    assert_true(works[0].is_ended);
    client_close(&client);
}

static void head_gets_no_pieces(void **state)
{
    struct client client;
    struct reply reply;

    kind = CONTENT_PIECES;
    client_open(&site, &client, "HEAD /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    resume(0);
    client_reply(&client, true, &reply);
    assert_field(&reply, "Content-Length", "10");
    expect_nothing(&client);
    assert_true(works[0].is_ended);
    client_close(&client);
}

static void content_that_fails_ends_the_connection(void **state)
{
    struct client client;

    kind = CONTENT_PIECES;
    available = 5;
    client_open(&site, &client, GET);
    resume(0);
    content_fails = true;
    resume(0);
    assert_true(client.peer->is_write_shut);
    assert_false(client.peer->is_reset);
    assert_true(works[0].is_ended);
    assert_non_null(strstr(site_log(&site), "\"GET /slow HTTP/1.1\" 200 5 "));
    client_close(&client);
}

static void a_client_that_leaves_between_pieces_ends_the_work(void **state)
{
    struct client client;

    kind = CONTENT_PIECES;
    length = 1000 * 1000;
    client_init(&site, &client);
    client.peer->write_room = 1000;
    memory_send(client.peer, SLICE_LITERAL(GET));
    client_start(&client);
    resume(0);
    assert_false(works[0].is_ended);
    site_wait(&site, site.config.server.send_timeout_ms - 1);
    assert_false(works[0].is_ended);
    site_wait(&site, 1);
    assert_true(works[0].is_ended);
    client_close(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_comes_when_it_is_ready, set_up, tear_down),
        cmocka_unit_test_setup_teardown(requests_behind_it_wait_and_others_do_not, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(no_deadline_runs_while_it_is_waited_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(work_ends_with_its_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_only_ended_its_side_is_answered, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_late_answer_may_end_the_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_late_answer_may_be_without_content, set_up, tear_down),
        cmocka_unit_test_setup_teardown(content_is_asked_for_as_it_leaves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(content_may_have_to_be_waited_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(content_in_pieces_may_end_the_connection, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(content_of_no_bytes_is_not_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(head_gets_no_pieces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(content_that_fails_ends_the_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_leaves_between_pieces_ends_the_work, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
