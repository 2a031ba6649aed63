/* SPDX-License-Identifier: MIT */
/* test_compressed_file.c - gzip = on, as clients see it. */
#include "support/unit.h"

#include "file/gzip.h"
#include "http/compressor.h"
#include "http/site.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define OWN(s) ((char[]){s})
#define GZIP "Accept-Encoding: gzip\r\n"
#define SIZE 5000

int __real_gzip_compress(const struct open_file *file, int level, size_t headroom, char **ret_block,
                         size_t *ret_size);
int __wrap_gzip_compress(const struct open_file *file, int level, size_t headroom, char **ret_block,
                         size_t *ret_size);

/* While it is held, all that compress wait. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static atomic_uint compressions;
static atomic_int failure;

int __wrap_gzip_compress(const struct open_file *file, int level, size_t headroom, char **ret_block,
                         size_t *ret_size)
{
    int err = atomic_load(&failure);

    (void)pthread_mutex_lock(&gate);
    (void)pthread_mutex_unlock(&gate);
    (void)atomic_fetch_add(&compressions, 1);
    return err ? err : __real_gzip_compress(file, level, headroom, ret_block, ret_size);
}

static char *types[] = {OWN("text/*"), OWN("application/json")};
static struct site site;

static void fill(const char *name, size_t size)
{
    char *text = malloc(size + 1);

    memset(text, 'a', size);
    text[size] = '\0';
    site_file(&site, name, text);
    free(text);
}

static int begin(void **state)
{
    site_init(&site);
    atomic_store(&compressions, 0);
    atomic_store(&failure, 0);
    site.config.site.precompressed = true;
    site.config.site.gzip = (struct gzip_config){.is_on = true,
                                                 .types = {types, COUNT_OF(types)},
                                                 .min_size = 100,
                                                 .max_size = 100000,
                                                 .level = 6};
    fill("a.txt", SIZE);
    fill("b.txt", SIZE);
    fill("with.txt", SIZE);
    site_file(&site, "with.txt.gz", "the sibling");
    fill("only-br.txt", SIZE);
    site_file(&site, "only-br.txt.br", "the sibling");
    fill("small.txt", 99);
    fill("least.txt", 100);
    fill("large.txt", 100001);
    fill("most.txt", 100000); /* by its descriptor */
    fill("picture.png", SIZE);
    return 0;
}

static int set_up(void **state)
{
    if (begin(state) != 0)
        return -1;
    site_start(&site);
    return 0;
}

static int tear_down(void **state)
{
    site_done(&site);
    return 0;
}

static void open_client(struct client *client, const char *start, const char *fields)
{
    char text[512];

    (void)snprintf(text, sizeof(text), "%s HTTP/1.1\r\nHost: t\r\n%s\r\n", start, fields);
    client_open(&site, client, text);
}

static struct reply get(const char *start, const char *fields)
{
    struct client client;
    struct reply reply;

    open_client(&client, start, fields);
    client_wait(&client);
    client_reply(&client, strncmp(start, "HEAD ", 5) == 0, &reply);
    expect_nothing(&client);
    if (client_conn(&client))
        conn_close(client_conn(&client), CLOSE_PEER);
    site_turn(&site);
    return reply;
}

static bool is_gzip(const struct reply *reply)
{
    return slice_equal(reply_field(reply, "Content-Encoding"), SLICE_LITERAL("gzip"));
}

static void what_is_worth_it_is_compressed_for_who_can_read_it(void **state)
{
    static const struct {
        const char *start, *fields;
        bool is_gzip, is_negotiated;
    } rows[] = {
        {"GET /a.txt", GZIP, true, true},
        {"GET /a.txt", "Accept-Encoding: br, x-gzip;q=0.5\r\n", true, true},
        {"GET /a.txt", "", false, true},
        {"GET /a.txt", "Accept-Encoding: br\r\n", false, true},
        {"GET /a.txt", "Accept-Encoding: gzip;q=0\r\n", false, true},
        {"GET /a.txt", "Accept-Encoding: gzip;q=0.1, identity;q=0.9\r\n", false, true},
        {"GET /small.txt", GZIP, false, false},
        {"GET /least.txt", GZIP, true, true},
        {"GET /large.txt", GZIP, false, false},
        {"GET /most.txt", GZIP, true, true},
        {"GET /picture.png", GZIP, false, false},
        {"GET /none.txt", GZIP, false, false},
    };

    for (size_t i = 0; i < 2 * COUNT_OF(rows); i++) {
        struct reply reply = get(rows[i / 2].start, rows[i / 2].fields);
        struct slice vary = reply_field(&reply, "Vary");

        if (is_gzip(&reply) != rows[i / 2].is_gzip ||
            slice_equal(vary, SLICE_LITERAL("Accept-Encoding")) != rows[i / 2].is_negotiated)
            fail_msg("%s %s: %.*s", rows[i / 2].start, rows[i / 2].fields,
                     SLICE_PRINTF(reply.head));
        if (is_gzip(&reply))
            assert_true(reply.content.len < 200 && reply.content.data[0] == '\x1f');
    }
    assert_int_equal(atomic_load(&compressions), 3);
}

