/* SPDX-License-Identifier: MIT */
/* test_path.c - what becomes of the path of a request target before any file is touched. */
#include "support/unit.h"

#include "base/macros.h"
#include "base/writer.h"
#include "file/path.h"

#include <errno.h>
#include <stdlib.h>

/* Blocks of exactly the size promised, for a sanitizer to watch over. */
struct decoded {
    char *raw, *out;
    struct slice path;
    int err;
};

static struct decoded decode(struct slice raw)
{
    struct decoded d = {.raw = malloc(raw.len + 1), .out = malloc(raw.len + 1)};

    assert_non_null(d.raw);
    assert_non_null(d.out);
    d.raw = realloc(d.raw, raw.len ? raw.len : 1);
    d.out = realloc(d.out, raw.len ? raw.len : 1);
    assert_non_null(d.raw);
    assert_non_null(d.out);
    if (raw.len > 0)
        memcpy(d.raw, raw.data, raw.len);
    d.path = SLICE_LITERAL("untouched");
    d.err = path_decode(slice_of(d.raw, raw.len), d.out, &d.path);
    return d;
}

static void decoded_free(struct decoded *d)
{
    free(d->raw);
    free(d->out);
}

struct row {
    const char *raw, *path; /* path NULL: refused */
    int err;
};

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct decoded d = decode(slice_from_string(rows[i].raw));

        if (d.err != rows[i].err)
            fail_msg("'%s': %d, expected %d", rows[i].raw, d.err, rows[i].err);
        if (!slice_equal(d.path, slice_from_string(rows[i].err ? "untouched" : rows[i].path)))
            fail_msg("'%s': '%.*s', expected '%s'", rows[i].raw, SLICE_PRINTF(d.path),
                     rows[i].path);
        decoded_free(&d);
    }
}

static void plain_paths_lose_their_first_slash(void **state)
{
    static const struct row rows[] = {
        {"/", "", 0},
        {"/a", "a", 0},
        {"/a/b.html", "a/b.html", 0},
        {"/a/", "a/", 0},
        {"/a+b", "a+b", 0}, /* a plus is no blank in a path */
        {"/a\\..\\b", "a\\..\\b", 0},
        {"/~user/!$&'()*,;=:@", "~user/!$&'()*,;=:@", 0},
        {"/a b", "a b", 0},
        {"/C:/x", "C:/x", 0},
        {"", NULL, -EINVAL},
        {"a", NULL, -EINVAL},
        {"*", NULL, -EINVAL},
    };

    check(rows, COUNT_OF(rows));
}

static void escapes_are_decoded_exactly_once(void **state)
{
    static const struct row rows[] = {
        {"/%61", "a", 0},
        {"/%6a%6A", "jj", 0},
        {"/a%20b", "a b", 0},
        {"/%2541", "%41", 0},
        {"/%252e%252e/", "%2e%2e/", 0},
        {"/%25252e", "%252e", 0},
        {"/a%2Fb", "a/b", 0},
        {"/%2F", "", 0},
        {"/%3Fa%23b", "?a#b", 0},
        {"/%2B", "+", 0},
        {"/%5c", "\\", 0},
        {"/%0d%0a", "\r\n", 0},
        {"/%7f", "\x7f", 0},
        {"/100%25", "100%", 0},
    };

    check(rows, COUNT_OF(rows));
}

static void malformed_escapes_are_refused(void **state)
{
    static const struct row rows[] = {
        {"/%", NULL, -EINVAL},          {"/%4", NULL, -EINVAL},     {"/%g1", NULL, -EINVAL},
        {"/%1g", NULL, -EINVAL},        {"/%%41", NULL, -EINVAL},   {"/% 41", NULL, -EINVAL},
        {"/%+1", NULL, -EINVAL},        {"/%-1", NULL, -EINVAL},    {"/%0x", NULL, -EINVAL},
        {"/a/%zz/../b", NULL, -EINVAL}, {"/%u0041", NULL, -EINVAL}, {"/abc%2", NULL, -EINVAL},
        {"/%/41", NULL, -EINVAL},       {"/%4/1", NULL, -EINVAL},
    };

    check(rows, COUNT_OF(rows));
}

