/* SPDX-License-Identifier: MIT */
/*
 * test_cold_read_load.c - thousands of connections that come and go while threads read for them.
 *
 * Real sockets, few slots, and a file of one letter for each of them, so that a byte of one client that
 * reaches another is seen. TESTS_CONNECTIONS says how many; 5,000 without it.
 */
#include "net_fixture.h"

#include "os/page_cache.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 5000
#define FILE_SIZE 20000
#define LETTERS 26
#define PATIENCE_MS 20000

/* By the linker: --wrap=page_cache_holds --wrap=page_cache_fill. Nothing is ever in memory, and a
 * read takes no time, or a little. */
bool __wrap_page_cache_holds(int fd, off_t byte);
int __wrap_page_cache_fill(int fd, off_t offset, size_t len);

bool __wrap_page_cache_holds(int fd, off_t byte)
{
    return false;
}

int __wrap_page_cache_fill(int fd, off_t offset, size_t len)
{
    char c;

    assert_int_equal(pread(fd, &c, 1, offset), 1); /* it is open still */
    if (c % 3 == 0)
        usleep(200);
    return 0;
}

/* A file of one letter, and how many connections and reads use it. */
struct letter_file {
    struct net_page page;
    int fd;
};

struct client {
    struct connection *conn; /* NULL: none */
    struct conn_ref ref;
    int peer;
    char letter;
    uint64_t wanted, received;
};

static struct letter_file files[LETTERS];
static struct client clients[NET_CAPACITY];
static struct thread_pool *threads;
static struct cold_reader reader;
static uint64_t random_state = 88172645463325252U;
static unsigned long whole_answers, cut_answers;

/* xorshift64: the same in every run. */
static unsigned random_below(unsigned limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state % limit);
}

static void make_files(void)
{
    static char bytes[FILE_SIZE];

    for (int i = 0; i < LETTERS; i++) {
        memset(bytes, 'a' + i, sizeof(bytes));
        files[i].fd = memfd_create("letter", MFD_CLOEXEC);
        assert_true(files[i].fd >= 0);
        assert_int_equal(write(files[i].fd, bytes, sizeof(bytes)), sizeof(bytes));
        net_page_init(&files[i].page);
    }
}

static int set_up(void **state)
{
    const struct threadpool_settings of_threads = {.threads = 3, .queue_max = 16, .idle_ms = 5};
    struct connpool_settings settings;

    (void)signal(SIGPIPE, SIG_IGN); /* as in a worker: sendfile(2) knows no other way */
    net_settings(&settings);
    settings.transport = NULL;
    net_set_up_with(&settings);
    fake_clock_off(); /* threads look at it */
    connpool_destroy(net.pool);
    assert_int_equal(threadpool_create(net.loop, &of_threads, &threads), 0);
    reader.threads = threads;
    settings.cold = &reader;
    assert_int_equal(connpool_create(net.loop, net.mempool, &settings, &net.pool), 0);
    make_files();
    return 0;
}

static void open_client(struct client *client)
{
    static const struct address nobody = {.any.sa_family = AF_UNSPEC};
    unsigned number = random_below(LETTERS);
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    client->conn = connpool_open(net.pool, &net.echoes.factory, pair[0], &nobody);
    assert_non_null(client->conn);
    client->ref = connpool_ref(net.pool, client->conn);
    client->peer = pair[1];
    client->letter = (char)('a' + number);
    client->received = client->wanted = 0;
    for (unsigned parts = 1 + random_below(3); parts > 0; parts--) {
        uint64_t len = 1 + random_below(FILE_SIZE);

        assert_int_equal(conn_send_file(client->conn, files[number].fd,
                                        (off_t)random_below(FILE_SIZE - (unsigned)len + 1), len,
                                        &files[number].page.counted),
                         0);
        conn_file_may_wait(client->conn);
        client->wanted += len;
    }
}

static void take(struct client *client)
{
    char bytes[8192];
    ssize_t n;

    while ((n = recv(client->peer, bytes, sizeof(bytes), 0)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            assert_int_equal(bytes[i], client->letter);
        client->received += (uint64_t)n;
    }
    assert_true(client->received <= client->wanted);
}

/* At any time, by either side. */
static void end_client(struct client *client)
{
    take(client);
    if (client->received == client->wanted)
        whole_answers++;
    else
        cut_answers++;
    if (random_below(2) == 0 && connpool_get(net.pool, client->ref))
        conn_abort(client->conn, CLOSE_ABORTED);
    (void)close(client->peer);
    client->conn = NULL;
}

static bool is_gone(const struct client *client)
{
    return !connpool_get(net.pool, client->ref);
}

static void no_client_gets_what_was_read_for_another(void **state)
{
    const char *wish = getenv("TESTS_CONNECTIONS");
    long left = wish ? strtol(wish, NULL, 10) : CONNECTIONS;
    long asked = left;

    while (left > 0) {
        struct client *client = &clients[random_below(NET_CAPACITY)];

        if (client->conn && (is_gone(client) || random_below(4) == 0))
            end_client(client);
        else if (client->conn)
            take(client);
        if (!client->conn && connpool_free_count(net.pool) > 0) {
            open_client(client);
            left--;
        }
        assert_int_equal(loop_run_once(net.loop, 0), 0);
    }
    for (size_t i = 0; i < COUNT_OF(clients); i++) { /* those that are left get all they want */
        struct client *client = &clients[i];

        if (!client->conn)
            continue;
        for (int j = 0; j < 10000 && client->received < client->wanted; j++) {
            assert_int_equal(loop_run_once(net.loop, 1), 0);
            take(client);
        }
        assert_int_equal(client->received, client->wanted);
        end_client(client);
    }
    print_message("%ld connections: %lu answers whole, %lu cut\n", asked, whole_answers,
                  cut_answers);
    assert_true(whole_answers > 0 && cut_answers > 0);
}

static int clean_up(void **state)
{
    connpool_destroy(net.pool);
    net.pool = NULL;
    assert_true(threadpool_destroy(threads, PATIENCE_MS));
    for (int i = 0; i < LETTERS; i++) {
        assert_int_equal(files[i].page.counted.references, 1);
        (void)close(files[i].fd);
    }
    return net_tear_down(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_client_gets_what_was_read_for_another, set_up, clean_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
