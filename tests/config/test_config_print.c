/* SPDX-License-Identifier: MIT */
/* test_config_print.c - what -T prints reads back to the same, and names where values come from. */
#include "support/unit.h"

#include "config/config_fixture.h"
#include "config/value_text.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Cuts the comments off, which name other places after a second reading. */
static char *without_comments(char *text)
{
    char *to = text;
    for (const char *from = text; *from;) {
        size_t len = strcspn(from, "\n");
        const char *comment = strstr(from, " ; ");
        size_t kept = comment && comment < from + len ? (size_t)(comment - from) : len;
        while (kept > 0 && from[kept - 1] == ' ')
            kept--;
        if (from[0] != ';') {
            memmove(to, from, kept);
            to += kept;
            *to++ = '\n';
        }
        from += len + (from[len] == '\n');
    }
    *to = '\0';
    return text;
}

static void expect_equal(const struct config *a, const struct config *b)
{
    const struct server_config *x = &a->server, *y = &b->server;
    assert_string_equal(a->site.root, b->site.root);
    assert_int_equal(x->listen_count, y->listen_count);
    for (size_t i = 0; i < x->listen_count; i++) {
        assert_true(address_equal(&x->listen[i].addr, &y->listen[i].addr));
        assert_int_equal(x->listen[i].proxy_protocol, y->listen[i].proxy_protocol);
    }
    assert_int_equal(x->client_address, y->client_address);
    assert_int_equal(x->request_id, y->request_id);
    assert_int_equal(x->trusted_proxy.count, y->trusted_proxy.count);
    for (size_t i = 0; i < x->trusted_proxy.count; i++)
        assert_memory_equal(&x->trusted_proxy.items[i], &y->trusted_proxy.items[i],
                            sizeof(struct network));
    assert_int_equal(a->site.index.count, b->site.index.count);
    assert_memory_equal(x->log_level, y->log_level, sizeof(x->log_level));
    assert_int_equal(a->site.error_page_count, b->site.error_page_count);
    for (size_t i = 0; i < a->site.error_page_count; i++) {
        const struct error_page_config *p = &a->site.error_pages[i], *q = &b->site.error_pages[i];
        assert_int_equal(p->status, q->status);
        assert_int_equal(p->path != NULL, q->path != NULL);
        assert_int_equal(p->content_len, q->content_len);
    }
    assert_int_equal(a->mime.count, b->mime.count);
    assert_memory_equal(&a->cache, &b->cache, sizeof(a->cache));
}

/* Load what was printed; it must be the same and print the same. */
static void expect_round_trip(struct config_fixture *fixture)
{
    char *first = print(fixture->config);
    struct config *former = fixture->config;
    fixture->config = NULL;
    if (fixture_load_text(fixture, first) != 0 || fixture->warning_count > 0)
        fail_msg("%s\n%s", first, fixture->messages);
    expect_equal(former, fixture->config);
    char *second = print(fixture->config);
    assert_string_equal(without_comments(first), without_comments(second));
    free(first);
    free(second);
    config_free(former);
}

static void defaults_read_back(void **state)
{
    fixture_load_good(*state, "");
    expect_round_trip(*state);
}

static void every_directive_reads_back(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("www/404.html", "x");
    fixture_write_text("403.html", "y");
    fixture_write_text("m.types", "text/x a b c\n");
    fixture_load_good(
        fixture,
        "listen = 127.0.0.1:1 [::1]:2 proxy_protocol *:3\ntrusted_proxy = 10.0.0.0/8 ::1\nclient_address = forwarded\nrequest_id = on\nindex = \"a;b.html\" ; x\nworkers = 7\n"
        "worker_connections = 12\nmax_open_files = 1000000\nuser = root\ngroup = root\n"
        "pid_file = x.pid\ndaemon = on\naccess_log = \"a # b\"\n"
        "access_log_format = json\naccess_log_sample = 100\nerror_log = error.log\n"
        "log_level = error\nlog_level.net = debug\nlog_level.http = error\n"
        "accept_mutex = on\naccept_mutex_delay = 1500ms\ntcp_congestion = bbr\n"
        "keepalive_timeout = 0\n"
        "keepalive_requests = 0\nheader_timeout = 1ms\nbody_timeout = 1h\n"
        "send_timeout = 61s\nlinger_timeout = 90s\ndrain_idle = 2s\nhealth = on\n"
        "live_path = /l\nready_path = /r\nready_status = 404\nshutdown_delay = 3s\n"
        "stop_signal_graceful = on\nshutdown_timeout = 1d\nupgrade_timeout = 5s\n"
        "max_header_size = 3k\nmax_header_count = 1\nmax_uri_size = 1025\n"
        "max_body_size = 0\nerror_page.404 = /404.html\nerror_page.403 = 403.html\n"
        "[mime]\ninclude = m.types\ndefault_type = a/b\ncharset = off\n"
        "[cache]\ncache_valid = 0\nmax_entries = 1\nmax_size = 1g\nmax_file_size = 0\n");
    expect_round_trip(fixture);
    assert_int_equal(fixture->config->server.accept_mutex, ACCEPT_MUTEX_ATOMIC);
    assert_int_equal(fixture->config->server.log_level[LOG_NET], LOG_DEBUG);
}

