/* SPDX-License-Identifier: MIT */
/* test_mime_types.c - extensions to media types. */
#include "support/unit.h"

#include "base/macros.h"
#include "file/mime_types.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* The allocation after so many more fails; -1: none does. */
static int fail_after = -1;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool is_out_of_memory(void)
{
    return fail_after >= 0 && fail_after-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return is_out_of_memory() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_out_of_memory() ? NULL : __real_calloc(count, size);
}

static struct slice slice(const char *text)
{
    return slice_from_string(text);
}

static struct mime_types *make_types(void)
{
    static const char *const rows[][2] = {
        {"html", "text/html"},
        {"tar.gz", "application/x-tgz"},
        {"gz", "application/gzip"},
        {"JS", "text/javascript"},
        {"webmanifest", "application/manifest+json"},
        {"7z", "application/x-7z-compressed"},
        {"min.js", "text/x-min"},
    };
    struct mime_types *types = mime_types_create(COUNT_OF(rows), slice("application/octet-stream"));

    assert_non_null(types);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(mime_types_add(types, slice(rows[i][0]), slice(rows[i][1])), 0);
    return types;
}

static void assert_type(const struct mime_types *types, const char *path, const char *expected)
{
    struct slice got = mime_types_lookup(types, slice(path));

    if (!slice_equal(got, slice(expected)))
        fail_msg("'%s': '%.*s', expected '%s'", path, SLICE_PRINTF(got), expected);
}

static void the_longest_known_extension_wins(void **state)
{
    static const char none[] = "application/octet-stream";
    static const struct {
        const char *path, *type;
    } rows[] = {
        {"a.html", "text/html"},
        {"a/b.html", "text/html"},
        {"a.b/c.html", "text/html"},
        {"a.tar.gz", "application/x-tgz"},
        {"a.b.tar.gz", "application/x-tgz"},
        {"a.star.gz", "application/gzip"},
        {"tar.gz", "application/gzip"}, /* "tar" is the name here */
        {".tar.gz", "application/gzip"},
        {"a.gz", "application/gzip"},
        {"a.tar", none},
        {"jquery.min.js", "text/x-min"},
        {"a.js", "text/javascript"},
        {"a.7z", "application/x-7z-compressed"},
        {"site.webmanifest", "application/manifest+json"},
        {"", none},
        {"a", none},
        {".", none},
        {"..", none},
        {"html", none},
        {".html", none}, /* a hidden file without an extension */
        {"a/.html", none},
        {"a.html/b", none}, /* of the last segment only */
        {"a.html/", none},
        {"a.", none},
        {"a.html.", none},
        {"a.htm", none},
        {"a.xhtml", none},
        {"a..html", "text/html"},
        {"..html", "text/html"}, /* the dot is the second byte */
        {"a.unknown", none},
        {"\xe4\xb8\xad.html", "text/html"},
        {"a.\xe4\xb8\xad", none},
        {"x.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.html", "text/html"},
    };
    struct mime_types *types = make_types();

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_type(types, rows[i].path, rows[i].type);
    mime_types_destroy(types);
}

static void letter_case_is_ignored(void **state)
{
    struct mime_types *types = make_types();

    assert_type(types, "A.HTML", "text/html");
    assert_type(types, "A.HtMl", "text/html");
    assert_type(types, "a.js", "text/javascript");
    assert_type(types, "a.TAR.Gz", "application/x-tgz");
    mime_types_destroy(types);
}

static void a_later_row_replaces_an_earlier_one(void **state)
{
    struct mime_types *types = make_types();

    assert_int_equal(mime_types_add(types, slice("HTML"), slice("text/x-other")), 0);
    assert_type(types, "a.html", "text/x-other");
    mime_types_destroy(types);
}

static void the_table_owns_its_texts(void **state)
{
    char extension[] = "abc";
    char type[] = "x/abc";
    char default_type[] = "x/none";
    struct mime_types *types = mime_types_create(0, slice(default_type));

    assert_non_null(types);
    assert_int_equal(mime_types_add(types, slice(extension), slice(type)), 0);
    memset(extension, 'z', 3);
    memset(type, 'z', 5);
    memset(default_type, 'z', 6);
    assert_type(types, "f.abc", "x/abc");
    assert_type(types, "f.zzz", "x/none");
    mime_types_destroy(types);
}

static void a_table_grows_past_its_hint(void **state)
{
    struct mime_types *types = mime_types_create(1, slice("x/none"));
    char extension[16];
    char path[32];
    char type[32];

    assert_non_null(types);
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(extension, sizeof(extension), "e%u", i);
        snprintf(type, sizeof(type), "x/%u", i);
        assert_int_equal(mime_types_add(types, slice(extension), slice(type)), 0);
    }
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(path, sizeof(path), "dir/file.E%u", i);
        snprintf(type, sizeof(type), "x/%u", i);
        assert_type(types, path, type);
    }
    assert_type(types, "file.e5000", "x/none");
    mime_types_destroy(types);
}

