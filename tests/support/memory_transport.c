/* SPDX-License-Identifier: MIT */
/* memory_transport.c - the transport_ops that read a script and write a record. */
#include "support/memory_transport.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of all tests of this program, in the order they were made. */
static struct list_node scripts = {&scripts, &scripts};

static struct memory_transport *script_of(struct transport *transport)
{
    struct list_node *node;

    for (node = scripts.next; node != &scripts; node = node->next) {
        struct memory_transport *peer = container_of(node, struct memory_transport, node);

        if (peer->user == transport)
            return peer;
    }
    for (node = scripts.next; node != &scripts; node = node->next) {
        struct memory_transport *peer = container_of(node, struct memory_transport, node);

        if (!peer->user && !peer->is_closed) {
            peer->user = transport;
            return peer;
        }
    }
    return NULL;
}

static ssize_t memory_read(struct transport *transport, void *buf, size_t len)
{
    struct memory_transport *peer = script_of(transport);
    struct memory_step *step;
    size_t n;

    if (!peer)
        return -EAGAIN;
    assert(!peer->is_closed && len > 0);
    peer->reads++;
    if (peer->step == peer->step_count) {
        peer->empty_reads++;
        return -EAGAIN;
    }
    step = &peer->steps[peer->step];
    if (step->bytes.len == 0) {
        peer->step += step->result != 0; /* the end stays */
        return step->result;
    }
    n = MIN(MIN(step->bytes.len, len), peer->read_piece);
    memcpy(buf, step->bytes.data, n);
    step->bytes = slice_from(step->bytes, n);
    peer->step += step->bytes.len == 0;
    return (ssize_t)n;
}

/* How much of @len may be written now, or -errno. */
static ssize_t grant(const struct memory_transport *peer, size_t len)
{
    size_t n = MIN(MIN(len, peer->write_room), peer->write_piece);

    assert(!peer->is_closed && !peer->is_write_shut);
    if (n > 0)
        return (ssize_t)n;
    return peer->write_error ? peer->write_error : -EAGAIN;
}

static void count_written(struct memory_transport *peer, size_t n)
{
    peer->record_len += n;
    if (peer->write_room != MEMORY_UNLIMITED)
        peer->write_room -= n;
}

static size_t total_of(const struct iovec *iov, int count)
{
    size_t sum = 0;

    for (int i = 0; i < count; i++)
        sum += iov[i].iov_len;
    return sum;
}

static ssize_t memory_writev(struct transport *transport, const struct iovec *iov, int count,
                             bool more_follows)
{
    struct memory_transport *peer = script_of(transport);
    ssize_t granted;
    size_t left;

    if (!peer)
        return (ssize_t)total_of(iov, count);
    peer->writes++;
    peer->more_follows = more_follows;
    granted = grant(peer, total_of(iov, count));
    if (granted < 0)
        return granted;
    left = (size_t)granted;
    assert(peer->record_len + left <= MEMORY_RECORD_SIZE);
    for (int i = 0; left > 0; i++) {
        size_t n = MIN(left, iov[i].iov_len);

        memcpy(peer->record + peer->record_len, iov[i].iov_base, n);
        count_written(peer, n);
        left -= n;
    }
    return granted;
}

static ssize_t memory_sendfile(struct transport *transport, int file_fd, off_t *offset, size_t len)
{
    struct memory_transport *peer = script_of(transport);
    ssize_t n = (ssize_t)len;

    assert(peer && len > 0);
    peer->sendfiles++;
    n = grant(peer, len);
    if (n < 0)
        return n;
    assert(peer->record_len + (size_t)n <= MEMORY_RECORD_SIZE);
    n = pread(file_fd, peer->record + peer->record_len, (size_t)n, *offset);
    if (n == -1)
        return -errno;
    *offset += n;
    count_written(peer, (size_t)n);
    return n;
}

static uint64_t memory_unacknowledged(struct transport *transport)
{
    const struct memory_transport *peer = script_of(transport);

    return peer ? peer->unacknowledged : 0;
}

static void memory_shutdown_write(struct transport *transport)
{
    struct memory_transport *peer = script_of(transport);

    if (!peer)
        return;
    assert(!peer->is_write_shut);
    peer->is_write_shut = true;
}

static void memory_close(struct transport *transport, bool reset)
{
    struct memory_transport *peer = script_of(transport);

    if (!peer)
        return;
    assert(!peer->is_closed); /* a descriptor closed twice could be a stranger's */
    peer->is_closed = true;
    peer->is_reset = reset;
    peer->user = NULL; /* its slot will have another peer */
}

const struct transport_ops transport_memory = {
    .read = memory_read,
    .writev = memory_writev,
    .sendfile = memory_sendfile,
    .unacknowledged = memory_unacknowledged,
    .shutdown_write = memory_shutdown_write,
    .close = memory_close,
};

void memory_init(struct memory_transport *peer)
{
    /* Not from malloc, which a test may let fail; pages cost nothing until they are written. */
    void *record = mmap(NULL, MEMORY_RECORD_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    assert(record != MAP_FAILED);
    *peer = (struct memory_transport){
        .read_piece = MEMORY_UNLIMITED,
        .write_piece = MEMORY_UNLIMITED,
        .write_room = MEMORY_UNLIMITED,
        .record = record,
    };
    list_append(&scripts, &peer->node);
}

void memory_done(struct memory_transport *peer)
{
    list_remove(&peer->node);
    (void)munmap(peer->record, MEMORY_RECORD_SIZE);
}

static void add_step(struct memory_transport *peer, struct slice bytes, int result)
{
    assert(peer->step_count < MEMORY_STEPS_MAX);
    peer->steps[peer->step_count++] = (struct memory_step){.bytes = bytes, .result = result};
}

void memory_send(struct memory_transport *peer, struct slice bytes)
{
    if (bytes.len > 0)
        add_step(peer, bytes, 0);
}

void memory_send_end(struct memory_transport *peer)
{
    add_step(peer, slice_of(NULL, 0), 0);
}

void memory_send_error(struct memory_transport *peer, int err)
{
    assert(err < 0);
    add_step(peer, slice_of(NULL, 0), err);
}

bool memory_is_readable(const struct memory_transport *peer)
{
    return peer->step < peer->step_count;
}

struct slice memory_received(const struct memory_transport *peer)
{
    return slice_of(peer->record, peer->record_len);
}

void memory_event(struct connection *conn, uint32_t events)
{
    conn->transport.watcher.on_events(&conn->transport.watcher, events);
}

void memory_deliver(struct connection *conn, struct memory_transport *peer)
{
    unsigned reads = peer->reads - 1;

    while (memory_is_readable(peer) && !peer->is_closed && peer->reads != reads) {
        reads = peer->reads;
        memory_event(conn, EPOLLIN);
    }
}

void memory_take(struct connection *conn, struct memory_transport *peer, size_t len)
{
    peer->write_room = len;
    memory_event(conn, EPOLLOUT);
}
