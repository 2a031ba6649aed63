/* SPDX-License-Identifier: MIT */
/* test_representation.c - header lines that are written once, and the head in front of a body. */
#include "support/unit.h"

#include "http/http_date.h"
#include "http/representation.h"

#include <stdlib.h>

#define NOW 1000000000
#define NOW_DATE "Sun, 09 Sep 2001 01:46:40 GMT"

static struct mime_types *mime_types;
static struct representation_settings settings;
static struct site_config site;
static struct representation_traits traits = {.site = &site};

static int set_up(void **state)
{
    mime_types = mime_types_create(4, SLICE_LITERAL("application/octet-stream"));
    assert_int_equal(mime_types_add(mime_types, SLICE_LITERAL("html"), SLICE_LITERAL("text/html")),
                     0);
    assert_int_equal(mime_types_add(mime_types, SLICE_LITERAL("own"),
                                    SLICE_LITERAL("text/plain; charset=iso-8859-1")),
                     0);
    settings = (struct representation_settings){.mime_types = mime_types,
                                                .charset = SLICE_LITERAL("utf-8")};
    return 0;
}

static int tear_down(void **state)
{
    mime_types_destroy(mime_types);
    return 0;
}

static void release(struct counted *counted)
{
    struct open_file *file = container_of(counted, struct open_file, counted);

    if (file->attachment)
        file->free_attachment(file->attachment);
    if (file->body)
        free(file->body - file->headroom);
    free(file);
}

/* @content NULL: not in memory. */
static struct open_file *make_file(const char *path, const char *content, uint64_t size,
                                   struct timespec mtime)
{
    struct open_file *file = calloc(1, sizeof(*file) + strlen(path) + 1);

    counted_init(&file->counted, release);
    list_init(&file->lru);
    file->fd = -1;
    file->size = size;
    file->mtime = mtime;
    file->path_len = strlen(path);
    (void)strcpy(file->path, path);
    if (content) {
        file->headroom = REPRESENTATION_HEADROOM;
        file->body = malloc(file->headroom + size + 1);
        file->body += file->headroom;
        memcpy(file->body, content, size);
    }
    return file;
}

static const struct representation *represent(struct open_file *file)
{
    const struct representation *rep = representation_of(file, NOW, &traits, &settings);

    assert_non_null(rep);
    assert_ptr_equal(representation_of(file, NOW + 5, &traits, &settings), rep);
    return rep;
}

static void assert_slice(struct slice got, const char *expected)
{
    if (!slice_equal(got, slice_from_string(expected)))
        fail_msg("'%.*s' instead of '%s'", SLICE_PRINTF(got), expected);
}

static void lines_say_what_the_file_is(void **state)
{
    static const char *const contents[] = {"<p>", NULL};

    for (size_t i = 0; i < COUNT_OF(contents); i++) {
        struct open_file *file = make_file("a.html", contents[i], 3,
                                           (struct timespec){.tv_sec = 0x20000000, .tv_nsec = 255});
        const struct representation *rep = represent(file);

        assert_slice(rep->length_line, "Content-Length: 3\r\n");
        assert_slice(rep->type_line, "Content-Type: text/html; charset=utf-8\r\n");
        assert_slice(rep->type, "text/html; charset=utf-8");
        assert_slice(rep->validator_lines, "Last-Modified: Mon, 05 Jan 1987 18:48:32 GMT\r\n"
                                           "ETag: \"3-20000000.ff\"\r\n");
        assert_slice(rep->other_lines,
                     "Accept-Ranges: bytes\r\nX-Content-Type-Options: nosniff\r\n");
        assert_slice(rep->validators.etag, "\"3-20000000.ff\"");
        assert_int_equal(rep->validators.mtime, 0x20000000);
        assert_int_equal(rep->whole.len > 0, contents[i] != NULL);
        open_file_unref(file);
    }
}

static void head_and_body_in_memory_are_one_piece(void **state)
{
    struct open_file *file = make_file("a.html", "<p>", 3, (struct timespec){.tv_sec = 0x20000000});
    struct slice whole;

    (void)represent(file);
    whole = representation_whole(file, slice_of(NULL, 0), NOW, NOW_DATE);
    assert_slice(whole, "HTTP/1.1 200 OK\r\nServer: TinyWeb\r\nDate: " NOW_DATE "\r\n"
                        "Content-Length: 3\r\nContent-Type: text/html; charset=utf-8\r\n"
                        "Last-Modified: Mon, 05 Jan 1987 18:48:32 GMT\r\nETag: \"3-20000000.0\"\r\n"
                        "Accept-Ranges: bytes\r\nX-Content-Type-Options: nosniff\r\n\r\n<p>");
    assert_ptr_equal(whole.data + whole.len, file->body + 3);
    open_file_unref(file);
}