static void lengths_at_the_limit_of_a_name_are_fine(void **state)
{
    struct mime_types *types = mime_types_create(4, slice("x/none"));
    char longest[256];
    char name[1024];

    assert_non_null(types);
    memset(longest, 'a', sizeof(longest));
    assert_int_equal(mime_types_add(types, slice_of(longest, 255), slice("x/255")), 0);
    assert_int_equal(mime_types_add(types, slice_of(longest, 256), slice("x/256")), 0);
    memset(name, 'a', sizeof(name));
    name[1] = '.';
    assert_true(slice_equal(mime_types_lookup(types, slice_of(name, 257)), slice("x/255")));
    assert_true(slice_equal(mime_types_lookup(types, slice_of(name, 258)), slice("x/none")));
    memset(name, '.', sizeof(name));
    assert_true(slice_equal(mime_types_lookup(types, slice_of(name, 1024)), slice("x/none")));
    mime_types_destroy(types);
}

static void an_empty_table_knows_the_default_only(void **state)
{
    struct mime_types *types = mime_types_create(0, slice("x/none"));

    assert_non_null(types);
    assert_type(types, "a.html", "x/none");
    assert_type(types, "a.", "x/none");
    assert_type(types, "", "x/none");
    mime_types_destroy(types);
    mime_types_destroy(NULL);
}

static void a_hint_is_taken(void **state)
{
    struct mime_types *types = mime_types_create(1000, slice("x/none"));

    assert_non_null(types);
    for (unsigned i = 0; i < 1000; i++) {
        char extension[16];

        snprintf(extension, sizeof(extension), "%u", i);
        fail_after = 1; /* the row has one block, and the table need not grow */
        assert_int_equal(mime_types_add(types, slice(extension), slice("x/y")), 0);
        assert_int_equal(fail_after, 0);
    }
    fail_after = -1;
    assert_type(types, "a.999", "x/y");
    mime_types_destroy(types);
}

static void without_memory_nothing_is_lost(void **state)
{
    struct mime_types *types = NULL;
    char extension[16];
    char path[32];

    for (int n = 0; !types; n++) {
        assert_in_range(n, 0, 5);
        fail_after = n;
        types = mime_types_create(0, slice("x/none"));
        assert_true(types || fail_after == -1);
    }
    for (unsigned i = 0; i < 100; i++) {
        int err = -ENOMEM;

        snprintf(extension, sizeof(extension), "e%u", i);
        for (int n = 0; err; n++) {
            fail_after = n;
            err = mime_types_add(types, slice(extension), slice("x/y"));
            assert_true(err == 0 || (err == -ENOMEM && fail_after == -1));
            fail_after = -1;
            snprintf(path, sizeof(path), "a.e%u", i);
            assert_type(types, path, err ? "x/none" : "x/y");
            snprintf(path, sizeof(path), "a.e%u", i ? i - 1 : 0);
            assert_type(types, path, i || !err ? "x/y" : "x/none");
        }
    }
    mime_types_destroy(types);
}

static void text_wants_a_charset_but_for_xml_and_json(void **state)
{
    static const struct {
        const char *type;
        bool wants;
    } rows[] = {
        {"text/html", true},
        {"text/plain", true},
        {"TEXT/CSS", true},
        {"text/javascript", true},
        {"application/javascript", true},
        {"Application/JSON", false},
        {"application/manifest+json", false},
        {"application/ld+json", false},
        {"application/xml", false},
        {"application/xhtml+xml", false},
        {"application/rss+xml", false},
        {"image/svg+xml", false},
        {"text/xml", false},
        {"Text/XML", false},
        {"text/xml-external-parsed-entity", true},
        {"text/html; charset=gbk", false}, /* it has one, or something else of its own */
        {"text/html;charset=gbk", false},
        {"", false},
        {"text/", false},
        {"text", false},
        {"textual/x", false},
        {"+json", false},
        {"application/octet-stream", false},
        {"application/jsonx", false},
        {"application/xml+zip", false},
        {"image/png", false},
        {"application/wasm", false},
        {"font/woff2", false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (mime_type_wants_charset(slice(rows[i].type)) != rows[i].wants)
            fail_msg("'%s'", rows[i].type);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_known_extension_wins),
        cmocka_unit_test(letter_case_is_ignored),
        cmocka_unit_test(a_later_row_replaces_an_earlier_one),
        cmocka_unit_test(the_table_owns_its_texts),
        cmocka_unit_test(a_table_grows_past_its_hint),
        cmocka_unit_test(lengths_at_the_limit_of_a_name_are_fine),
        cmocka_unit_test(an_empty_table_knows_the_default_only),
        cmocka_unit_test(a_hint_is_taken),
        cmocka_unit_test(without_memory_nothing_is_lost),
        cmocka_unit_test(text_wants_a_charset_but_for_xml_and_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