static void a_nul_is_refused_in_any_form(void **state)
{
    static const struct row rows[] = {
        {"/%00", NULL, -EINVAL},
        {"/a.html%00.jpg", NULL, -EINVAL},
        {"/a/%00/../b", NULL, -EINVAL},
        {"/%2500", "%00", 0}, /* the name of a file */
    };
    struct decoded d = decode(slice_of("/a\0b", 4));

    assert_int_equal(d.err, -EINVAL);
    decoded_free(&d);
    check(rows, COUNT_OF(rows));
}

static void dot_segments_are_resolved(void **state)
{
    static const struct row rows[] = {
        {"/.", "", 0},
        {"/./", "", 0},
        {"/./a", "a", 0},
        {"/a/.", "a/", 0},
        {"/a/./b", "a/b", 0},
        {"/a/././b/./", "a/b/", 0},
        {"/a/..", "", 0},
        {"/a/../", "", 0},
        {"/a/../b", "b", 0},
        {"/a/b/..", "a/", 0},
        {"/a/b/../", "a/", 0},
        {"/a/b/../../c", "c", 0},
        {"/a/b/c/../../d/../e", "a/e", 0},
        {"/a/%2e%2e/b", "b", 0},
        {"/a/.%2e/b", "b", 0},
        {"/a/%2E./b", "b", 0},
        {"/a/%2e/b", "a/b", 0},
        {"/a%2f..%2fb", "b", 0},
        {"/a/b%2f%2e%2e", "a/", 0},
        {"/long-name-1/../x", "x", 0},
    };

    check(rows, COUNT_OF(rows));
}

static void nothing_leads_above_the_root(void **state)
{
    static const struct row rows[] = {
        {"/..", NULL, -EXDEV},
        {"/../", NULL, -EXDEV},
        {"/../etc/passwd", NULL, -EXDEV},
        {"/../../../../etc/passwd", NULL, -EXDEV},
        {"/%2e%2e/", NULL, -EXDEV},
        {"/%2e%2e/%2e%2e/etc/passwd", NULL, -EXDEV},
        {"/.%2e/", NULL, -EXDEV},
        {"/%2e.", NULL, -EXDEV},
        {"/a/../..", NULL, -EXDEV},
        {"/a/../../b", NULL, -EXDEV},
        {"/a/..%2f..%2fx", NULL, -EXDEV},
        {"/a/%2e%2e/%2e%2e/", NULL, -EXDEV},
        {"/./..", NULL, -EXDEV},
        {"//..", NULL, -EXDEV},
        {"/a//../..", NULL, -EXDEV}, /* an empty segment is none: "a" is left, then the root */
        {"/..%2f", NULL, -EXDEV},
        {"/%2f../x", NULL, -EXDEV},
        {"/%2e%2e%2f%2e%2e%2fetc%2fpasswd", NULL, -EXDEV},
        {"/a/../../a/b", NULL, -EXDEV}, /* even when it comes back */
    };

    check(rows, COUNT_OF(rows));
}

static void empty_segments_vanish(void **state)
{
    static const struct row rows[] = {
        {"//", "", 0},           {"///a", "a", 0},
        {"/a//b", "a/b", 0},     {"/a//", "a/", 0},
        {"//a//b//", "a/b/", 0}, {"/a/%2f/b", "a/b", 0},
        {"/a%2f/b", "a/b", 0},   {"//evil.example/", "evil.example/", 0},
        {"/a//./b", "a/b", 0},   {"/a/.//b", "a/b", 0},
        {"/a//../b", "b", 0},
    };

    check(rows, COUNT_OF(rows));
}

