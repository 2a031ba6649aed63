/* SPDX-License-Identifier: MIT */
/* test_library.c - what is stored is found by its key and choice, and by nothing else. */
#include "support/unit.h"

#include "cache/library.h"
#include "cache/purge.h"
#include "http/header_lines.h"
#include "support/scratch_folder.h"

#include <string.h>
#include <sys/stat.h>

#define KEY SLICE_LITERAL("http://a.org/x")
#define NOW 1000000000

static struct scratch_folder folder;
static struct cache_shared shared;
static struct reply_cache_config config;
static struct library library;
static const char *purged; /* what on_purged has heard: a name, or "all" */

static void on_purged(struct library *of, const struct store_name *name)
{
    assert_ptr_equal(of, &library);
    purged = name ? "one" : "all";
}

static int setup(void **state)
{
    static const struct file_cache_settings settings = {.valid_ms = 1000,
                                                        .headroom = STORED_HEAD_ROOM,
                                                        .max_entries = 100,
                                                        .max_open = 10,
                                                        .max_size = 1 << 20,
                                                        .max_file_size = 300};

    memset(&shared, 0, sizeof(shared));
    scratch_init(&folder);
    config = (struct reply_cache_config){.path = folder.path, .max_object = 1 << 20};
    purged = "nothing";
    assert_int_equal(library_open(&library, &config, folder.fd, &shared, &settings), 0);
    library.on_purged = on_purged;
    return 0;
}

static int teardown(void **state)
{
    library_close(&library);
    scratch_done(&folder);
    return 0;
}

static void store_entry(const struct cache_entry *entry, const struct store_name *name,
                        const char *content)
{
    char front[2048], head[ENTRY_HEAD_SIZE];
    struct writer w = writer_on(front, sizeof(front));
    struct cache_entry whole = *entry;
    struct store_file file;

    whole.status = 200;
    whole.last_modified = -1;
    whole.freshness = (struct freshness){.stored_at = NOW, .lifetime = 60};
    whole.content_length = strlen(content);
    entry_write_front(&whole, &w);
    entry_write_head(&whole, head);
    assert_int_equal(store_begin(&library.store, name, 0, &file), 0);
    assert_int_equal(store_append(&file, writer_content(&w), 0), 0);
    assert_int_equal(store_append(&file, slice_from_string(content), 0), 0);
    assert_int_equal(store_commit(&file, slice_of(head, sizeof(head)), 0), 0);
    store_close(&file);
}

static void store_reply(struct slice key, const char *content)
{
    struct store_name name;

    store_name_of(key, &name);
    store_entry(&(struct cache_entry){.kind = ENTRY_REPLY,
                                      .key = key,
                                      .lines = SLICE_LITERAL("Content-Type: text/plain\r\n")},
                &name, content);
}

/* The content that is found; "-": none. */
static const char *find(struct slice key, const char *request)
{
    static char content[1024];
    struct header_lines headers;
    struct library_place place;
    size_t len;

    header_lines_read(&headers, request);
    library_find(&library, key, &headers.table, 0, &place);
    if (!place.stored)
        return "-";
    len = (size_t)place.stored->entry.content_length;
    assert_true(len < sizeof(content));
    if (place.file->body)
        memcpy(content, place.file->body + place.stored->content_at, len);
    else
        len = 0;
    content[len] = '\0';
    open_file_unref(place.file);
    return content;
}

static void what_is_stored_is_found_by_its_key_alone(void **state)
{
    struct store_name other;

    assert_string_equal(find(KEY, ""), "-");
    store_reply(KEY, "hello");
    assert_string_equal(find(KEY, ""), "hello");
    assert_string_equal(find(SLICE_LITERAL("http://a.org/y"), ""), "-");

    /* Two keys with one name: the key in the file decides. */
    store_name_of(SLICE_LITERAL("http://a.org/z"), &other);
    store_entry(&(struct cache_entry){.kind = ENTRY_REPLY, .key = KEY}, &other, "wrong");
    assert_string_equal(find(SLICE_LITERAL("http://a.org/z"), ""), "-");
}

