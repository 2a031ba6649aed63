/* SPDX-License-Identifier: MIT */
/* test_http_body.c - handlers that take the content of a request while they work on its answer. */
#include "support/unit.h"

#include "http/site.h"

#include <stdlib.h>

#define POST "POST /slow HTTP/1.1\r\nHost: a\r\n"
#define QUICK "GET /quick HTTP/1.1\r\nHost: a\r\n\r\n"
#define WORKS_MAX 8
#define TAKEN_MAX ((size_t)1 << 20)

struct work {
    struct pending pending;
    const struct request *req;
    size_t taken;      /* of the content */
    size_t take_limit; /* so much is taken in all */
    bool has_begun, is_last, is_ended;
    char content[TAKEN_MAX];
};

static struct site site;
static struct work *works[WORKS_MAX];
static size_t work_count;
static struct handler handler;

/* What works do. */
static bool takes_body;
static bool refuses; /* in start(), with 403 */
static uint64_t body_max;
static size_t take_limit;
static struct response answer_of; /* status, kind, length, relayed, text, reads_on */

static struct work *work_of(struct pending *pending)
{
    return container_of(pending, struct work, pending);
}

static void work_begin(struct pending *pending, const struct request *req)
{
    work_of(pending)->req = req;
    work_of(pending)->has_begun = true;
}

static void work_answer(struct pending *pending, const struct request *req, struct response *resp)
{
    assert_ptr_equal(req, work_of(pending)->req);
    resp->status = answer_of.status;
    resp->kind = answer_of.kind;
    resp->length = answer_of.length;
    resp->relayed = answer_of.relayed;
    resp->is_relayed = answer_of.relayed.len > 0;
    resp->text = answer_of.text;
    resp->text_type = SLICE_LITERAL("text/plain");
    resp->reads_on = answer_of.reads_on;
    resp->reason = "late";
}

static size_t work_body(struct pending *pending, struct slice part, bool is_last)
{
    struct work *work = work_of(pending);
    size_t len = MIN(part.len, work->take_limit - work->taken);

    assert_false(work->is_last);
    assert_true(work->has_begun);
    assert_true(work->taken + len <= TAKEN_MAX);
    memcpy(work->content + work->taken, part.data, len);
    work->taken += len;
    work->is_last = is_last && len == part.len;
    return len;
}

static void work_end(struct pending *pending)
{
    assert_false(work_of(pending)->is_ended);
    work_of(pending)->is_ended = true;
}

static enum piece work_content(struct pending *pending, size_t room, struct slice *ret_piece)
{
    (void)pending;
    (void)room;
    (void)ret_piece;
    return PIECE_LATER;
}

static const struct pending_ops work_ops = {.begin = work_begin,
                                            .answer = work_answer,
                                            .body = work_body,
                                            .content = work_content,
                                            .end = work_end};

static void start(struct handler *self, const struct request *req, struct response *resp)
{
    struct work *work;

    (void)self;
    if (refuses || slice_equal(req->path, SLICE_LITERAL("/quick"))) {
        resp->status = refuses ? 403 : 200;
        resp->kind = CONTENT_TEXT;
        resp->text = SLICE_LITERAL("quick");
        resp->text_type = SLICE_LITERAL("text/plain");
        return;
    }
    assert_true(work_count < WORKS_MAX);
    work = calloc(1, sizeof(*work));
    work->pending.ops = &work_ops;
    work->pending.body_max = body_max;
    work->take_limit = take_limit;
    works[work_count++] = work;
    resp->pending = &work->pending;
}

static void destroy(struct handler *self)
{
    (void)self;
}

static struct handler_ops ops = {.name = "slow", .start = start, .destroy = destroy};

static struct handler *make(struct http_context *http, enum answer_kind answer)
{
    (void)http;
    (void)answer;
    ops.takes_body = takes_body;
    handler.ops = &ops;
    return &handler;
}