static void names_of_dots_and_more_are_names(void **state)
{
    static const struct row rows[] = {
        {"/...", "...", 0},
        {"/.../x", ".../x", 0},
        {"/..a", "..a", 0},
        {"/a..", "a..", 0},
        {"/a./b.", "a./b.", 0},
        {"/a/...", "a/...", 0},
        {"/..../", "..../", 0},
        {"/.a", ".a", 0},
        {"/.. /x", ".. /x", 0},
        {"/..%20/x", ".. /x", 0},
        {"/..;/x", "..;/x", 0},
        {"/..%5c..%5cx", "..\\..\\x", 0},
        {"/.git/config", ".git/config", 0},
        {"/a/..%0a/b", "a/..\n/b", 0},
        {"/a.", "a.", 0},
        {"/ .", " .", 0},
    };

    check(rows, COUNT_OF(rows));
}

static void utf8_is_taken_raw_and_encoded(void **state)
{
    static const struct row rows[] = {
        {"/\xe4\xb8\xad\xe6\x96\x87", "\xe4\xb8\xad\xe6\x96\x87", 0},
        {"/%E4%B8%AD%E6%96%87%20%e6%b5%8b%e8%af%95.html",
         "\xe4\xb8\xad\xe6\x96\x87 \xe6\xb5\x8b\xe8\xaf\x95.html", 0},
        {"/\xe4%b8\xad", "\xe4\xb8\xad", 0}, /* half raw, half encoded */
        {"/\xf0\x9f\x98\x80.png", "\xf0\x9f\x98\x80.png", 0},
        {"/%F0%9F%98%80", "\xf0\x9f\x98\x80", 0},
        {"/caf\xc3\xa9/", "caf\xc3\xa9/", 0},
        {"/cafe\xcc\x81", "cafe\xcc\x81", 0}, /* not normalised: another name */
        {"/%C2%80", "\xc2\x80", 0},
        {"/%DF%BF", "\xdf\xbf", 0},
        {"/%E0%A0%80", "\xe0\xa0\x80", 0},
        {"/%ED%9F%BF", "\xed\x9f\xbf", 0},
        {"/%EE%80%80", "\xee\x80\x80", 0},
        {"/%EF%BF%BF", "\xef\xbf\xbf", 0},
        {"/%F0%90%80%80", "\xf0\x90\x80\x80", 0},
        {"/%F4%8F%BF%BF", "\xf4\x8f\xbf\xbf", 0},
        {"/%EF%BB%BFa",
         "\xef\xbb\xbf"
         "a",
         0},
        {"/%E2%80%A5/x", "\xe2\x80\xa5/x", 0}, /* TWO DOT LEADER is not ".." */
        {"/%EF%BC%8F", "\xef\xbc\x8f", 0},     /* FULLWIDTH SOLIDUS is not "/" */
    };

    check(rows, COUNT_OF(rows));
}

