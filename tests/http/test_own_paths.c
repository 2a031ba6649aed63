/* SPDX-License-Identifier: MIT */
/* test_own_paths.c - names, methods, and who may ask. */
#include "support/unit.h"

#include "http/own_paths.h"

#include <string.h>

static struct handler one, other;
static struct own_paths paths;

static bool nobody(const struct http_context *http, const struct request *req,
                   const struct address *peer)
{
    return false;
}

static int set_up(void **state)
{
    memset(&paths, 0, sizeof(paths));
    own_paths_add(&paths, &(struct own_path){"-/one", &one, NULL});
    own_paths_add(&paths, &(struct own_path){"\xc3\xa4", &other, NULL});
    own_paths_add(&paths, &(struct own_path){"secret", &other, nobody});
    return 0;
}

static struct handler *find(enum http_method method, const char *name)
{
    const struct request req = {.method = method, .name = slice_from_string(name)};

    if (!own_paths_may_have(&paths, req.name))
        return NULL;
    return own_paths_find(&paths, NULL, &req, NULL);
}

static void a_name_leads_to_its_handler(void **state)
{
    assert_ptr_equal(find(METHOD_GET, "-/one"), &one);
    assert_ptr_equal(find(METHOD_HEAD, "-/one"), &one);
    assert_ptr_equal(find(METHOD_GET, "\xc3\xa4"), &other);
}

static void other_names_are_the_sites(void **state)
{
    assert_null(find(METHOD_GET, ""));
    assert_null(find(METHOD_GET, "-"));
    assert_null(find(METHOD_GET, "-/one/"));
    assert_null(find(METHOD_GET, "index.html"));
    assert_false(own_paths_may_have(&paths, SLICE_LITERAL("index.html")));
    assert_true(own_paths_may_have(&paths, SLICE_LITERAL("-x")));
}

static void other_methods_are_the_sites(void **state)
{
    assert_null(find(METHOD_POST, "-/one"));
    assert_null(find(METHOD_OPTIONS, "-/one"));
}

static void whoever_may_not_ask_learns_nothing(void **state)
{
    assert_null(find(METHOD_GET, "secret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_name_leads_to_its_handler, set_up),
        cmocka_unit_test_setup(other_names_are_the_sites, set_up),
        cmocka_unit_test_setup(other_methods_are_the_sites, set_up),
        cmocka_unit_test_setup(whoever_may_not_ask_learns_nothing, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
