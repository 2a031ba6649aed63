/* SPDX-License-Identifier: MIT */
/* test_cache_policy.c - which names are hashes, and how long files may be kept. */
#include "support/unit.h"

#include "base/macros.h"
#include "http/cache_policy.h"

static void names_that_bundlers_make_are_hashed(void **state)
{
    static const char *const names[] = {
        "main.3f2a9b1c.js",
        "assets/index-BfGx3k2_.js",
        "static/js/main.8f3e2d1c9a7b.chunk.js",
        "main-4ABCD1Z3.js",
        "app-5XJ3KZLQ8.css",
        "css/main.min.2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae.css",
        "application-5d41402abc4b2a76b9719d911017c592.css",
        "_next/static/chunks/117-0e4b9f2f3a1c.js",
        "chunks/0123456789abcdef.js",
        "inter-latin.a1b2c3d4.WOFF2",
        "logo.0a1b2c3d.svg",
        "main.3f2a9b1c.js.map",
    };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (!cache_policy_is_hashed(slice_from_string(names[i])))
            fail_msg("%s", names[i]);
    }
}

static void words_dates_and_versions_are_no_hashes(void **state)
{
    static const char *const names[] = {
        "app.js",
        "jquery.min.js",
        "jquery-3.7.1.min.js",
        "css/bootstrap5.css",
        "my-bootstrap5.min.css",
        "font-awesome6solid.css",
        "my-MyView3D.js",
        "my-Part20240115T.js",
        "report-20240115.css",
        "photo.1234567890.jpg",
        "background.jpg",
        "accede-facade-decade.js",
        "polyfills-es2015.js",
        "UltraLongName.ComponentName.js",
        "a.3f2a9b1.js",  /* seven */
        "3f2a9b1c.js",   /* all of the name, and short */
        "main.3f2a9b1c", /* no extension */
        "main.3f2a9b1c.html",
        "main.3f2a9b1c.pdf",
        "3f2a9b1c4d5e6f7a/app.js", /* a folder */
        "",
        ".js",
        "a.",
        "-.js",
    };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (cache_policy_is_hashed(slice_from_string(names[i])))
            fail_msg("%s", names[i]);
    }
}

static void what_names_other_files_is_asked_for_each_time(void **state)
{
    static const struct {
        const char *path, *type, *expected;
    } rows[] = {
        {"index.html", "text/html; charset=utf-8", "no-cache"},
        {"a/page", "text/html", "no-cache"},
        {"a.xhtml", "application/xhtml+xml", "no-cache"},
        {"sw.js", "text/javascript", "no-cache"},
        {"app/Service-Worker.js", "text/javascript", "no-cache"},
        {"manifest.json", "application/json", "no-cache"},
        {"site.webmanifest", "application/manifest+json", "no-cache"},
        {"page.3f2a9b1c.html", "text/html", "no-cache"},
        {"app.3f2a9b1c.js", "text/javascript", "public, max-age=31536000, immutable"},
        {"app.js", "text/javascript", "max-age=0, must-revalidate"},
        {"photo.jpg", "image/jpeg", "max-age=0, must-revalidate"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *got = cache_policy_of(slice_from_string(rows[i].path),
                                          slice_from_string(rows[i].type));

        assert_string_equal(got, rows[i].expected);
        assert_true(strlen(got) <= CACHE_POLICY_LENGTH_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_bundlers_make_are_hashed),
        cmocka_unit_test(words_dates_and_versions_are_no_hashes),
        cmocka_unit_test(what_names_other_files_is_asked_for_each_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