static void a_sibling_wins_as_long_as_it_is_fresh(void **state)
{
    struct reply reply = get("GET /with.txt", GZIP);

    assert_content(&reply, "the sibling");
    reply = get("GET /only-br.txt", "Accept-Encoding: gzip, br\r\n");
    assert_content(&reply, "the sibling");
    assert_int_equal(atomic_load(&compressions), 0);
    reply = get("GET /only-br.txt", GZIP);
    assert_true(is_gzip(&reply) && reply.content.len < 200);
    assert_int_equal(atomic_load(&compressions), 1);
}

static void head_validators_and_ranges_are_those_of_the_coding(void **state)
{
    struct reply first = get("HEAD /a.txt", GZIP), reply = get("GET /a.txt", GZIP), part, plain;
    struct slice tag = reply_field(&reply, "ETag");
    char fields[256];

    assert_true(slice_equal(first.head, reply.head));
    plain = get("GET /a.txt", "");
    assert_false(slice_equal(tag, reply_field(&plain, "ETag")));
    (void)snprintf(fields, sizeof(fields), GZIP "If-None-Match: %.*s\r\n", SLICE_PRINTF(tag));
    part = get("GET /a.txt", fields);
    assert_int_equal(part.status, 304);
    assert_field(&part, "Vary", "Accept-Encoding");
    assert_true(slice_equal(tag, reply_field(&part, "ETag")));
    (void)snprintf(fields, sizeof(fields), "If-None-Match: %.*s\r\n", SLICE_PRINTF(tag));
    assert_int_equal(get("GET /a.txt", fields).status, 200);
    part = get("GET /a.txt", GZIP "Range: bytes=2-5\r\n");
    assert_int_equal(part.status, 206);
    assert_true(slice_equal(part.content, slice_of(reply.content.data + 2, 4)));
    (void)snprintf(fields, sizeof(fields), GZIP "Range: bytes=0-0\r\nIf-Range: %.*s\r\n",
                   SLICE_PRINTF(reply_field(&plain, "ETag")));
    assert_int_equal(get("GET /a.txt", fields).status, 200);
    assert_int_equal(get("GET /a.txt", GZIP "Range: bytes=4000-\r\n").status, 416);
    assert_int_equal(atomic_load(&compressions), 1);
}

static void a_change_of_the_file_is_seen(void **state)
{
    struct reply before = get("GET /a.txt", GZIP), after;

    fill("a.txt", SIZE + 1000);
    site_wait(&site, 1000);
    after = get("GET /a.txt", GZIP);
    assert_true(is_gzip(&after));
    assert_false(slice_equal(before.content, after.content));
    assert_int_equal(atomic_load(&compressions), 2);
    site_wait(&site, 1000);
    (void)get("GET /a.txt", GZIP);
    assert_int_equal(atomic_load(&compressions), 2); /* nothing has changed */
}

static void all_who_ask_at_once_wait_for_the_same(void **state)
{
    struct client clients[6];

    (void)pthread_mutex_lock(&gate);
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        open_client(&clients[i], "GET /a.txt", GZIP);
        expect_nothing(&clients[i]);
    }
    client_close(&clients[0]); /* who leaves takes nothing along */
    (void)pthread_mutex_unlock(&gate);
    for (size_t i = 1; i < COUNT_OF(clients); i++) {
        struct reply reply;

        client_wait(&clients[i]);
        client_reply(&clients[i], false, &reply);
        assert_true(is_gzip(&reply));
        client_close(&clients[i]);
    }
    assert_int_equal(atomic_load(&compressions), 1);
}

