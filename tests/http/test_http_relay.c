/* SPDX-License-Identifier: MIT */
/* test_http_relay.c - answers of other servers, whose content comes piece by piece, and tunnels. */
#include "support/unit.h"

#include "http/site.h"

#include <sys/epoll.h>

#define GET "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
#define QUICK "GET /quick HTTP/1.1\r\nHost: a\r\n\r\n"
#define RELAYED "HTTP/1.1 200 Fine\r\nDate: then\r\nServer: other\r\n"
#define SWITCHED "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
#define WORKS_MAX 8

struct work {
    struct pending pending;
    struct slice next; /* of the content; NULL data: none now */
    bool is_last, fails;
    size_t answers;
    char got[256]; /* from the client, through a tunnel */
    size_t got_len, take_limit;
    bool client_ended, is_ended;
};

static struct site site;
static struct work works[WORKS_MAX];
static size_t work_count;
static struct handler handler;
static struct response answer_of; /* status, kind, length, relayed */

static struct work *work_of(struct pending *pending)
{
    return container_of(pending, struct work, pending);
}

static void work_answer(struct pending *pending, const struct request *req, struct response *resp)
{
    struct work *work = work_of(pending);

    (void)req;
    if (work->answers++ > 0) { /* it has failed */
        resp->status = 502;
        resp->kind = CONTENT_TEXT;
        resp->text = SLICE_LITERAL("sorry");
        resp->text_type = SLICE_LITERAL("text/plain");
        return;
    }
    resp->may_fail = answer_of.may_fail;
    resp->status = answer_of.status;
    resp->kind = answer_of.kind;
    resp->length = answer_of.length;
    resp->relayed = answer_of.relayed;
    resp->is_relayed = answer_of.relayed.len > 0;
    resp->text_type = SLICE_LITERAL("text/plain");
    resp->reason = "relayed";
}

static size_t work_body(struct pending *pending, struct slice part, bool is_last)
{
    struct work *work = work_of(pending);
    size_t len = MIN(part.len, work->take_limit - work->got_len);

    if (len > 0)
        memcpy(work->got + work->got_len, part.data, len);
    work->got_len += len;
    work->client_ended = is_last && len == part.len;
    return len;
}

static enum piece work_content(struct pending *pending, size_t room, struct slice *ret_piece)
{
    struct work *work = work_of(pending);

    if (work->fails)
        return PIECE_FAILED;
    *ret_piece = slice_of(work->next.data, MIN(work->next.len, room));
    work->next = slice_from(work->next, ret_piece->len);
    if (work->next.len == 0 && work->is_last)
        return PIECE_LAST;
    return ret_piece->len > 0 ? PIECE_GIVEN : PIECE_LATER;
}

static void work_end(struct pending *pending)
{
    assert_false(work_of(pending)->is_ended);
    work_of(pending)->is_ended = true;
}

static const struct pending_ops work_ops = {
    .answer = work_answer, .body = work_body, .content = work_content, .end = work_end};

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
    works[work_count] = (struct work){.pending.ops = &work_ops,
                                      .pending.body_max = BODY_MAX_NONE,
                                      .take_limit = sizeof(works[0].got)};
    resp->pending = &works[work_count++].pending;
}

static void destroy(struct handler *self)
{
    (void)self;
}

static const struct handler_ops ops = {
    .name = "relay", .start = start, .destroy = destroy, .takes_body = true};

static struct handler *make(struct http_context *http, enum answer_kind answer)
{
    (void)http;
    (void)answer;
    handler.ops = &ops;
    return &handler;
}

static int set_up(void **state)
{
    (void)state;
    work_count = 0;
    answer_of = (struct response){.status = 200,
                                  .kind = CONTENT_PIECES,
                                  .length = LENGTH_UNKNOWN,
                                  .relayed = SLICE_LITERAL(RELAYED)};
    site_init(&site);
    site.make_handler = make;
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    site_done(&site);
    for (size_t i = 0; i < work_count; i++)
        assert_true(works[i].is_ended);
    return 0;
}

