/* SPDX-License-Identifier: MIT */
/* offline_site.c - a worker's parts, put together as process/worker.c does. */

#include "tool/offline_site.h"

#include "base/log.h"
#include "event/thread_pool.h"
#include "handler/health.h"
#include "handler/registry.h"
#include "handler/status.h"
#include "net/connection_pool.h"
#include "os/privileges.h"
#include "upstream/upstreams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long an answer may take: a password's hash or a large folder. */
#define PATIENCE_MS 10000
/* Of the content so much is read, in the hope of the log's line behind it. */
#define CONTENT_MAX (4U << 20)
/* Enough for the head of any answer, and for a line of the access log. */
#define HEAD_MAX (128U << 10)

struct offline_site {
    const struct config *config;
    int *root_fds;
    int log_fd;
    struct worker_counters *counters;
    struct server_stats *stats;
    counter is_draining;
    struct event_loop *loop;
    struct mempool *mempool;
    struct thread_pool *threads; /* for passwords and compression */
    struct upstreams *upstreams; /* which are chosen among, and not asked */
    struct http_context *http;
    struct connection_pool *pool;
};

static int open_roots(struct offline_site *site)
{
    const struct config *config = site->config;
    site->root_fds = calloc(config->root_count, sizeof(*site->root_fds));
    if (!site->root_fds)
        return -ENOMEM;
    for (size_t i = 0; i < config->root_count; i++)
        site->root_fds[i] = -1;
    for (size_t i = 0; i < config->root_count; i++) {
        site->root_fds[i] = open(config->roots[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (site->root_fds[i] == -1)
            return -errno;
    }
    site->log_fd = memfd_create("access.log", MFD_CLOEXEC);
    return site->log_fd == -1 ? -errno : 0;
}

/* Else files would be found that no worker can read. */
static int drop_rights(const struct config *config)
{
    struct identity identity;
    if (!priv_is_root())
        return 0;
    int err = priv_find(config->server.user, config->server.group, &identity);
    return err ? err : priv_drop(&identity);
}

static int build_http(struct offline_site *site, struct file_observer *observer)
{
    const struct http_settings settings = {
        .config = site->config,
        .loop = site->loop,
        .mempool = site->mempool,
        .threads = site->threads,
        .upstreams = site->upstreams,
        .counters = site->counters,
        .root_fds = site->root_fds,
        .access_log_fd = site->log_fd,
        .make_handler = registry_make_handler,
        .make_health = health_create,
        .is_draining = &site->is_draining,
        .make_status = status_create,
        .stats = site->stats,
        .all_counters = site->counters,
        .file_observer = observer,
    };
    return http_context_create(&settings, &site->http);
}

static int build_upstreams(struct offline_site *site)
{
    const struct upstreams_settings settings = {
        .config = site->config,
        .loop = site->loop,
        .mempool = site->mempool,
        .counters = site->counters,
    };
    return upstreams_create(&settings, &site->upstreams);
}

static int build(struct offline_site *site, struct file_observer *observer)
{
    const struct server_config *server = &site->config->server;
    const struct connpool_settings pool = {
        .capacity = 2,
        .input_size = http_input_size(site->config),
        .send_timeout_ms = server->send_timeout_ms,
        .linger_timeout_ms = server->linger_timeout_ms,
    };
    static const struct threadpool_settings threads = {
        .threads = 1, .queue_max = 16, .idle_ms = PATIENCE_MS};
    site->counters = aligned_alloc(alignof(struct worker_counters), sizeof(*site->counters));
    site->stats = calloc(1, sizeof(*site->stats));
    site->mempool = mempool_create();
    if (!site->counters || !site->stats || !site->mempool)
        return -ENOMEM;
    memset(site->counters, 0, sizeof(*site->counters));
    int err = loop_create(&site->loop);
    if (!err)
        err = threadpool_create(site->loop, &threads, &site->threads);
    if (!err)
        err = build_upstreams(site);
    if (!err)
        err = build_http(site, observer);
    return err ? err : connpool_create(site->loop, site->mempool, &pool, &site->pool);
}

int offline_create(const struct config *config, struct file_observer *observer,
                   struct offline_site **ret_site)
{
    struct offline_site *site = calloc(1, sizeof(*site));
    if (!site)
        return -ENOMEM;
    site->config = config;
    site->log_fd = -1;
    int err = open_roots(site);
    if (!err)
        err = drop_rights(config);
    if (!err)
        err = build(site, observer);
    if (err)
        offline_destroy(site);
    else
        *ret_site = site;
    return err;
}

void offline_destroy(struct offline_site *site)
{
    if (!site)
        return;
    connpool_destroy(site->pool);
    if (!threadpool_destroy(site->threads, PATIENCE_MS)) {
        (void)fflush(stdout); /* the answer; a thread that waits still needs all the rest */
        _exit(EXIT_FAILURE);
    }
    upstreams_destroy(site->upstreams);
    http_context_destroy(site->http);
    mempool_destroy(site->mempool);
    loop_destroy(site->loop);
    free(site->counters);
    free(site->stats);
    if (site->log_fd != -1)
        close(site->log_fd);
    for (size_t i = 0; site->root_fds && i < site->config->root_count; i++) {
        if (site->root_fds[i] != -1)
            close(site->root_fds[i]);
    }
    free(site->root_fds);
    free(site);
}

struct http_context *offline_http(struct offline_site *site)
{
    return site->http;
}

struct conversation {
    struct offline_site *site;
    int fd;
    struct slice request; /* what is still to be sent */
    struct writer received;
    size_t head_start, head_len; /* of the last head; 0: it is not complete */
    size_t content;
    bool has_ended;
};

static void send_some(struct conversation *talk)
{
    ssize_t n = talk->request.len > 0
                    ? send(talk->fd, talk->request.data, talk->request.len, MSG_NOSIGNAL)
                    : 0;
    if (n > 0)
        talk->request = slice_from(talk->request, (size_t)n);
}

/* "HTTP/1.1 100 Continue": another head follows. */
static void find_head(struct conversation *talk)
{
    for (;;) {
        struct slice rest = slice_from(writer_content(&talk->received), talk->head_start);
        const char *end = rest.len > 0 ? memmem(rest.data, rest.len, "\r\n\r\n", 4) : NULL;
        if (!end)
            return;
        talk->head_len = (size_t)(end - rest.data) + 4;
        if (rest.len < 10 || rest.data[9] != '1')
            return;
        talk->head_start += talk->head_len;
        talk->head_len = 0;
    }
}

static void receive_some(struct conversation *talk)
{
    char block[65536];
    ssize_t n;
    while ((n = recv(talk->fd, block, sizeof(block), 0)) > 0 && talk->content < CONTENT_MAX) {
        if (talk->head_len > 0) {
            talk->content += (size_t)n;
            continue;
        }
        writer_append(&talk->received, block,
                      MIN((size_t)n, talk->received.capacity - talk->received.len));
        find_head(talk);
    }
    talk->has_ended = n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR);
}

/* The last word of its first line. */
static bool read_reason(struct offline_site *site, struct offline_reply *reply)
{
    char line[8192];
    access_log_flush(site->http->access_log);
    ssize_t n = pread(site->log_fd, line, sizeof(line), 0);
    struct slice rest = slice_of(line, n > 0 ? (size_t)n : 0), text;
    if (!slice_next(&rest, '\n', &text))
        return false;
    struct slice word = slice_from(text, (size_t)(slice_find_last(text, ' ') + 1));
    (void)snprintf(reply->reason, sizeof(reply->reason), "%.*s", SLICE_PRINTF(word));
    return true;
}

/* "2026-11-24T10:15:42.123Z 4711 [warn] http: TEXT" */
static void read_notes(int fd, struct offline_reply *reply)
{
    char text[4096];
    struct writer w = writer_on(reply->notes, sizeof(reply->notes) - 1);
    ssize_t n = pread(fd, text, sizeof(text), 0);
    struct slice rest = slice_of(text, n > 0 ? (size_t)n : 0), line;
    while (slice_next(&rest, '\n', &line) && line.len > 0) {
        ptrdiff_t level = slice_find(line, ']');
        struct slice message = slice_from(line, (size_t)(level + 1));
        message = slice_from(message, (size_t)(slice_find(message, ':') + 1));
        if (w.len > 0)
            writer_char(&w, '\n');
        writer_slice(&w, slice_trim(message));
    }
    reply->notes[w.len] = '\0';
}

static int converse(struct conversation *talk, struct offline_reply *reply)
{
    int64_t start = loop_now_ms(talk->site->loop);
    bool is_logged = false;
    while (!talk->has_ended && !is_logged && talk->content < CONTENT_MAX &&
           loop_now_ms(talk->site->loop) - start < PATIENCE_MS) {
        send_some(talk);
        int err = loop_run_once(talk->site->loop, 5);
        if (err)
            return err;
        receive_some(talk);
        is_logged = talk->head_len > 0 && read_reason(talk->site, reply);
    }
    if (!is_logged)
        (void)read_reason(talk->site, reply);
    if (talk->head_len > 0)
        return 0;
    return talk->has_ended ? -ECONNABORTED : -ETIMEDOUT;
}

static int converse_with_notes(struct conversation *talk, struct offline_reply *reply)
{
    int terminal_fd = log_fd(), notes_fd = memfd_create("error.log", MFD_CLOEXEC);
    if (notes_fd == -1)
        return -errno;
    log_set_fd(notes_fd);
    int err = converse(talk, reply);
    log_set_fd(terminal_fd);
    read_notes(notes_fd, reply);
    close(notes_fd);
    return err;
}

static int open_conversation(struct offline_site *site, struct conversation *talk)
{
    const struct address peer = {
        .v4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}};
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == -1)
        return -errno;
    talk->fd = pair[1];
    return connpool_open(site->pool, http_context_factory(site->http), pair[0], &peer) ? 0
                                                                                       : -ENOMEM;
}

int offline_ask(struct offline_site *site, struct slice request, struct offline_reply *ret_reply)
{
    struct conversation talk = {.site = site, .fd = -1, .request = request};
    struct offline_reply reply = {.head = malloc(HEAD_MAX)};
    char *head = malloc(HEAD_MAX + 1);
    int err = reply.head && head ? open_conversation(site, &talk) : -ENOMEM;
    talk.received = writer_on(reply.head, HEAD_MAX);
    if (!err)
        err = converse_with_notes(&talk, &reply);
    if (talk.fd != -1)
        close(talk.fd);
    if (err) {
        free(reply.head);
        free(head);
        return err;
    }
    memcpy(head, reply.head + talk.head_start, talk.head_len);
    head[talk.head_len] = '\0';
    free(reply.head);
    reply.head = head;
    reply.head_len = talk.head_len;
    *ret_reply = reply;
    return 0;
}