static int set_up(void **state)
{
    (void)state;
    work_count = 0;
    takes_body = true;
    refuses = false;
    body_max = BODY_MAX_NONE;
    take_limit = TAKEN_MAX;
    answer_of = (struct response){
        .status = 200, .kind = CONTENT_TEXT, .text = SLICE_LITERAL("done")};
    site_init(&site);
    site.make_handler = make;
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    site_done(&site);
    for (size_t i = 0; i < work_count; i++) {
        assert_true(works[i]->is_ended);
        free(works[i]);
    }
    return 0;
}

static void resume(size_t number)
{
    pending_resume(&works[number]->pending);
    site_turn(&site);
}

static void assert_taken(size_t number, const char *content, bool is_last)
{
    assert_true(work_count > number);
    assert_true(slice_equal(slice_of(works[number]->content, works[number]->taken),
                            slice_from_string(content)));
    assert_int_equal(works[number]->is_last, is_last);
}

static void the_handler_begins_with_the_head(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, POST "Content-Length: 5\r\n\r\n");
    assert_int_equal(work_count, 1);
    assert_true(works[0]->has_begun);
    assert_taken(0, "", false);
    client_send(&client, "hel");
    assert_taken(0, "hel", false);
    client_send(&client, "lo");
    assert_taken(0, "hello", true);
    expect_nothing(&client);
    resume(0);
    expect_status(&client, 200);
    client_close(&client);
}

static void content_that_comes_with_the_head_is_handed_over(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, POST "Content-Length: 5\r\n\r\nhello" QUICK);
    assert_taken(0, "hello", true);
    resume(0);
    expect_status(&client, 200);
    expect_status(&client, 200); /* of the request behind it */
    client_close(&client);
}

static void chunks_are_taken_apart_wherever_they_are_cut(void **state)
{
    static const char head[] = POST "Transfer-Encoding: chunked\r\n\r\n";
    static const char chunks[] =
        "3;a=\"b\"\r\nabc\r\n0004\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n" QUICK;

    (void)state;
    for (size_t cut = 0; cut < sizeof(chunks) - sizeof(QUICK); cut++) {
        struct client client;

        client_open(&site, &client, head);
        client_send_bytes(&client, slice_of(chunks, cut));
        client_send_bytes(&client, slice_of(chunks + cut, sizeof(chunks) - 1 - cut));
        assert_taken(0, "abcdefg", true);
        resume(0);
        expect_status(&client, 200);
        expect_status(&client, 200);
        client_close(&client);
        assert_true(works[0]->is_ended);
        free(works[0]);
        work_count = 0;
    }
}

static void much_content_passes_through_a_small_buffer(void **state)
{
    enum { PIECE = 10000, COUNT = 50 };
    struct client client;
    char piece[PIECE];

    (void)state;
    client_open(&site, &client, POST "Content-Length: 500000\r\n\r\n");
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < PIECE; j++)
            piece[j] = site_byte(i * PIECE + j);
        client_send_bytes(&client, slice_of(piece, PIECE));
    }
    assert_int_equal(works[0]->taken, PIECE * COUNT);
    assert_true(works[0]->is_last);
    for (size_t i = 0; i < PIECE * COUNT; i++)
        assert_int_equal(works[0]->content[i], site_byte(i));
    /* The head has stayed where it was. */
    assert_true(slice_equal(works[0]->req->target, SLICE_LITERAL("/slow")));
    resume(0);
    expect_status(&client, 200);
    assert_non_null(strstr(site_log(&site), "\"POST /slow HTTP/1.1\" 200 4 "));
    client_close(&client);
}

static void what_is_not_taken_is_not_read(void **state)
{
    struct client client;
    char piece[60000] = {0};

    (void)state;
    take_limit = 3;
    client_open(&site, &client, POST "Content-Length: 60005\r\n\r\nhello");
    assert_taken(0, "hel", false);
    client_send_bytes(&client, slice_of(piece, sizeof(piece)));
    assert_true(memory_is_readable(client.peer));
    site_wait(&site, site.config.server.body_timeout_ms * 3); /* the client is not to blame */
    assert_taken(0, "hel", false);
    works[0]->take_limit = 5;
    pending_resume_body(&works[0]->pending);
    site_turn(&site);
    assert_taken(0, "hello", false);
    works[0]->take_limit = TAKEN_MAX;
    pending_resume_body(&works[0]->pending);
    site_turn(&site);
    assert_int_equal(works[0]->taken, 60005);
    assert_true(works[0]->is_last);
    resume(0);
    expect_status(&client, 200);
    client_close(&client);
}