static void give(size_t number, const char *text, bool is_last)
{
    works[number].next = slice_from_string(text);
    works[number].is_last = is_last;
    pending_resume(&works[number].pending);
}

static void give_now(size_t number, const char *text, bool is_last)
{
    give(number, text, is_last);
    site_turn(&site);
}

static void resume(size_t number)
{
    give_now(number, "", false);
}

/* All that was received and has not been looked at. */
static void assert_received(struct client *client, const char *text)
{
    struct slice rest = client_rest(client);

    if (!slice_equal(rest, slice_from_string(text)))
        fail_msg("'%.*s'\ninstead of\n'%s'", SLICE_PRINTF(rest), text);
    client->seen += rest.len;
}

static void another_servers_words_are_passed_on(void **state)
{
    struct client client;

    (void)state;
    answer_of.relayed = SLICE_LITERAL(RELAYED "Content-Length: 5\r\n");
    answer_of.length = 5;
    client_open(&site, &client, GET);
    resume(0);
    assert_received(&client, RELAYED "Content-Length: 5\r\n\r\n");
    give_now(0, "he", false);
    assert_received(&client, "he");
    give_now(0, "llo", false);
    assert_received(&client, "llo");
    assert_true(works[0].is_ended);
    assert_non_null(strstr(site_log(&site), "\"GET /slow HTTP/1.1\" 200 5 "));
    client_close(&client);
}

static void an_unknown_length_is_told_by_chunks(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, GET);
    resume(0);
    assert_received(&client, RELAYED "Transfer-Encoding: chunked\r\n\r\n");
    give_now(0, "he", false);
    assert_received(&client, "2\r\nhe\r\n");
    give_now(0, "an even longer piece", true);
    assert_received(&client, "14\r\nan even longer piece\r\n0\r\n\r\n");
    assert_true(works[0].is_ended);
    assert_non_null(strstr(site_log(&site), "\"GET /slow HTTP/1.1\" 200 22 "));
    client_send(&client, QUICK);
    expect_status(&client, 200);
    client_close(&client);
}

static void an_unknown_length_of_ours_is_told_by_chunks(void **state)
{
    struct client client;
    struct slice rest;

    (void)state;
    answer_of.relayed.len = 0;
    client_open(&site, &client, GET);
    give_now(0, "x", true);
    rest = client_rest(&client);
    assert_non_null(
        memmem(rest.data, rest.len, "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0", 37));
    assert_null(memmem(rest.data, rest.len, "Content-Length", 14));
    client_close(&client);
}

static void an_old_client_gets_an_unknown_length_until_the_end(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, "GET /slow HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    give_now(0, "hello", true);
    assert_received(&client, RELAYED "Connection: close\r\n\r\nhello");
    client_end(&client);
    expect_closed(&client, false);
    client_close(&client);
}

static void what_is_at_hand_leaves_at_once(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, GET);
    pending_resume(&works[0].pending);
    give(0, "he", false);
    give(0, "llo", false);
    give(0, "", true);
    assert_true(works[0].is_ended); /* though nothing has left */
    assert_int_equal(client.peer->writes, 0);
    site_turn(&site);
    assert_received(&client,
                    RELAYED "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
    assert_int_equal(client.peer->writes, 1);
    client_close(&client);
}

static void answers_to_pipelined_requests_leave_together(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, GET GET QUICK);
    give(0, "a", true);
    assert_int_equal(work_count, 2);
    give(1, "b", true);
    site_turn(&site);
    assert_int_equal(client.peer->writes, 1);
    assert_non_null(memmem(client_rest(&client).data, client_rest(&client).len, "quick", 5));
    client_close(&client);
}

static void a_failure_is_no_end(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, GET);
    give_now(0, "he", false);
    works[0].fails = true;
    pending_resume(&works[0].pending);
    site_turn(&site);
    assert_received(&client, RELAYED "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n");
    assert_true(client.peer->is_write_shut && !client.peer->is_reset);
    client_close(&client);
}