static void bad_utf8_is_refused(void **state)
{
    static const struct row rows[] = {
        {"/%80", NULL, -EINVAL}, /* a continuation alone */
        {"/a%BF", NULL, -EINVAL},
        {"/%C0%AE", NULL, -EINVAL}, /* overlong "." */
        {"/%C0%AE%C0%AE/", NULL, -EINVAL},
        {"/%C0%AF", NULL, -EINVAL}, /* overlong "/" */
        {"/%C1%BF", NULL, -EINVAL},
        {"/%E0%80%AE", NULL, -EINVAL},
        {"/%E0%9F%BF", NULL, -EINVAL},
        {"/%F0%80%80%AF", NULL, -EINVAL},
        {"/%F0%8F%BF%BF", NULL, -EINVAL},
        {"/%C0%80", NULL, -EINVAL},    /* overlong NUL */
        {"/%ED%A0%80", NULL, -EINVAL}, /* surrogates */
        {"/%ED%BF%BF", NULL, -EINVAL},
        {"/%ED%A0%BD%ED%B8%80", NULL, -EINVAL}, /* a pair of them, CESU-8 */
        {"/%F4%90%80%80", NULL, -EINVAL},       /* above U+10FFFF */
        {"/%F5%80%80%80", NULL, -EINVAL},
        {"/%F8%88%80%80%80", NULL, -EINVAL}, /* forms of five and six bytes */
        {"/%FC%84%80%80%80%80", NULL, -EINVAL},
        {"/%FE", NULL, -EINVAL},
        {"/%FF", NULL, -EINVAL},
        {"/%C3", NULL, -EINVAL}, /* truncated, at the end and within */
        {"/%E4%B8", NULL, -EINVAL},
        {"/%F0%9F%98", NULL, -EINVAL},
        {"/%E4%B8/a", NULL, -EINVAL},
        {"/%E4/%B8%AD", NULL, -EINVAL},
        {"/%C3a", NULL, -EINVAL},
        {"/%E4%B8%ADx%AD", NULL, -EINVAL},
        {"/%FF/../a", NULL, -EINVAL}, /* even where it would be dropped */
        {"/\xff", NULL, -EINVAL},     /* raw ones take the other way */
        {"/\xc0\xae", NULL, -EINVAL},
        {"/\xed\xa0\x80", NULL, -EINVAL},
        {"/\xf4\x90\x80\x80", NULL, -EINVAL},
        {"/a/\xe4\xb8", NULL, -EINVAL},
        {"/\xe4\xb8", NULL, -EINVAL},
        {"/\xc3", NULL, -EINVAL},
        {"/\x80", NULL, -EINVAL},
        {"/\xf0\x9f\x98/x", NULL, -EINVAL},
    };

    check(rows, COUNT_OF(rows));
}

static void every_code_point_is_judged_right(void **state)
{
    for (unsigned lead = 0x80; lead < 0x100; lead++) {
        for (unsigned second = 0; second < 0x100; second++) {
            char raw[] = {'/', (char)lead, (char)second, (char)0xbf, (char)0x80};
            unsigned len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
            unsigned bits = lead & (0x7f >> len);
            unsigned code = bits;
            bool valid = lead >= 0xc0 && lead < 0xf8 && (second & 0xc0) == 0x80;
            static const unsigned lowest[] = {[2] = 0x80, [3] = 0x800, [4] = 0x10000};

            for (unsigned i = 1; i < len; i++)
                code = code << 6 | ((unsigned char)raw[1 + i] & 0x3f);
            valid = valid && code >= lowest[len] && code <= 0x10ffff &&
                    (code < 0xd800 || code > 0xdfff);

            struct decoded d = decode(slice_of(raw, 1 + len));
            assert_int_equal(d.err, valid ? 0 : -EINVAL);
            decoded_free(&d);
        }
    }
}