static void nobody_waits_when_too_many_do(void **state)
{
    struct client clients[COMPRESSIONS_MAX];
    struct reply reply;
    char start[32];

    (void)pthread_mutex_lock(&gate);
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        (void)snprintf(start, sizeof(start), "many%zu.txt", i);
        fill(start, SIZE);
        (void)snprintf(start, sizeof(start), "GET /many%zu.txt", i);
        open_client(&clients[i], start, GZIP);
        expect_nothing(&clients[i]);
    }
    reply = ask(&site, "GET /b.txt HTTP/1.1\r\nHost: t\r\n" GZIP "\r\n");
    assert_int_equal(reply.status, 200);
    assert_false(is_gzip(&reply));
    assert_field(&reply, "Vary", "Accept-Encoding");
    reply = ask(&site,
                "GET /b.txt HTTP/1.1\r\nHost: t\r\nAccept-Encoding: gzip, identity;q=0\r\n\r\n");
    assert_int_equal(reply.status, 503);
    assert_field(&reply, "Retry-After", "1");
    (void)pthread_mutex_unlock(&gate);
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        client_wait(&clients[i]);
        expect_status(&clients[i], 200);
        client_close(&clients[i]);
    }
    reply = get("GET /b.txt", GZIP);
    assert_true(is_gzip(&reply));
}

static void what_cannot_be_compressed_is_sent_as_it_is(void **state)
{
    struct reply reply;

    atomic_store(&failure, -EFBIG);
    for (int i = 0; i < 3; i++) {
        reply = get("GET /a.txt", GZIP);
        assert_int_equal(reply.content.len, SIZE);
        assert_field(&reply, "Vary", "Accept-Encoding");
    }
    assert_int_equal(atomic_load(&compressions), 1); /* tried once */
    reply = get("GET /a.txt", "Accept-Encoding: gzip, identity;q=0\r\n");
    assert_int_equal(reply.status, 406);
    atomic_store(&failure, -EAGAIN); /* which may be better the next time */
    reply = get("GET /b.txt", GZIP);
    assert_int_equal(reply.content.len, SIZE);
    atomic_store(&failure, 0);
    reply = get("GET /b.txt", GZIP);
    assert_true(is_gzip(&reply));
}

static void what_cannot_be_kept_is_not_made_again(void **state)
{
    struct reply reply;

    assert_int_equal(begin(state), 0);
    site.config.cache.max_size = 700; /* room for a descriptor, but not for what is in memory */
    site_start(&site);
    for (int i = 0; i < 3; i++) {
        reply = get("GET /most.txt", GZIP);
        assert_int_equal(is_gzip(&reply), i == 0);
        assert_field(&reply, "Vary", "Accept-Encoding");
    }
    assert_int_equal(atomic_load(&compressions), 1);
    reply = get("GET /a.txt", GZIP); /* not even the file itself is kept */
    assert_int_equal(reply.content.len, SIZE);
    assert_int_equal(atomic_load(&compressions), 1);
}

static void what_was_decided_before_the_wait_stays(void **state)
{
    static char fallback[] = "a.txt";
    struct reply reply;

    assert_int_equal(begin(state), 0);
    site.config.site.fallback = fallback;
    site_start(&site);
    reply = get("GET /app/page", GZIP "Accept: text/html\r\n");
    assert_true(is_gzip(&reply));
    assert_non_null(memmem(reply.head.data, reply.head.len, "Vary: Accept\r\n", 14));
    assert_non_null(strstr(site_log(&site), " fallback\n"));
}

static void the_end_may_come_while_files_are_compressed(void **state)
{
    struct client client;

    (void)pthread_mutex_lock(&gate);
    open_client(&client, "GET /a.txt", GZIP);
    (void)pthread_mutex_unlock(&gate);
    client_close(&client);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(what_is_worth_it_is_compressed_for_who_can_read_it),
        WITH_SITE(a_sibling_wins_as_long_as_it_is_fresh),
        WITH_SITE(head_validators_and_ranges_are_those_of_the_coding),
        WITH_SITE(a_change_of_the_file_is_seen),
        WITH_SITE(all_who_ask_at_once_wait_for_the_same),
        WITH_SITE(nobody_waits_when_too_many_do),
        WITH_SITE(what_cannot_be_compressed_is_sent_as_it_is),
        cmocka_unit_test_teardown(what_cannot_be_kept_is_not_made_again, tear_down),
        cmocka_unit_test_teardown(what_was_decided_before_the_wait_stays, tear_down),
        WITH_SITE(the_end_may_come_while_files_are_compressed),
    };
#ifndef HAVE_ZLIB
    (void)tests;
    return 77; /* skipped */
#else
    return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