static void a_failure_is_no_end_either_where_content_ends_with_the_connection(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, "GET /slow HTTP/1.0\r\n\r\n");
    give_now(0, "he", false);
    works[0].fails = true;
    pending_resume(&works[0].pending);
    site_turn(&site);
    expect_closed(&client, true);
    client_close(&client);
}

static void a_length_that_is_not_kept_is_no_end(void **state)
{
    struct client client;

    (void)state;
    answer_of.length = 5;
    client_open(&site, &client, GET);
    resume(0);
    give_now(0, "he", true);
    assert_true(client.peer->is_write_shut && !client.peer->is_reset);
    client_close(&client);
}

/* The head and a first piece, and then a failure, before any of it has left. */
static void give_and_fail(size_t number, const char *text)
{
    give(number, text, false);
    works[number].fails = true;
    pending_resume(&works[number].pending);
    site_turn(&site);
}

static void a_failure_before_the_head_has_left_is_an_answer(void **state)
{
    struct client client;
    struct reply reply;

    (void)state;
    answer_of.may_fail = true;
    client_open(&site, &client, GET);
    give_and_fail(0, "he");
    client_reply(&client, false, &reply);
    assert_int_equal(reply.status, 502);
    assert_content(&reply, "sorry");
    assert_true(works[0].is_ended);
    assert_int_equal(counter_get(&site.counters.requests), 1);
    assert_int_equal(counter_get(&site.counters.responses[2]), 0);
    assert_int_equal(counter_get(&site.counters.responses[5]), 1);
    assert_non_null(strstr(site_log(&site), "\"GET /slow HTTP/1.1\" 502 5 "));
    client_send(&client, QUICK);
    expect_status(&client, 200);
    client_close(&client);
}

static void answers_before_a_failure_are_not_taken_back(void **state)
{
    struct client client;
    struct reply reply;

    (void)state;
    answer_of.may_fail = true;
    client_init(&site, &client);
    client.peer->write_room = 0;
    memory_send(client.peer, SLICE_LITERAL(QUICK GET));
    client_start(&client);
    pending_send_interim(&works[0].pending, 103, SLICE_LITERAL("Link: </a>\r\n"));
    give_and_fail(0, "he");
    memory_take(client_conn(&client), client.peer, MEMORY_UNLIMITED);
    site_turn(&site);
    client_reply(&client, false, &reply);
    assert_content(&reply, "quick");
    assert_true(slice_starts_with(client_rest(&client), SLICE_LITERAL("HTTP/1.1 103 Early Hints\r\n"
                                                                      "Link: </a>\r\n\r\n"
                                                                      "HTTP/1.1 502 ")));
    client_close(&client);
}

static void a_failure_after_a_byte_has_left_is_a_cut(void **state)
{
    struct client client;

    (void)state;
    answer_of.may_fail = true;
    client_init(&site, &client);
    client.peer->write_room = 1;
    memory_send(client.peer, SLICE_LITERAL(GET));
    client_start(&client);
    give_now(0, "he", false);
    give_and_fail(0, "");
    memory_take(client_conn(&client), client.peer, MEMORY_UNLIMITED);
    site_turn(&site);
    assert_received(&client, RELAYED "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n");
    assert_int_equal(works[0].answers, 1);
    assert_true(client.peer->is_write_shut);
    client_close(&client);
}

static void head_gets_the_head_alone(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, "HEAD /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    resume(0);
    assert_received(&client, RELAYED "Transfer-Encoding: chunked\r\n\r\n");
    assert_true(works[0].is_ended);
    client_close(&client);
}

static void slow_clients_hold_little(void **state)
{
    static char content[1000 * 1000];
    struct client client;

    (void)state;
    memset(content, 'x', sizeof(content) - 1);
    client_init(&site, &client);
    client.peer->write_room = 0;
    memory_send(client.peer, SLICE_LITERAL(GET));
    client_start(&client);
    give_now(0, content, true);
    assert_in_range(conn_unsent_bytes(client_conn(&client)), 64 * 1024, 150 * 1024);
    assert_false(works[0].is_ended);
    client.peer->write_room = MEMORY_UNLIMITED;
    memory_event(client_conn(&client), EPOLLOUT);
    site_turn(&site);
    assert_true(works[0].is_ended);
    assert_non_null(strstr(site_log(&site), " 200 999999 "));
    client_close(&client);
}