static void the_date_is_renewed_unless_an_old_one_is_being_sent(void **state)
{
    struct open_file *file = make_file("a.html", "<p>", 3, (struct timespec){.tv_sec = 0x20000000});
    static const char next[] = "Sun, 09 Sep 2001 01:46:41 GMT";
    static const char before[] = "Sun, 09 Sep 2001 01:46:39 GMT";
    struct slice whole;

    (void)represent(file);
    assert_int_not_equal(representation_whole(file, slice_of(NULL, 0), NOW, NOW_DATE).len, 0);
    open_file_ref(file);
    assert_int_not_equal(representation_whole(file, slice_of(NULL, 0), NOW, NOW_DATE).len, 0);
    assert_int_equal(representation_whole(file, slice_of(NULL, 0), NOW + 1, next).len, 0);
    open_file_unref(file);
    whole = representation_whole(file, slice_of(NULL, 0), NOW + 1, next);
    assert_non_null(memmem(whole.data, whole.len, next, sizeof(next) - 1));
    whole = representation_whole(file, slice_of(NULL, 0), NOW - 1,
                                 before); /* the clock was set back */
    assert_non_null(memmem(whole.data, whole.len, before, sizeof(before) - 1));
    /* The cache's own reference does not send. */
    file->is_cached = true;
    open_file_ref(file);
    assert_int_not_equal(representation_whole(file, slice_of(NULL, 0), NOW + 1, next).len, 0);
    open_file_unref(file);
    open_file_unref(file);
}

static void the_front_says_what_becomes_of_the_connection(void **state)
{
    static const char close[] = "Connection: close\r\n";
    static const char keep_alive[] = "Connection: keep-alive\r\n";
    const struct slice lines[] = {slice_of(close, sizeof(close) - 1), slice_of(NULL, 0),
                                  slice_of(keep_alive, sizeof(keep_alive) - 1),
                                  slice_of(close, sizeof(close) - 1)};
    struct open_file *file = make_file("a.html", "<p>", 3, (struct timespec){.tv_sec = 0x20000000});

    (void)state;
    (void)represent(file);
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct slice whole = representation_whole(file, lines[i], NOW, NOW_DATE);
        char expected[256];
        int len = snprintf(expected, sizeof(expected),
                           "HTTP/1.1 200 OK\r\nServer: TinyWeb\r\nDate: " NOW_DATE
                           "\r\n%.*sContent-Length: 3\r\n",
                           SLICE_PRINTF(lines[i]));

        assert_true(slice_starts_with(whole, slice_of(expected, (size_t)len)));
        assert_true(slice_ends_with(whole, SLICE_LITERAL("nosniff\r\n\r\n<p>")));
    }
    /* While one is being sent there is no other one. */
    open_file_ref(file);
    assert_int_not_equal(representation_whole(file, lines[0], NOW, NOW_DATE).len, 0);
    assert_int_equal(representation_whole(file, lines[1], NOW, NOW_DATE).len, 0);
    open_file_unref(file);
    open_file_unref(file);
}

static void a_coding_has_its_own_tag_and_the_type_of_what_is_encoded(void **state)
{
    struct open_file *file = make_file("a.html.gz", "xyz", 3,
                                       (struct timespec){.tv_sec = 0x20000000});
    const struct representation *rep;

    traits = (struct representation_traits){
        .site = &site, .coding = CODING_GZIP, .is_negotiated = true};
    rep = represent(file);
    traits = (struct representation_traits){.site = &site};
    assert_slice(rep->type, "text/html; charset=utf-8");
    assert_slice(rep->vary_line, "Vary: Accept-Encoding\r\n");
    assert_slice(rep->validator_lines, "Last-Modified: Mon, 05 Jan 1987 18:48:32 GMT\r\n"
                                       "ETag: \"3-20000000.0-gz\"\r\nVary: Accept-Encoding\r\n");
    assert_slice(rep->other_lines, "Content-Encoding: gzip\r\nAccept-Ranges: bytes\r\n"
                                   "X-Content-Type-Options: nosniff\r\n");
    open_file_unref(file);
}

static void it_is_settled_until_the_file_is_looked_at_again(void **state)
{
    struct open_file *file = make_file("a.html", "xyz", 3, (struct timespec){.tv_sec = 0x20000000});

    assert_null(representation_settled(file));
    (void)represent(file);
    assert_null(representation_settled(file));
    representation_settle(file);
    assert_ptr_equal(representation_settled(file), file->attachment);
    file->checks++;
    assert_null(representation_settled(file));
    open_file_unref(file);
}

static void equal_files_have_equal_tags_whatever_their_inode(void **state)
{
    static const struct {
        uint64_t size;
        struct timespec mtime;
    } rows[] = {
        {5, {.tv_sec = 1000000100, .tv_nsec = 7}}, {6, {.tv_sec = 1000000100, .tv_nsec = 7}},
        {5, {.tv_sec = 1000000101, .tv_nsec = 7}}, {5, {.tv_sec = 1000000100, .tv_nsec = 8}},
        {5, {.tv_sec = 1000000100, .tv_nsec = 0}},
    };
    struct slice tags[COUNT_OF(rows)];
    struct open_file *files[COUNT_OF(rows)];

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct open_file *same = make_file("b", NULL, rows[i].size, rows[i].mtime);

        files[i] = make_file("a", NULL, rows[i].size, rows[i].mtime);
        files[i]->stamp.inode = i + 1;
        same->stamp.inode = i + 100;
        same->stamp.device = 5;
        tags[i] = represent(files[i])->validators.etag;
        assert_true(slice_equal(tags[i], represent(same)->validators.etag));
        for (size_t j = 0; j < i; j++)
            assert_false(slice_equal(tags[i], tags[j]));
        open_file_unref(same);
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        open_file_unref(files[i]);
}

