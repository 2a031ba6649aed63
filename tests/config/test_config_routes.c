/* SPDX-License-Identifier: MIT */
/* test_config_routes.c - hosts and locations: what they inherit, what clashes, what is printed. */
#include "support/unit.h"

#include "config/config_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* The site of the location in the host of that number. */
static const struct route_config *route_of(const struct config *config, size_t host,
                                           const char *location)
{
    for (size_t i = 0; i < config->route_count; i++) {
        if (config->routes[i].host == host &&
            strcmp(config->routes[i].location->name, location) == 0)
            return &config->routes[i];
    }
    return NULL;
}

static const struct error_page_config *page_of(const struct site_config *site, unsigned status)
{
    for (size_t i = 0; i < site->error_page_count; i++) {
        if (site->error_pages[i].status == status)
            return &site->error_pages[i];
    }
    return NULL;
}

static void make_folders(void)
{
    assert_int_equal(mkdir("shop", 0755), 0);
    assert_int_equal(mkdir("manual", 0755), 0);
    fixture_write_text("www/404.html", "x");
    fixture_write_text("shop/404.html", "x");
    fixture_write_text("500.html", "y");
}

static const char site_text[] =
    "index = a.html b.html\nerror_page.404 = /404.html\n"
    "error_page.500 = 500.html\n"
    "[host Shop]\nserver_name = Shop.Example *.shop.example. default\n"
    "root = shop\n"
    "[location manual]\nhost = Shop\nprefix = /manual/\nroot = manual\n"
    "strip_prefix = on\nerror_page.404 =\nindex = c.html\n"
    "[location css]\nglob = *.css /x/**\nindex =\n"
    "[location old]\nprefix = /old\nredirect = 308 /new/$tail\n"
    "[location gone]\nprefix = /gone\nstatus = 410\nfallback = /404.html\n";

static void values_are_inherited_one_by_one(void **state)
{
    make_folders();
    const struct config *config = fixture_load_good(*state, site_text);
    const struct host_config *host = &config->hosts[0];
    const struct route_config *manual = route_of(config, 1, "manual");
    const struct route_config *css = route_of(config, 1, "css"),
                              *own_css = route_of(config, 0, "css");

    assert_int_equal(config->host_count, 1);
    assert_string_equal(host->name, "shop");
    assert_int_equal(host->server_names.count, 2);
    assert_string_equal(host->server_names.items[0], "shop.example");
    assert_string_equal(host->server_names.items[1], "*.shop.example");
    assert_true(host->is_default);
    assert_int_equal(config->root_count, 3);
    assert_string_equal(config->roots[host->site.root_number], host->site.root);
    assert_non_null(strstr(host->site.root, "/shop"));
    assert_int_equal(host->site.index.count, 2);

    assert_int_equal(config->route_count, 7);
    assert_non_null(manual);
    assert_null(route_of(config, 0, "manual"));
    assert_string_equal(manual->location->prefix, "manual");
    assert_true(manual->location->strip_prefix);
    assert_non_null(strstr(manual->site.root, "/manual"));
    assert_string_equal(manual->site.index.items[0], "c.html");

    assert_non_null(css);
    assert_string_equal(css->site.root, host->site.root);
    assert_string_equal(own_css->site.root, config->site.root);
    assert_int_equal(css->site.index.count, 1);
    assert_string_equal(css->site.index.items[0], "index.html");
    assert_int_equal(css->location->globs.count, 2);
}

static void families_merge_and_an_empty_member_is_taken_back(void **state)
{
    make_folders();
    const struct config *config = fixture_load_good(*state, site_text);
    const struct site_config *host = &config->hosts[0].site;
    const struct site_config *manual = &route_of(config, 1, "manual")->site;

    assert_string_equal(page_of(host, 404)->path, "404.html");
    assert_string_equal(page_of(host, 500)->content, "y");
    assert_null(page_of(manual, 404)->path);
    assert_null(page_of(manual, 404)->content);
    assert_ptr_equal(page_of(manual, 500)->content, page_of(host, 500)->content);
}

/* The caller frees it. */
static char *print(const struct config *config)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    assert_int_equal(config_print(config, out), 0);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void what_is_printed_says_where_it_comes_from_and_reads_back(void **state)
{
    struct config_fixture *fixture = *state;
    static const char *const lines[] = {
        "\n[host shop]\n",
        "\nserver_name = shop.example *.shop.example default ; t.conf:7\n",
        "\n; index = a.html b.html                        ; t.conf:3\n",
        "\n[location manual]\n",
        "\nhost = shop                                  ; t.conf:10\n",
        "\nprefix = /manual/                            ; t.conf:11\n",
        "\nerror_page.404 =                             ; t.conf:14\n",
        "\nstrip_prefix = on                            ; t.conf:13\n",
        "\nglob = *.css /x/**                           ; t.conf:17\n",
        "\nindex = index.html                           ; t.conf:18\n",
        "\nredirect = 308 /new/$tail                    ; t.conf:21\n",
        "\nstatus = 410                                 ; t.conf:24\n",
        "\nfallback = /404.html                         ; t.conf:25\n",
    };
    make_folders();
    char *text = print(fixture_load_good(fixture, site_text));
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        if (!strstr(text, lines[i]))
            fail_msg("no '%s' in:\n%s", lines[i], text);
    }
    if (fixture_load_text(fixture, text) != 0 || fixture->warning_count > 0)
        fail_msg("%s\n%s", text, fixture->messages);
    assert_int_equal(fixture->config->route_count, 7);
    const struct site_config *manual = &route_of(fixture->config, 1, "manual")->site;
    assert_null(page_of(manual, 404)->path);
    assert_non_null(page_of(manual, 500)->content);
    free(text);
}