static void interim_answers_come_before_the_answer(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, GET);
    pending_send_interim(&works[0].pending, 103, SLICE_LITERAL("Link: </a>\r\n"));
    pending_send_interim(&works[0].pending, 199, SLICE_LITERAL(""));
    site_turn(&site);
    assert_received(&client, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                             "HTTP/1.1 199 Unknown\r\n\r\n");
    resume(0);
    pending_send_interim(&works[0].pending, 103, SLICE_LITERAL(""));
    give_now(0, "", true);
    assert_received(&client, RELAYED "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    client_close(&client);
}

static void old_clients_get_no_interim_answers(void **state)
{
    struct client client;

    (void)state;
    client_open(&site, &client, "GET /slow HTTP/1.0\r\n\r\n");
    pending_send_interim(&works[0].pending, 103, SLICE_LITERAL("Link: </a>\r\n"));
    site_turn(&site);
    expect_nothing(&client);
    client_close(&client);
}

static void the_sites_lines_are_added(void **state)
{
    static char name[] = "X-Frame-Options", value[] = "DENY";
    static struct header_config header = {.name = name, .value = value};
    struct client client;

    (void)state;
    site_done(&site);
    site_init(&site);
    site.make_handler = make;
    site.config.site.headers = &header;
    site.config.site.header_count = 1;
    site_start(&site);
    client_open(&site, &client, GET);
    give_now(0, "", true);
    assert_received(&client, RELAYED "Transfer-Encoding: chunked\r\nX-Frame-Options: DENY\r\n"
                                     "\r\n0\r\n\r\n");
    client_close(&client);
    site.config.site.header_count = 0;
}

static void open_tunnel(struct client *client, const char *text)
{
    answer_of.status = 101;
    answer_of.kind = CONTENT_TUNNEL;
    answer_of.relayed = SLICE_LITERAL(SWITCHED);
    client_open(&site, client, text);
    resume(0);
    assert_received(client, SWITCHED "\r\n");
}

static void assert_got(const char *text, bool client_ended)
{
    if (!slice_equal(slice_of(works[0].got, works[0].got_len), slice_from_string(text)))
        fail_msg("got '%.*s' instead of '%s'", (int)works[0].got_len, works[0].got, text);
    assert_int_equal(works[0].client_ended, client_ended);
}

static void a_tunnel_passes_bytes_both_ways(void **state)
{
    struct client client;

    (void)state;
    open_tunnel(&client, GET "early");
    assert_got("early", false);
    client_send(&client, " GET / HTTP/1.1\r\n\r\n");
    assert_got("early GET / HTTP/1.1\r\n\r\n", false);
    give_now(0, "pong", false);
    assert_received(&client, "pong");
    site_wait(&site, 3600 * 1000); /* how long it may be quiet is up to the handler */
    give_now(0, "bye", true);
    assert_received(&client, "bye");
    assert_true(client.peer->is_write_shut);
    client_send(&client, "!");
    assert_got("early GET / HTTP/1.1\r\n\r\n!", false);
    assert_false(works[0].is_ended);
    client_end(&client);
    assert_got("early GET / HTTP/1.1\r\n\r\n!", true);
    expect_closed(&client, false);
    assert_non_null(strstr(site_log(&site), "\"GET /slow HTTP/1.1\" 101 7 "));
    client_close(&client);
}

static void a_client_may_end_its_side_of_a_tunnel_first(void **state)
{
    struct client client;

    (void)state;
    open_tunnel(&client, GET);
    client_send(&client, "ping");
    client_end(&client);
    assert_got("ping", true);
    assert_false(works[0].is_ended);
    give_now(0, "pong", false);
    assert_received(&client, "pong");
    give_now(0, "", true);
    assert_true(works[0].is_ended);
    expect_closed(&client, false);
    client_close(&client);
}