static void the_end_is_told_when_all_before_it_was_taken(void **state)
{
    struct client client;

    (void)state;
    take_limit = 2;
    client_open(&site, &client, POST "Content-Length: 5\r\n\r\nhello" QUICK);
    assert_taken(0, "he", false);
    works[0]->take_limit = 5;
    pending_resume_body(&works[0]->pending);
    assert_taken(0, "hello", true);
    resume(0);
    expect_status(&client, 200);
    expect_status(&client, 200);
    client_close(&client);
}

static void the_client_is_asked_to_go_on_when_the_handler_says_so(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    assert_true(works[0]->req->expects_continue);
    site_wait(&site, site.config.server.body_timeout_ms * 3); /* it waits for us */
    expect_nothing(&client);
    pending_send_continue(&works[0]->pending);
    pending_send_continue(&works[0]->pending);
    site_turn(&site);
    expect_status(&client, 100);
    expect_nothing(&client);
    client_send(&client, "hello");
    assert_taken(0, "hello", true);
    resume(0);
    expect_status(&client, 200);
    client_close(&client);
}

static void a_client_that_goes_on_unasked_is_not_asked(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhel");
    assert_false(works[0]->req->expects_continue);
    pending_send_continue(&works[0]->pending);
    client_send(&client, "lo");
    assert_taken(0, "hello", true);
    resume(0);
    expect_status(&client, 200);
    client_close(&client);
}

static void an_early_answer_ends_the_connection(void **state)
{
    struct client client;
    struct reply reply;

    (void)state;
    answer_of.status = 413;
    client_open(&site, &client, POST "Content-Length: 500\r\n\r\nhello");
    resume(0);
    client_reply(&client, false, &reply);
    assert_int_equal(reply.status, 413);
    assert_field(&reply, "Connection", "close");
    assert_true(works[0]->is_ended);
    assert_false(client.peer->is_closed); /* what the client still sends is no reason for a reset */
    client_send(&client, "more");
    client_end(&client);
    expect_closed(&client, false);
    client_close(&client);
}

static void an_early_answer_is_harmless_when_all_has_come(void **state)
{
    struct client client;
    struct reply reply;

    (void)state;
    take_limit = 2;
    client_open(&site, &client, POST "Content-Length: 5\r\n\r\nhello" QUICK);
    resume(0);
    client_reply(&client, false, &reply);
    assert_no_field(&reply, "Connection");
    expect_status(&client, 200);
    client_close(&client);
}

static void a_refusal_at_once_is_harmless_when_all_has_come(void **state)
{
    struct client client;
    struct reply reply;

    (void)state;
    refuses = true;
    client_open(&site, &client,
                POST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" POST
                     "Content-Length: 5\r\n\r\nhell");
    client_reply(&client, false, &reply);
    assert_int_equal(reply.status, 403);
    assert_no_field(&reply, "Connection");
    client_reply(&client, false, &reply);
    assert_field(&reply, "Connection", "close");
    client_close(&client);
}

static void bad_content_is_refused(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, POST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    assert_taken(0, "abc", false);
    client_send(&client, "x\r\n");
    expect_status(&client, 400);
    assert_true(works[0]->is_ended);
    assert_non_null(strstr(site_log(&site), "bad-body"));
    client_close(&client);
}

static void the_handler_says_how_much_is_too_much(void **state)
{
    struct client client;

    (void)state;
    body_max = 3;
    client_open(&site, &client, POST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\n");
    expect_status(&client, 413);
    assert_true(works[0]->is_ended);
    client_close(&client);
}

static void slow_content_is_refused(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, POST "Content-Length: 5\r\n\r\nhel");
    site_wait(&site, site.config.server.body_timeout_ms - 1);
    expect_nothing(&client);
    site_wait(&site, 1);
    expect_status(&client, 408);
    assert_true(works[0]->is_ended);
    client_close(&client);
}

