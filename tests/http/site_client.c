/* SPDX-License-Identifier: MIT */
/* site_client.c - what a client sends, and what it makes of the bytes that come back. */
#include "support/unit.h"

#include "base/number.h"
#include "http/site.h"

#include <sys/epoll.h>
#include <time.h>

#define PATIENCE_MS 20000 /* only a failing test waits so long */

void client_init(struct site *site, struct client *client)
{
    client->site = site;
    client->seen = 0;
    client->peer = site_peer(site);
}

bool client_try(struct client *client)
{
    struct site *site = client->site;
    struct address peer = {
        .v4 = {.sin_family = AF_INET,
               .sin_addr = {htonl(client->site->is_far ? 0xc0000201 : 0x7f000001)}}};
    struct connection *conn = connpool_open(site->pool, http_context_factory(site->http), -1,
                                            &peer);

    if (conn) {
        client->ref = connpool_ref(site->pool, conn);
        if (client_conn(client))
            memory_deliver(conn, client->peer);
    } else {
        client->ref = (struct conn_ref){.index = UINT32_MAX};
    }
    site_turn(site);
    return conn != NULL;
}

void client_start(struct client *client)
{
    assert_true(client_try(client));
}

void client_open(struct site *site, struct client *client, const char *text)
{
    client_init(site, client);
    memory_send(client->peer, slice_from_string(text));
    client_start(client);
}

static void deliver(struct client *client)
{
    struct connection *conn = client_conn(client);

    if (conn)
        memory_deliver(conn, client->peer);
    site_turn(client->site);
}

void client_send_bytes(struct client *client, struct slice bytes)
{
    memory_send(client->peer, bytes);
    deliver(client);
}

void client_send(struct client *client, const char *text)
{
    client_send_bytes(client, slice_from_string(text));
}

void client_end(struct client *client)
{
    struct connection *conn = client_conn(client);

    memory_send_end(client->peer);
    if (conn)
        memory_event(conn, EPOLLIN | EPOLLRDHUP);
    site_turn(client->site);
}

struct connection *client_conn(const struct client *client)
{
    return connpool_get(client->site->pool, client->ref);
}

struct slice client_rest(const struct client *client)
{
    return slice_from(memory_received(client->peer), client->seen);
}

void client_close(struct client *client)
{
    struct connection *conn = client_conn(client);

    if (conn)
        conn_close(conn, CLOSE_PEER);
    site_turn(client->site);
    site_forget_peer(client->site, client->peer);
}

/* The length of the head at the start of @text, with its empty line; 0: it has no end. */
static size_t head_length(struct slice text)
{
    const char *end = memmem(text.data, text.len, "\r\n\r\n", 4);

    return end ? (size_t)(end - text.data) + 4 : 0;
}

void client_wait(const struct client *client)
{
    const struct timespec pause = {.tv_nsec = 1000000};

    for (int i = 0; i < PATIENCE_MS && client_rest(client).len == 0; i++) {
        site_turn(client->site);
        (void)nanosleep(&pause, NULL);
    }
}

void client_reply(struct client *client, bool is_head, struct reply *ret_reply)
{
    struct slice rest = client_rest(client);
    struct reply reply = {.head = slice_of(rest.data, head_length(rest))};
    struct slice length;
    uint64_t status = 0;
    uint64_t content = 0;

    if (reply.head.len == 0 || !slice_starts_with(rest, SLICE_LITERAL("HTTP/1.1 ")) ||
        number_parse(slice_of(rest.data + 9, 3), 599, &status) != 0)
        fail_msg("no reply in '%.*s'", SLICE_PRINTF(rest));
    reply.status = (unsigned)status;
    length = reply_field(&reply, "Content-Length");
    if (length.data)
        assert_int_equal(number_parse(length, INT64_MAX, &content), 0);
    /* RFC 9110 section 8.6: neither has a length. */
    assert_true(length.data || status == 304 || status == 204 || status == 100);
    assert_false(length.data && (status == 204 || status == 100));
    if (is_head || status == 304)
        content = 0;
    assert_true(rest.len - reply.head.len >= content);
    reply.content = slice_of(rest.data + reply.head.len, content);
    client->seen += reply.head.len + content;
    *ret_reply = reply;
}

struct slice reply_field(const struct reply *reply, const char *name)
{
    struct slice rest = reply->head;
    struct slice found = {0};
    struct slice line;
    bool is_first = true;

    while (slice_next(&rest, '\n', &line)) {
        ptrdiff_t colon = slice_find(line, ':');

        if (!is_first && line.len > 1) {
            /* Name, colon, one space, a value, CR: so we write them. */
            assert_true(colon > 0 && line.data[colon + 1] == ' ' &&
                        line.data[line.len - 1] == '\r');
            if (slice_equal_nocase(slice_of(line.data, (size_t)colon), slice_from_string(name))) {
                assert_null(found.data);
                found = slice_of(line.data + colon + 2, line.len - (size_t)colon - 3);
            }
        }
        is_first = false;
    }
    return found;
}

void assert_field(const struct reply *reply, const char *name, const char *value)
{
    struct slice got = reply_field(reply, name);

    if (!value && got.data)
        fail_msg("%s: '%.*s', which should not be there", name, SLICE_PRINTF(got));
    if (value && (!got.data || !slice_equal(got, slice_from_string(value))))
        fail_msg("%s: '%.*s' instead of '%s'\n%.*s", name, (int)got.len, got.data ? got.data : "",
                 value, SLICE_PRINTF(reply->head));
}

void assert_content(const struct reply *reply, const char *content)
{
    if (!slice_equal(reply->content, slice_from_string(content)))
        fail_msg("content '%.*s' instead of '%s'", SLICE_PRINTF(reply->content), content);
}

void expect_status(struct client *client, unsigned status)
{
    struct reply reply;

    client_reply(client, false, &reply);
    if (reply.status != status)
        fail_msg("%u instead of %u", reply.status, status);
}

void expect_nothing(const struct client *client)
{
    struct slice rest = client_rest(client);

    if (rest.len > 0)
        fail_msg("received besides: '%.*s'", SLICE_PRINTF(rest));
}

void expect_closed(const struct client *client, bool by_reset)
{
    assert_true(client->peer->is_closed);
    assert_int_equal(client->peer->is_reset, by_reset);
    assert_null(client_conn(client));
}

struct reply ask(struct site *site, const char *text)
{
    struct client client;
    struct reply reply;

    client_open(site, &client, text);
    client_reply(&client, strncmp(text, "HEAD ", 5) == 0, &reply);
    expect_nothing(&client);
    if (client_conn(&client))
        conn_close(client_conn(&client), CLOSE_PEER);
    site_turn(site);
    return reply;
}