static void of_several_the_one_of_the_same_choice_is_found(void **state)
{
    struct store_name name;

    store_name_of(KEY, &name);
    store_entry(
        &(struct cache_entry){
            .kind = ENTRY_VARIES, .variation = 7, .key = KEY, .choice = SLICE_LITERAL("accept")},
        &name, "");
    assert_string_equal(find(KEY, "Accept: x"), "-");
    store_name_of_choice(KEY, 7, SLICE_LITERAL("accept:x\n"), &name);
    store_entry(
        &(struct cache_entry){
            .kind = ENTRY_REPLY, .variation = 7, .key = KEY, .choice = SLICE_LITERAL("accept:x\n")},
        &name, "for x");
    assert_string_equal(find(KEY, "Accept: x"), "for x");
    assert_string_equal(find(KEY, "Accept: y"), "-");
    assert_string_equal(find(KEY, ""), "-");

    /* Of a former index. */
    store_name_of_choice(KEY, 7, SLICE_LITERAL("accept:y\n"), &name);
    store_entry(
        &(struct cache_entry){
            .kind = ENTRY_REPLY, .variation = 6, .key = KEY, .choice = SLICE_LITERAL("accept:y\n")},
        &name, "old");
    assert_string_equal(find(KEY, "Accept: y"), "-");
}

/* A reply with that content, kept and found. */
static struct library_place keep_hello(void)
{
    struct header_lines headers;
    struct library_place place;

    header_lines_read(&headers, "");
    store_reply(KEY, "hello");
    library_find(&library, KEY, &headers.table, 0, &place);
    assert_non_null(place.stored);
    return place;
}

static void heads_of_answers_are_written_once_a_second(void **state)
{
    struct library_place place = keep_hello();
    struct slice first, again;

    first = stored_head(place.stored, NOW + 5);
    assert_true(slice_equal(first, SLICE_LITERAL("HTTP/1.1 200 OK\r\n"
                                                 "Content-Type: text/plain\r\n"
                                                 "Content-Length: 5\r\nAge: 5\r\n"
                                                 "Cache-Status: tinyweb; hit; ttl=55\r\n")));
    again = stored_head(place.stored, NOW + 70);
    assert_true(slice_ends_with(again, SLICE_LITERAL("Age: 70\r\n"
                                                     "Cache-Status: tinyweb; hit; ttl=-10\r\n")));
    open_file_unref(place.file);
}

static void an_answer_in_memory_is_one_piece(void **state)
{
    struct library_place place = keep_hello();
    struct slice whole, next;

    whole = stored_whole(place.stored, place.file, NOW + 5);
    assert_true(slice_equal(whole, SLICE_LITERAL("HTTP/1.1 200 OK\r\n"
                                                 "Content-Type: text/plain\r\n"
                                                 "Content-Length: 5\r\nAge: 5\r\n"
                                                 "Cache-Status: tinyweb; hit; ttl=55\r\n"
                                                 "\r\nhello")));
    open_file_ref(place.file); /* it is being sent */
    assert_ptr_equal(stored_whole(place.stored, place.file, NOW + 5).data, whole.data);
    assert_int_equal(stored_whole(place.stored, place.file, NOW + 6).len, 0);
    assert_true(slice_ends_with(whole, SLICE_LITERAL("ttl=55\r\n\r\nhello")));
    open_file_unref(place.file);
    next = stored_whole(place.stored, place.file, NOW + 1006);
    assert_true(slice_starts_with(next, SLICE_LITERAL("HTTP/1.1 200 OK\r\n")));
    assert_true(slice_ends_with(next, SLICE_LITERAL("Age: 1006\r\nCache-Status: tinyweb; hit; "
                                                    "ttl=-946\r\n\r\nhello")));
    assert_true(slice_equal(place.stored->entry.key, KEY));
    open_file_unref(place.file);
}

static void a_large_answer_is_not_one_piece(void **state)
{
    struct header_lines headers;
    struct library_place place;
    char content[400];

    header_lines_read(&headers, "");
    memset(content, 'x', sizeof(content) - 1);
    content[sizeof(content) - 1] = '\0';
    store_reply(KEY, content);
    library_find(&library, KEY, &headers.table, 0, &place);
    assert_non_null(place.stored);
    assert_null(place.file->body);
    assert_int_equal(stored_whole(place.stored, place.file, NOW).len, 0);
    open_file_unref(place.file);
}