static void a_tunnel_waits_for_the_slower_side(void **state)
{
    struct client client;

    (void)state;
    open_tunnel(&client, GET);
    works[0].take_limit = 2;
    client_send(&client, "ping");
    client_send(&client, "ping");
    client_end(&client);
    assert_got("pi", false);
    works[0].take_limit = 100;
    pending_resume_body(&works[0].pending);
    site_turn(&site);
    assert_got("pingping", true);
    give_now(0, "", true);
    expect_closed(&client, false);
    client_close(&client);
}

static void a_client_that_takes_nothing_is_still_heard(void **state)
{
    struct client client;

    (void)state;
    open_tunnel(&client, GET);
    client.peer->write_room = 0;
    give_now(0, "pong", false);
    client_send(&client, "stop");
    assert_got("stop", false);
    client_close(&client);
}

/* What was sent before that may still be read, where it is wanted. */
static void a_client_that_resets_a_tunnel_which_is_held_back_ends_it(void **state)
{
    struct client client;

    (void)state;
    open_tunnel(&client, GET);
    works[0].take_limit = 2;
    client_send(&client, "ping");
    assert_got("pi", false);
    memory_event(client_conn(&client), EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP);
    site_turn(&site);
    expect_closed(&client, false);
    assert_true(works[0].is_ended);
    client_close(&client);
}

static void a_client_that_was_reset_is_not_waited_for_once_it_is_held_back(void **state)
{
    struct client client;

    (void)state;
    open_tunnel(&client, GET);
    works[0].take_limit = 6;
    memory_send(client.peer, SLICE_LITERAL("ping"));
    memory_send(client.peer, SLICE_LITERAL("ping"));
    memory_event(client_conn(&client), EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP);
    site_turn(&site);
    assert_got("pingpi", false);
    expect_closed(&client, false);
    client_close(&client);
}

static void two_ends_are_no_reset_of_a_tunnel(void **state)
{
    struct client client;

    (void)state;
    open_tunnel(&client, GET);
    works[0].take_limit = 2;
    give_now(0, "", true);
    memory_send(client.peer, SLICE_LITERAL("ping"));
    memory_send_end(client.peer);
    memory_event(client_conn(&client), EPOLLIN | EPOLLHUP | EPOLLRDHUP);
    site_turn(&site);
    assert_got("pi", false);
    works[0].take_limit = 100;
    pending_resume_body(&works[0].pending);
    site_turn(&site);
    assert_got("ping", true);
    client_close(&client);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(another_servers_words_are_passed_on),
        TEST(an_unknown_length_is_told_by_chunks),
        TEST(an_unknown_length_of_ours_is_told_by_chunks),
        TEST(an_old_client_gets_an_unknown_length_until_the_end),
        TEST(what_is_at_hand_leaves_at_once),
        TEST(answers_to_pipelined_requests_leave_together),
        TEST(a_failure_is_no_end),
        TEST(a_failure_is_no_end_either_where_content_ends_with_the_connection),
        TEST(a_length_that_is_not_kept_is_no_end),
        TEST(a_failure_before_the_head_has_left_is_an_answer),
        TEST(answers_before_a_failure_are_not_taken_back),
        TEST(a_failure_after_a_byte_has_left_is_a_cut),
        TEST(head_gets_the_head_alone),
        TEST(slow_clients_hold_little),
        TEST(interim_answers_come_before_the_answer),
        TEST(old_clients_get_no_interim_answers),
        TEST(the_sites_lines_are_added),
        TEST(a_tunnel_passes_bytes_both_ways),
        TEST(a_client_may_end_its_side_of_a_tunnel_first),
        TEST(a_tunnel_waits_for_the_slower_side),
        TEST(a_client_that_takes_nothing_is_still_heard),
        TEST(a_client_that_resets_a_tunnel_which_is_held_back_ends_it),
        TEST(a_client_that_was_reset_is_not_waited_for_once_it_is_held_back),
        TEST(two_ends_are_no_reset_of_a_tunnel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