static void a_path_that_needs_nothing_is_not_copied(void **state)
{
    static const struct {
        const char *raw;
        bool is_copied;
    } rows[] = {
        {"/", false},    {"/a/b.html", false}, {"/a/", false},       {"/.well-known/x", false},
        {"/...", false}, {"/a/..b", false},    {"/\xc3\xa9", false}, {"/%61", true},
        {"/a//b", true}, {"/a/./b", true},     {"/a/b/..", true},    {"/.", true},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct decoded d = decode(slice_from_string(rows[i].raw));

        assert_int_equal(d.err, 0);
        assert_ptr_equal(d.path.data, rows[i].is_copied ? d.out : d.raw + 1);
        decoded_free(&d);
    }
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

/* Escaping every byte forces the long way, which has to agree with the short one. */
static void short_way_and_long_way_agree(void **state)
{
    static const char alphabet[] = "////....ab\xc3\xa9";
    uint32_t seed = 1;

    for (unsigned round = 0; round < 50000; round++) {
        char plain[24] = "/";
        char escaped[3 * sizeof(plain)] = "/";
        size_t len = 1 + next_random(&seed) % (sizeof(plain) - 1);
        struct writer w = writer_on(escaped, sizeof(escaped));

        w.len = 1;
        for (size_t i = 1; i < len; i++) {
            plain[i] = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
            writer_format(&w, "%%%02x", (unsigned char)plain[i]);
        }
        assert_false(w.overflow);

        struct decoded a = decode(slice_of(plain, len));
        struct decoded b = decode(writer_content(&w));
        assert_int_equal(a.err, b.err);
        assert_true(slice_equal(a.path, b.path));
        decoded_free(&a);
        decoded_free(&b);
    }
}

/* What came out, escaped for a URL, comes out of it again as it is. */
static void a_decoded_path_survives_another_round(void **state)
{
    static const char *const parts[] = {"/",   "..",           ".", "a", "%2f", "%2e", "%25",
                                        "%20", "\xe4\xb8\xad", "+"};
    uint32_t seed = 2;

    for (unsigned round = 0; round < 50000; round++) {
        char raw[64];
        char again[256] = "/";
        struct writer w = writer_on(raw, sizeof(raw));
        struct writer url = writer_on(again, sizeof(again));

        writer_char(&w, '/');
        for (unsigned n = next_random(&seed) % 12; n > 0; n--)
            writer_string(&w, parts[next_random(&seed) % COUNT_OF(parts)]);
        struct decoded first = decode(writer_content(&w));
        if (!first.err) {
            url.len = 1;
            writer_url_escaped(&url, first.path);
            struct decoded second = decode(writer_content(&url));
            assert_int_equal(second.err, 0);
            assert_true(slice_equal(second.path, first.path));
            decoded_free(&second);
        }
        decoded_free(&first);
    }
}

static void hidden_names_are_found(void **state)
{
    static const struct {
        const char *path;
        bool is_hidden;
    } rows[] = {
        {"", false},
        {"a", false},
        {"a.b/c.d", false},
        {"a./b", false},
        {".git", true},
        {".git/config", true},
        {".htaccess", true},
        {"a/.env", true},
        {"a/b/.x/c", true},
        {"...", true},
        {"a/..b", true},
        {".well-known", false},
        {".well-known/", false},
        {".well-known/acme-challenge/x.y", false},
        {".well-known/.git", true},
        {".well-known/a/.b", true},
        {".well-known/.well-known", true},
        {".well-knownx", true},
        {".well-known.d/x", true},
        {".well-know", true},
        {".Well-Known/x", true}, /* names of files have a case */
        {"a/.well-known/x", true},
        {"a/", false},
        {"a/.", true},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (path_is_hidden(slice_from_string(rows[i].path)) != rows[i].is_hidden)
            fail_msg("'%s'", rows[i].path);
    }
    assert_false(path_is_hidden(slice_of(NULL, 0)));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_paths_lose_their_first_slash),
        cmocka_unit_test(escapes_are_decoded_exactly_once),
        cmocka_unit_test(malformed_escapes_are_refused),
        cmocka_unit_test(a_nul_is_refused_in_any_form),
        cmocka_unit_test(dot_segments_are_resolved),
        cmocka_unit_test(nothing_leads_above_the_root),
        cmocka_unit_test(empty_segments_vanish),
        cmocka_unit_test(names_of_dots_and_more_are_names),
        cmocka_unit_test(utf8_is_taken_raw_and_encoded),
        cmocka_unit_test(bad_utf8_is_refused),
        cmocka_unit_test(every_code_point_is_judged_right),
        cmocka_unit_test(a_path_that_needs_nothing_is_not_copied),
        cmocka_unit_test(short_way_and_long_way_agree),
        cmocka_unit_test(a_decoded_path_survives_another_round),
        cmocka_unit_test(hidden_names_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