static void no_deadline_runs_behind_the_end_of_the_content(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, POST "Content-Length: 5\r\n\r\nhello");
    site_wait(&site, 10 * 60 * 1000);
    resume(0);
    expect_status(&client, 200);
    client_close(&client);
}

static void half_a_request_ends_the_work(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, POST "Content-Length: 5\r\n\r\nhel");
    client_end(&client);
    expect_nothing(&client);
    assert_true(works[0]->is_ended);
    assert_non_null(strstr(site_log(&site), "\"POST /slow HTTP/1.1\" 499 0"));
    client_close(&client);
}

static void a_handler_may_answer_and_read_on(void **state)
{
    struct client client;
    struct slice rest;

    (void)state;
    answer_of.kind = CONTENT_PIECES;
    answer_of.length = LENGTH_UNKNOWN;
    answer_of.reads_on = true;
    client_open(&site, &client, POST "Content-Length: 10\r\n\r\nhello");
    resume(0);
    rest = client_rest(&client);
    assert_non_null(memmem(rest.data, rest.len, "Connection: close", 17));
    client_send(&client, "world");
    assert_taken(0, "helloworld", true);
    client_close(&client);
}

/* As a check of a password does: what it waits for, and then leaves it to another. */
static struct pending check;
static bool check_has_ended;

static void pass_on(struct pending *pending, const struct request *req, struct response *resp)
{
    (void)pending;
    start(NULL, req, resp);
}

static void end_check(struct pending *pending)
{
    (void)pending;
    check_has_ended = true;
}

static const struct pending_ops check_ops = {.answer = pass_on, .end = end_check};

static void start_check(struct handler *self, const struct request *req, struct response *resp)
{
    (void)self;
    (void)req;
    check = (struct pending){.ops = &check_ops};
    resp->pending = &check;
}

static void content_waits_for_the_one_that_takes_it(void **state)
{
    struct client client;

    (void)state;
    ops.start = start_check;
    check_has_ended = false;
    client_open(&site, &client, POST "Content-Length: 10\r\n\r\nhello");
    ops.start = start;
    client_send(&client, "wo");
    site_wait(&site, site.config.server.body_timeout_ms * 3);
    assert_int_equal(work_count, 0);
    pending_resume(&check);
    site_turn(&site);
    assert_true(check_has_ended);
    assert_taken(0, "hellowo", false);
    client_send(&client, "rld");
    assert_taken(0, "helloworld", true);
    resume(0);
    expect_status(&client, 200);
    client_close(&client);
}

static void others_get_requests_whole_as_ever(void **state)
{
    struct client client;

    (void)state;
    ops.takes_body = false;
    client_open(&site, &client, POST "Content-Length: 5\r\n\r\nhel");
    assert_int_equal(work_count, 0);
    client_send(&client, "lo");
    assert_int_equal(work_count, 1);
    assert_taken(0, "", false);
    resume(0);
    expect_status(&client, 200);
    client_close(&client);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_handler_begins_with_the_head),
        TEST(content_that_comes_with_the_head_is_handed_over),
        TEST(chunks_are_taken_apart_wherever_they_are_cut),
        TEST(much_content_passes_through_a_small_buffer),
        TEST(what_is_not_taken_is_not_read),
        TEST(the_end_is_told_when_all_before_it_was_taken),
        TEST(the_client_is_asked_to_go_on_when_the_handler_says_so),
        TEST(a_client_that_goes_on_unasked_is_not_asked),
        TEST(an_early_answer_ends_the_connection),
        TEST(an_early_answer_is_harmless_when_all_has_come),
        TEST(a_refusal_at_once_is_harmless_when_all_has_come),
        TEST(bad_content_is_refused),
        TEST(the_handler_says_how_much_is_too_much),
        TEST(slow_content_is_refused),
        TEST(no_deadline_runs_behind_the_end_of_the_content),
        TEST(half_a_request_ends_the_work),
        TEST(a_handler_may_answer_and_read_on),
        TEST(content_waits_for_the_one_that_takes_it),
        TEST(others_get_requests_whole_as_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
