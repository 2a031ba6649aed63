/* SPDX-License-Identifier: MIT */
/*
 * memory_transport.h - a peer made of scripts, for connections opened with descriptor -1.
 *
 * The test says what reads give and how much writes take; the transport records what it was told.
 * A transport finds its script at its first use: the oldest one that none has taken yet. Without
 * a script a read gives -EAGAIN and everything written is taken and forgotten.
 *
 *     memory_init(&peer);
 *     memory_send(&peer, SLICE_LITERAL("hello"));
 *     conn = connpool_open(pool, factory, -1, &nobody);    reads at once
 *     memory_deliver(conn, &peer);                         events until all is read
 *     assert_memory_equal(memory_received(&peer).data, …);
 *     memory_done(&peer);
 */
#ifndef SUPPORT_MEMORY_TRANSPORT_H
#define SUPPORT_MEMORY_TRANSPORT_H

#include "base/list.h"
#include "base/slice.h"
#include "net/connection.h"
#include "net/transport.h"

#define MEMORY_STEPS_MAX 512
#define MEMORY_RECORD_SIZE ((size_t)256 << 20)
#define MEMORY_UNLIMITED SIZE_MAX

struct memory_step {
    struct slice bytes; /* borrowed */
    int result;         /* when there are no bytes: 0 is the end, else -errno */
};

struct memory_transport {
    struct list_node node; /* private: in the list of scripts */
    struct transport *user;

    struct memory_step steps[MEMORY_STEPS_MAX];
    size_t step, step_count;
    size_t read_piece;  /* one read gives at most this */
    size_t write_piece; /* one write takes at most this */
    size_t write_room;  /* the peer takes this many bytes, then -EAGAIN */
    int write_error;    /* -errno: what writes give once the room is used up */

    uint64_t unacknowledged; /* of what was written */

    char *record; /* what was written */
    size_t record_len;
    unsigned reads, writes, sendfiles; /* calls */
    unsigned empty_reads;              /* reads that only found -EAGAIN */
    bool more_follows;                 /* of the last writev */
    bool is_write_shut, is_closed, is_reset;
};

extern const struct transport_ops transport_memory;

void memory_init(struct memory_transport *peer);
void memory_done(struct memory_transport *peer);

/* What the peer sends, one after the other: bytes that stay the caller's, its end, an error. */
void memory_send(struct memory_transport *peer, struct slice bytes);
void memory_send_end(struct memory_transport *peer);
void memory_send_error(struct memory_transport *peer, int err);

/* Something is there to be read. */
bool memory_is_readable(const struct memory_transport *peer);
struct slice memory_received(const struct memory_transport *peer);

/* What epoll would tell. */
void memory_event(struct connection *conn, uint32_t events);
/* EPOLLIN as long as the script has something and the connection goes on reading. */
void memory_deliver(struct connection *conn, struct memory_transport *peer);
/* The peer takes @len bytes more: EPOLLOUT. */
void memory_take(struct connection *conn, struct memory_transport *peer, size_t len);

#endif