static void a_file_that_is_no_entry_is_not_found(void **state)
{
    struct store_name name;
    char path[8];

    store_name_of(KEY, &name);
    memcpy(path, name.text, 2);
    path[2] = '\0';
    scratch_directory(&folder, path);
    scratch_file(&folder, name.text, "something else");
    assert_string_equal(find(KEY, ""), "-");
}

static void what_is_purged_by_anybody_is_forgotten(void **state)
{
    store_reply(KEY, "old");
    assert_string_equal(find(KEY, ""), "old");
    assert_true(library_purge(&library, KEY, 0));
    assert_string_equal(purged, "one");
    assert_string_equal(find(KEY, ""), "-");
    assert_false(library_purge(&library, KEY, 0));

    store_reply(KEY, "new");
    assert_string_equal(find(KEY, ""), "new");
    assert_true(purge_key(folder.fd, &shared.purges, KEY)); /* by another process */
    assert_string_equal(find(KEY, ""), "-");
}

static void all_that_begin_alike_are_purged(void **state)
{
    store_reply(SLICE_LITERAL("http://a.org/n/1"), "1");
    store_reply(SLICE_LITERAL("http://a.org/n/2"), "2");
    store_reply(SLICE_LITERAL("http://a.org/other"), "3");
    assert_string_equal(find(SLICE_LITERAL("http://a.org/n/1"), ""), "1");
    assert_int_equal(purge_prefix(folder.fd, &shared.purges, SLICE_LITERAL("http://a.org/n/")), 2);
    assert_string_equal(find(SLICE_LITERAL("http://a.org/n/1"), ""), "-");
    assert_string_equal(purged, "all");
    assert_string_equal(find(SLICE_LITERAL("http://a.org/n/2"), ""), "-");
    assert_string_equal(find(SLICE_LITERAL("http://a.org/other"), ""), "3");
}

static void urls_have_the_keys_of_requests(void **state)
{
    static const struct {
        const char *url, *key; /* NULL: it is no such URL */
    } rows[] = {
        {"http://a.org/x", "http://a.org/x"},
        {"HTTPS://A.Org:80/X?y", "http://a.org/X?y"},
        {"http://a.org:8080/", "http://a.org:8080/"},
        {"http://a.org", NULL},
        {"http:///x", NULL},
        {"/x", NULL},
        {"ftp://a.org/", NULL},
        {"http://a.org/#x", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[64];
        struct writer w = writer_on(text, sizeof(text));
        bool is_url = purge_write_key(slice_from_string(rows[i].url), &w);

        if (is_url != (rows[i].key != NULL) ||
            (is_url && !slice_equal(writer_content(&w), slice_from_string(rows[i].key))))
            fail_msg("%s: %.*s", rows[i].url, SLICE_PRINTF(writer_content(&w)));
    }
}

static void use_is_told_to_the_file_once_a_minute(void **state)
{
    struct library_place place = keep_hello();
    struct stat status;

    place.stored->touched_at = NOW;
    library_touch(&library, &place, NOW + 59);
    assert_int_equal(fstatat(folder.fd, place.name.text, &status, 0), 0);
    assert_int_not_equal(status.st_mtime, NOW + 59);
    library_touch(&library, &place, NOW + 60);
    assert_int_equal(fstatat(folder.fd, place.name.text, &status, 0), 0);
    assert_int_equal(status.st_mtime, NOW + 60);
    open_file_unref(place.file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_stored_is_found_by_its_key_alone),
        TEST(of_several_the_one_of_the_same_choice_is_found),
        TEST(heads_of_answers_are_written_once_a_second),
        TEST(an_answer_in_memory_is_one_piece),
        TEST(a_large_answer_is_not_one_piece),
        TEST(a_file_that_is_no_entry_is_not_found),
        TEST(what_is_purged_by_anybody_is_forgotten),
        TEST(all_that_begin_alike_are_purged),
        TEST(urls_have_the_keys_of_requests),
        TEST(use_is_told_to_the_file_once_a_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