static void overrides_reach_hosts_and_locations(void **state)
{
    struct config_fixture *fixture = *state;
    static const struct config_override overrides[] = {
        {"host a.example.index=x.html", "-g"},
        {"location l.prefix=/m", "-g"},
        {"server.index=s.html", "-g"},
        {NULL, NULL},
    };
    fixture_write_text("t.conf", "[server]\nroot = www\n[host a.example]\nserver_name = a\n"
                                 "[location l]\nprefix = /l\n");
    if (fixture_load(fixture, "t.conf", overrides) != 0)
        fail_msg("%s", fixture->messages);
    assert_string_equal(fixture->config->hosts[0].site.index.items[0], "x.html");
    assert_string_equal(fixture->config->locations[0].prefix, "m");
    assert_string_equal(route_of(fixture->config, 0, "l")->site.index.items[0], "s.html");
    assert_string_equal(route_of(fixture->config, 1, "l")->site.index.items[0], "x.html");
}

/* What is not an error, for which tests/integration/bad_configs has the files. */
static void what_never_answers_is_warned_of(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"[location a]\nglob = *.css\n[location b]\nglob = *.css\n",
         "t.conf:6:8: warning: glob: [location a], line 3, takes all of it: [location b] is never "
         "reached\n"},
        {"[location a]\nprefix = /a\nglob = /b/*.css\n",
         "t.conf:5:8: warning: glob: nothing below the prefix /a/ is like \"/b/*.css\"\n"},
        {"[location a]\nprefix = /a\nglob = /ab*\n",
         "t.conf:5:8: warning: glob: nothing below the prefix /a/ is like \"/ab*\"\n"},
        {"[location a]\nglob = *.css\nstrip_prefix = on\n",
         "t.conf:5:16: warning: strip_prefix: there is no prefix that could be left out\n"},
        {"[location a]\nprefix = /a%20b\n",
         "t.conf:4:10: warning: prefix: \"/a%20b\" is compared with the decoded path: write what "
         "%HH stands for\n"},
        {"[location a]\nprefix = /a\nredirect = 301 /a/$tail\n",
         "t.conf:5:12: warning: redirect: \"/a/\" is for [location a] again, unless another has "
         "it\n"},
        {"[location a]\nprefix = /a\nredirect = 301 /ab/$tail\n", ""},
        {"fallback = /none.html\n[location a]\nprefix = /a\n",
         "t.conf:3:12: warning: fallback: there is no file \"/none.html\" below the root yet\n"},
        {"[location a]\nprefix = /a\nglob = /**/b /a/* /?/x *\n", ""},
        {"[location a]\nprefix = /\n[location b]\nglob = *.css\n[location c]\nprefix = /a\n", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        fixture_load_good(*state, rows[i].text);
        assert_string_equal(((struct config_fixture *)*state)->messages, rows[i].message);
    }
}

static void a_mistake_is_told_once_not_for_each_who_inherits_it(void **state)
{
    struct config_fixture *fixture = *state;
    assert_int_equal(fixture_load_text(fixture, "[server]\nroot = www\nerror_page.404 = /no.html\n"
                                                "error_page.500 = none.html\nindex = a/b\n"
                                                "[host a]\nserver_name = a\n"
                                                "[location l]\nprefix = /l\nroot = nowhere\n"),
                     -EINVAL);
    assert_int_equal(fixture->error_count, 3);
    assert_int_equal(fixture->warning_count, 1);
}

static void a_thousand_locations_load(void **state)
{
    struct config_fixture *fixture = *state;
    static char text[256 * 1024];
    size_t len = (size_t)snprintf(text, sizeof(text), "[server]\nroot = www\n");
    for (unsigned i = 0; i < 1000; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len,
                                "[location l%u]\nprefix = /p%u\nindex = i%u.html\n", i, i, i);
    if (fixture_load_text(fixture, text) != 0)
        fail_msg("%s", fixture->messages);
    assert_int_equal(fixture->config->route_count, 1000);
    assert_int_equal(fixture->config->root_count, 1);
    assert_string_equal(fixture->config->routes[999].site.index.items[0], "i999.html");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_are_inherited_one_by_one),
        TEST(families_merge_and_an_empty_member_is_taken_back),
        TEST(what_is_printed_says_where_it_comes_from_and_reads_back),
        TEST(overrides_reach_hosts_and_locations),
        TEST(what_never_answers_is_warned_of),
        TEST(a_mistake_is_told_once_not_for_each_who_inherits_it),
        TEST(a_thousand_locations_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