static void includes_and_variables_are_printed_as_what_they_say(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("a.conf", "[server]\nworkers = 2\nindex = $${X} ${X}\n");
    fixture->environment = (const char *const[]){"X=a$${b", "TINYWEB_SERVER_MAX_BODY_SIZE=7k",
                                                 NULL};
    fixture_load_good(fixture, "include = a.conf\n");
    char *text = print(fixture->config);
    assert_non_null(strstr(text, "; include = a.conf\n"));
    assert_non_null(strstr(text, "index = $${X} a$$${b "));
    assert_non_null(strstr(text, "; a.conf:2\n"));
    assert_non_null(strstr(text, "; environment TINYWEB_SERVER_MAX_BODY_SIZE\n"));
    free(text);
    fixture->environment = NULL;
    expect_round_trip(fixture);
}

static void a_lowered_default_reads_back_without_a_warning(void **state)
{
    fixture_load_good(*state, "max_header_size = 1k\n");
    expect_round_trip(*state);
}

static void each_value_says_where_it_comes_from(void **state)
{
    struct config_fixture *fixture = *state;
    static const struct config_override overrides[] = {
        {"server.workers=2", "-g"},
        {NULL, NULL},
    };
    fixture_write_text("www/404.html", "x");
    fixture_write_text("t.conf", "[server]\nroot = www\nworkers = 1\nlog_level = info\n"
                                 "log_level.net = debug\nerror_page.404 = /404.html\n");
    assert_int_equal(fixture_load(fixture, "t.conf", overrides), 0);
    char *text = print(fixture->config);
    static const char *const lines[] = {
        "\nworkers = 2                                  ; -g\n",
        "\nindex = index.html                           ; default\n",
        "\nlog_level = info                             ; t.conf:4\n",
        "\nlog_level.net = debug                        ; t.conf:5\n",
        "\nlog_level.http = info                        ; t.conf:4\n",
        "\nerror_page.404 = /404.html                   ; t.conf:6\n",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        if (!strstr(text, lines[i]))
            fail_msg("no '%s' in:\n%s", lines[i], text);
    }
    free(text);
}

static void a_value_no_file_can_hold_is_told_as_a_comment(void **state)
{
    struct config_fixture *fixture = *state;
    static const struct config_override overrides[] = {
        {"server.root=a'b\";c", "command line"},
        {NULL, NULL},
    };
    assert_int_equal(mkdir("a'b\";c", 0755), 0);
    assert_int_equal(fixture_load(fixture, NULL, overrides), 0);
    char *text = print(fixture->config);
    assert_non_null(
        strstr(text, "\n; root has a value that cannot be written in a file, from command line\n"));
    free(text);
}

static void quotes_are_put_where_they_are_needed(void **state)
{
    static const struct {
        const char *text, *quote; /* NULL: cannot be written */
    } rows[] = {
        {"a", ""},     {"a b", ""},    {"it's", ""},    {"a\\b", ""},   {"a\"b", ""},
        {"a;b", "\""}, {"a#b", "\""},  {"'a", "\""},    {"\"a", "'"},   {" a", "\""},
        {"a ", "\""},  {"a\";", "'"},  {"a'\";", NULL}, {"a\\", NULL},  {"a;\\b", NULL},
        {"", NULL},    {"a\nb", NULL}, {"\x7f", NULL},  {"\xff", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *quote = value_quote_for(rows[i].text);
        if ((quote != NULL) != (rows[i].quote != NULL) ||
            (quote && strcmp(quote, rows[i].quote) != 0))
            fail_msg("'%s' gets %s", rows[i].text, quote ? quote : "none");
    }
}

static void a_full_disk_is_an_error(void **state)
{
    const struct config *config = fixture_load_good(*state, "");
    FILE *full = fopen("/dev/full", "w");
    if (!full)
        skip();
    assert_int_equal(config_print(config, full), -EIO);
    (void)fclose(full);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(defaults_read_back),
        TEST(every_directive_reads_back),
        TEST(includes_and_variables_are_printed_as_what_they_say),
        TEST(a_lowered_default_reads_back_without_a_warning),
        TEST(each_value_says_where_it_comes_from),
        TEST(a_value_no_file_can_hold_is_told_as_a_comment),
        TEST(quotes_are_put_where_they_are_needed),
        TEST(a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
