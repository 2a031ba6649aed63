/* SPDX-License-Identifier: MIT */
/* site.c - the real pool, loop and handler over the memory transport and a temporary folder. */
#include "support/unit.h"

#include "event/thread_pool.h"
#include "handler/registry.h"
#include "http/site.h"
#include "support/fake_clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_SIZE (1U << 20)

/* Text that may be written to, as the configuration's own. */
#define OWN(s) ((char[]){s})

static struct mime_row mime_rows[] = {{OWN("html"), OWN("text/html")},
                                      {OWN("txt"), OWN("text/plain")},
                                      {OWN("png"), OWN("image/png")}};
static char *index_names[] = {OWN("index.html"), OWN("index.txt")};

static const struct config usual_config = {
    .site = {.index = {.items = index_names, .count = COUNT_OF(index_names)}},
    .server = {.access_log_sample = 1,
               .keepalive_timeout_ms = 75000,
               .keepalive_requests = 0,
               .header_timeout_ms = 15000,
               .body_timeout_ms = 30000,
               .send_timeout_ms = 30000,
               .linger_timeout_ms = 5000,
               .max_header_size = 4096,
               .max_header_count = 32,
               .max_uri_size = 1024,
               .max_body_size = 64 * 1024},
    .mime = {.rows = mime_rows,
             .count = COUNT_OF(mime_rows),
             .default_type = OWN("application/octet-stream"),
             .charset = OWN("utf-8")},
    .cache = {.valid_ms = 1000,
              .max_entries = 100,
              .max_size = 16 * 1024 * 1024,
              .max_file_size = 64 * 1024},
};

void site_init(struct site *site)
{
    const char *tmp = getenv("TMPDIR");

    *site = (struct site){.config = usual_config, .make_handler = registry_make_handler};
    (void)snprintf(site->root, sizeof(site->root), "%s/tinyweb-site-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(site->root));
    site->root_fd = open(site->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_int_not_equal(site->root_fd, -1);
    site->log_fd = memfd_create("access.log", MFD_CLOEXEC);
    fake_clock_set((int64_t)SITE_NOW * 1000);
}

static void set_mtime(struct site *site, const char *name)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = SITE_MTIME}};

    assert_int_equal(utimensat(site->root_fd, name, times, 0), 0);
}

void site_bytes(struct site *site, const char *name, struct slice content)
{
    int fd = openat(site->root_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_int_not_equal(fd, -1);
    assert_int_equal(write(fd, content.data, content.len), content.len);
    (void)close(fd);
    set_mtime(site, name);
}

void site_file(struct site *site, const char *name, const char *content)
{
    site_bytes(site, name, slice_from_string(content));
}

char site_byte(size_t at)
{
    return (char)('a' + (at * 7 + at / 256 + at / 65536) % 26);
}

void site_large_file(struct site *site, const char *name, size_t size)
{
    char *content = malloc(size);

    for (size_t i = 0; i < size; i++)
        content[i] = site_byte(i);
    site_bytes(site, name, slice_of(content, size));
    free(content);
}

void site_folder(struct site *site, const char *name)
{
    assert_int_equal(mkdirat(site->root_fd, name, 0755), 0);
}

void site_start(struct site *site)
{
    struct http_settings settings = {.config = &site->config,
                                     .counters = &site->counters,
                                     .root_fds = &site->root_fd,
                                     .access_log_fd = site->log_fd,
                                     .make_handler = site->make_handler,
                                     .make_health = site->make_health,
                                     .make_status = site->make_status,
                                     .stats = &site->stats,
                                     .all_counters = &site->counters,
                                     .is_draining = &site->is_draining};
    struct connpool_settings pool = {.capacity = SITE_CLIENTS_MAX,
                                     .input_size = http_input_size(&site->config),
                                     .send_timeout_ms = site->config.server.send_timeout_ms,
                                     .linger_timeout_ms = site->config.server.linger_timeout_ms,
                                     .transport = &transport_memory,
                                     .bytes_sent = &site->counters.bytes_sent};

    static const struct threadpool_settings threads = {
        .threads = 4, .queue_max = 1024, .idle_ms = 10000};

    assert_int_equal(loop_create(&site->loop), 0);
    site->mempool = mempool_create();
    assert_non_null(site->mempool);
    settings.loop = site->loop;
    settings.mempool = site->mempool;
    assert_int_equal(threadpool_create(site->loop, &threads, &site->threads), 0);
    settings.threads = site->threads;
    assert_int_equal(http_context_create(&settings, &site->http), 0);
    assert_int_equal(connpool_create(site->loop, site->mempool, &pool, &site->pool), 0);
}

void site_turn(struct site *site)
{
    for (int i = 0; i < 64; i++)
        assert_int_equal(loop_run_once(site->loop, 0), 0);
}

void site_wait(struct site *site, int64_t ms)
{
    fake_clock_advance(ms);
    site_turn(site);
}

const char *site_log(struct site *site)
{
    static char text[LOG_SIZE];
    ssize_t len;

    access_log_flush(site->http->access_log);
    len = pread(site->log_fd, text, sizeof(text) - 1, 0);
    assert_true(len >= 0);
    text[len] = '\0';
    return text;
}

struct memory_transport *site_peer(struct site *site)
{
    for (size_t i = 0; i < SITE_PEERS_MAX; i++) {
        if (!site->peers[i]) {
            site->peers[i] = malloc(sizeof(*site->peers[i]));
            memory_init(site->peers[i]);
            return site->peers[i];
        }
    }
    fail_msg("too many clients");
    return NULL;
}

void site_forget_peer(struct site *site, struct memory_transport *peer)
{
    for (size_t i = 0; i < SITE_PEERS_MAX; i++) {
        if (site->peers[i] == peer) {
            site->peers[i] = NULL;
            memory_done(peer);
            free(peer);
            return;
        }
    }
}

static void remove_tree(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fdopendir(fd);

    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (entry->d_type == DT_DIR)
            remove_tree(fd, entry->d_name);
        else
            (void)unlinkat(fd, entry->d_name, 0);
    }
    (void)closedir(dir);
    (void)unlinkat(dir_fd, name, AT_REMOVEDIR);
}

void site_done(struct site *site)
{
    connpool_destroy(site->pool);
    for (size_t i = 0; i < SITE_PEERS_MAX; i++) {
        if (site->peers[i])
            site_forget_peer(site, site->peers[i]);
    }
    assert_true(threadpool_destroy(site->threads, 20000));
    http_context_destroy(site->http);
    mempool_destroy(site->mempool);
    loop_destroy(site->loop);
    (void)close(site->log_fd);
    (void)close(site->root_fd);
    fake_clock_off();
    remove_tree(AT_FDCWD, site->root);
}