/* RFC 9110 section 8.8.2.1: not later than the Date of the answer. */
static void a_time_that_cannot_be_said_is_not_said(void **state)
{
    static const struct {
        time_t mtime;
        bool is_said;
    } rows[] = {{NOW - 1, true}, {NOW, true}, {NOW + 1, false},
                {0, false},      {-1, false}, {-5, false}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct open_file *file = make_file("a", "x", 1, (struct timespec){.tv_sec = rows[i].mtime});
        const struct representation *rep = represent(file);
        bool is_said = slice_starts_with(rep->validator_lines, SLICE_LITERAL("Last-Modified: "));

        assert_int_equal(is_said, rows[i].is_said);
        assert_int_equal(rep->validators.mtime, is_said ? rows[i].mtime : -1);
        open_file_unref(file);
    }
}

static void a_tag_is_left_out_where_none_is_wanted(void **state)
{
    struct open_file *file = make_file("a.html", "xyz", 3, (struct timespec){.tv_sec = NOW});
    const struct representation *rep;

    site.etag = ETAG_OFF;
    rep = represent(file);
    site.etag = ETAG_MTIME;
    assert_int_equal(rep->validators.etag.len, 0);
    assert_slice(rep->validator_lines, "Last-Modified: " NOW_DATE "\r\n");
    open_file_unref(file);
}

static void a_charset_is_added_to_text_that_has_none(void **state)
{
    static const struct {
        const char *path, *type;
    } rows[] = {{"a.html", "text/html; charset=utf-8"},
                {"a.own", "text/plain; charset=iso-8859-1"},
                {"a.bin", "application/octet-stream"}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct open_file *file = make_file(rows[i].path, "x", 1, (struct timespec){0});

        assert_slice(represent(file)->type, rows[i].type);
        open_file_unref(file);
    }
    settings.charset = slice_of(NULL, 0);
    {
        struct open_file *file = make_file("a.html", "x", 1, (struct timespec){0});

        assert_slice(represent(file)->type, "text/html");
        open_file_unref(file);
    }
    settings.charset = SLICE_LITERAL("utf-8");
}

static void a_type_of_absurd_length_is_not_sent(void **state)
{
    for (size_t len = 200; len < 600; len += 1) {
        static char text[600];
        struct open_file *file = make_file("a.absurd", "x", 1, (struct timespec){.tv_sec = 1});
        const struct representation *rep;
        struct slice whole;

        memset(text, 't', len);
        assert_int_equal(mime_types_add(mime_types, SLICE_LITERAL("absurd"), slice_of(text, len)),
                         0);
        rep = represent(file);
        assert_true(rep->type.len == len ||
                    slice_equal(rep->type, SLICE_LITERAL("application/octet-stream")));
        assert_int_equal(rep->type_line.len, rep->type.len + 16);
        whole = representation_whole(file, SLICE_LITERAL("Connection: keep-alive\r\n"), NOW,
                                     NOW_DATE);
        assert_true(whole.len > 0);
        assert_memory_equal(whole.data, "HTTP/1.1 200 OK\r\n", 17);
        open_file_unref(file);
    }
}

static void the_largest_numbers_fit(void **state)
{
    struct open_file *file = make_file(
        "a", NULL, UINT64_MAX, (struct timespec){.tv_sec = INT64_MAX, .tv_nsec = 999999999});
    const struct representation *rep = represent(file);

    assert_slice(rep->length_line, "Content-Length: 18446744073709551615\r\n");
    assert_slice(rep->validators.etag, "\"ffffffffffffffff-7fffffffffffffff.3b9ac9ff\"");
    open_file_unref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_say_what_the_file_is),
        cmocka_unit_test(head_and_body_in_memory_are_one_piece),
        cmocka_unit_test(the_date_is_renewed_unless_an_old_one_is_being_sent),
        cmocka_unit_test(the_front_says_what_becomes_of_the_connection),
        cmocka_unit_test(a_coding_has_its_own_tag_and_the_type_of_what_is_encoded),
        cmocka_unit_test(it_is_settled_until_the_file_is_looked_at_again),
        cmocka_unit_test(equal_files_have_equal_tags_whatever_their_inode),
        cmocka_unit_test(a_time_that_cannot_be_said_is_not_said),
        cmocka_unit_test(a_tag_is_left_out_where_none_is_wanted),
        cmocka_unit_test(a_charset_is_added_to_text_that_has_none),
        cmocka_unit_test(a_type_of_absurd_length_is_not_sent),
        cmocka_unit_test(the_largest_numbers_fit),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
