/* SPDX-License-Identifier: MIT */
/* test_config.c - good configurations, and what becomes of each value. */
#include "support/unit.h"

#include "config/config_fixture.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_listen(const struct config *config, size_t index, const char *expected)
{
    char text[ADDRESS_TEXT_SIZE];
    assert_true(index < config->server.listen_count);
    address_format(&config->server.listen[index].addr, text);
    assert_string_equal(text, expected);
}

/* "folder/name" of the fixture, in a buffer of the caller. */
static const char *in_folder(const struct config_fixture *fixture, const char *name,
                             char out[PATH_MAX])
{
    assert_true(snprintf(out, PATH_MAX, "%s/%s", fixture->folder, name) < PATH_MAX);
    return out;
}

static void a_root_alone_suffices(void **state)
{
    char path[PATH_MAX];
    const struct config *config = fixture_load_good(*state, "");
    const struct server_config *server = &config->server;

    assert_string_equal(config->path, in_folder(*state, "t.conf", path));
    assert_string_equal(config->site.root, in_folder(*state, "www", path));
    assert_int_equal(server->listen_count, 1);
    expect_listen(config, 0, "127.0.0.1:8080");
    assert_int_equal(server->listen[0].line, 0);
    assert_int_equal(config->site.index.count, 1);
    assert_string_equal(config->site.index.items[0], "index.html");
    assert_int_equal(server->workers, 0);
    assert_int_equal(server->worker_connections, 10240);
    assert_int_equal(server->io_threads, 4);
    assert_int_equal(server->max_open_files, 0);
    assert_null(server->user);
    assert_null(server->group);
    assert_null(server->pid_file);
    assert_false(server->daemon);
    assert_int_equal(server->access_log.target, LOG_TARGET_STDOUT);
    assert_int_equal(server->error_log.target, LOG_TARGET_STDERR);
    assert_int_equal(server->accept_mutex, ACCEPT_MUTEX_ATOMIC);
    assert_int_equal(config->site.error_page_count, 0);
}

static void defaults_are_those_of_the_manual(void **state)
{
    const struct config *config = fixture_load_good(*state, "");
    const struct server_config *server = &config->server;

    assert_int_equal(server->accept_mutex_delay_ms, 10);
    assert_false(server->defer_accept);
    assert_null(server->tcp_congestion);
    assert_int_equal(server->keepalive_timeout_ms, 75000);
    assert_int_equal(server->keepalive_requests, 0);
    assert_int_equal(server->header_timeout_ms, 15000);
    assert_int_equal(server->body_timeout_ms, 30000);
    assert_int_equal(server->send_timeout_ms, 30000);
    assert_int_equal(server->linger_timeout_ms, 5000);
    assert_int_equal(server->health, HEALTH_LOCAL);
    assert_string_equal(server->live_path, "-/live");
    assert_string_equal(server->ready_path, "-/ready");
    assert_int_equal(server->ready_status, 503);
    assert_int_equal(server->shutdown_delay_ms, 0);
    assert_false(server->stop_signal_graceful);
    assert_int_equal(server->drain_idle_ms, 1000);
    assert_int_equal(server->shutdown_timeout_ms, 0);
    assert_int_equal(server->upgrade_timeout_ms, 30000);
    assert_int_equal(server->max_header_size, 16384);
    assert_int_equal(server->max_header_count, 100);
    assert_int_equal(server->max_uri_size, 8192);
    assert_int_equal(server->max_body_size, 1U << 20);
    for (unsigned module = 0; module < LOG_MODULE_COUNT; module++)
        assert_int_equal(server->log_level[module], LOG_NOTICE);
    assert_string_equal(config->mime.default_type, "application/octet-stream");
    assert_string_equal(config->mime.charset, "utf-8");
    assert_int_equal(config->cache.valid_ms, 1000);
    assert_int_equal(config->cache.max_entries, 16384);
    assert_int_equal(config->cache.max_size, 64U << 20);
    assert_int_equal(config->cache.max_file_size, 64U << 10);
}

static void every_type_of_value_is_read(void **state)
{
    const struct config *config = fixture_load_good(
        *state, "listen = 127.0.0.1:1 [::1]:2 *:3 localhost 5\n"
                "index = a.html   b.html\n"
                "workers = 3\nio_threads = 0\nmax_open_files = 100000\ndaemon = Yes\n"
                "access_log = off\nerror_log = logs/error.log\n"
                "pid_file = /run/x.pid\n"
                "log_level = warn\nlog_level.net = debug\n"
                "accept_mutex = file\naccept_mutex_delay = 200ms\ndefer_accept = on\n"
                "tcp_congestion = reno\n"
                "keepalive_timeout = 1h30m\nbody_timeout = 7\n"
                "max_header_size = 32K\nmax_body_size = 2g\n"
                "[mime]\ncharset = off\ndefault_type = text/plain\n"
                "[cache]\ncache_valid = 0\n");
    const struct server_config *server = &config->server;
    char path[PATH_MAX];

    assert_int_equal(server->listen_count, 5);
    expect_listen(config, 0, "127.0.0.1:1");
    expect_listen(config, 1, "[::1]:2");
    expect_listen(config, 2, "0.0.0.0:3");
    expect_listen(config, 3, "127.0.0.1:80");
    expect_listen(config, 4, "0.0.0.0:5");
    assert_int_equal(server->listen[4].line, 3);
    assert_int_equal(config->site.index.count, 2);
    assert_string_equal(config->site.index.items[1], "b.html");
    assert_int_equal(server->workers, 3);
    assert_int_equal(server->io_threads, 0);
    assert_int_equal(server->max_open_files, 100000);
    assert_true(server->daemon);
    assert_int_equal(server->access_log.target, LOG_TARGET_OFF);
    assert_int_equal(server->error_log.target, LOG_TARGET_FILE);
    assert_string_equal(server->error_log.path, in_folder(*state, "logs/error.log", path));
    assert_string_equal(server->pid_file, "/run/x.pid");
    assert_int_equal(server->log_level[LOG_NET], LOG_DEBUG);
    assert_int_equal(server->log_level[LOG_HTTP], LOG_WARN);
    assert_int_equal(server->accept_mutex, ACCEPT_MUTEX_FILE);
    assert_int_equal(server->accept_mutex_delay_ms, 200);
    assert_true(server->defer_accept);
    assert_string_equal(server->tcp_congestion, "reno");
    assert_int_equal(server->keepalive_timeout_ms, 5400000);
    assert_int_equal(server->body_timeout_ms, 7000);
    assert_int_equal(server->max_header_size, 32768);
    assert_true(server->max_body_size == UINT64_C(2) << 30);
    assert_null(config->mime.charset);
    assert_string_equal(config->mime.default_type, "text/plain");
    assert_int_equal(config->cache.valid_ms, 0);
}

static void paths_start_at_the_folder_of_the_file(void **state)
{
    struct config_fixture *fixture = *state;
    char path[PATH_MAX];
    assert_int_equal(mkdir("conf", 0755), 0);
    fixture_write_text("conf/a.conf", "[server]\nroot = ../www\npid_file = ./x.pid\n");
    assert_int_equal(fixture_load(fixture, "conf/../conf/a.conf", NULL), 0);
    assert_string_equal(fixture->config->path, in_folder(fixture, "conf/a.conf", path));
    assert_string_equal(fixture->config->site.root, in_folder(fixture, "www", path));
    assert_string_equal(fixture->config->server.pid_file, in_folder(fixture, "conf/x.pid", path));
}

static void a_link_to_the_file_is_kept_for_a_reload(void **state)
{
    struct config_fixture *fixture = *state;
    char path[PATH_MAX];
    assert_int_equal(mkdir("v1", 0755), 0);
    fixture_write_text("v1/a.conf", "[server]\nroot = www\n");
    assert_int_equal(symlink("v1/a.conf", "current.conf"), 0);
    assert_int_equal(fixture_load(fixture, "current.conf", NULL), 0);
    assert_string_equal(fixture->config->path, in_folder(fixture, "current.conf", path));
    assert_string_equal(fixture->config->site.root, in_folder(fixture, "www", path));

    assert_int_equal(fixture_load(fixture, in_folder(fixture, "current.conf", path), NULL), 0);
    assert_string_equal(fixture->config->path, path);
}

static void a_quoted_value_keeps_its_comment_marks(void **state)
{
    struct config_fixture *fixture = *state;
    char path[PATH_MAX];
    assert_int_equal(mkdir("a;b # c", 0755), 0);
    assert_int_equal(fixture_load_text(fixture, "[server]\nroot = \"a;b # c\" ; comment\n"), 0);
    assert_string_equal(fixture->config->site.root, in_folder(fixture, "a;b # c", path));
    assert_int_equal(fixture->warning_count, 0);
}

static void a_cut_value_is_warned_of(void **state)
{
    struct config_fixture *fixture = *state;
    assert_int_equal(fixture_load_text(fixture, "[server]\nroot = www#x\n"), 0);
    assert_int_equal(fixture->warning_count, 1);
    assert_string_equal(fixture->messages,
                        "t.conf:2:11: warning: \"#\" starts a comment, the value is only \"www\": "
                        "put it in quotes to keep all\n");
}

static void files_of_other_systems_are_read(void **state)
{
    struct config_fixture *fixture = *state;
    assert_int_equal(
        fixture_load_text(fixture, "\xef\xbb\xbf[SERVER]\r\nRoot = \"www\"\r\nWorkers=2\r\n"), 0);
    assert_int_equal(fixture->config->server.workers, 2);
    assert_string_equal(fixture->messages, "");
}

static void a_pipe_can_be_read_from(void **state)
{
    struct config_fixture *fixture = *state;
    static const char text[] = "[server]\nroot = /tmp\n";
    char path[32];
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], text, strlen(text)), strlen(text));
    close(fds[1]);
    snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
    assert_int_equal(fixture_load(fixture, path, NULL), 0);
    close(fds[0]);
}

static void a_file_that_others_can_change_is_warned_of(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("t.conf", "[server]\nroot = www\n");
    assert_int_equal(chmod("t.conf", 0664), 0);
    assert_int_equal(fixture_load(fixture, "t.conf", NULL), 0);
    assert_string_equal(fixture->messages,
                        "t.conf: warning: its group can change this file: chmod go-w\n");
    assert_int_equal(chmod("t.conf", 0646), 0);
    assert_int_equal(fixture_load(fixture, "t.conf", NULL), 0);
    assert_string_equal(fixture->messages,
                        "t.conf: warning: everybody can change this file: chmod go-w\n");
}

/* --- overrides */

static void overrides_come_last_and_start_at_the_current_folder(void **state)
{
    struct config_fixture *fixture = *state;
    char path[PATH_MAX];
    static const struct config_override overrides[] = {
        {"server.listen=127.0.0.1:9000", "-g"}, {"server.workers = 1", "-g"},
        {"SERVER.Workers = 2", "-g"},           {"server.log_level.http=debug", "-g"},
        {"server.pid_file=x.pid", "-g"},        {NULL, NULL},
    };
    assert_int_equal(mkdir("conf", 0755), 0);
    fixture_write_text("conf/a.conf", "[server]\nlisten = 1\nroot = ../www\nworkers = 9\n");
    assert_int_equal(fixture_load(fixture, "conf/a.conf", overrides), 0);
    expect_listen(fixture->config, 0, "127.0.0.1:9000");
    assert_int_equal(fixture->config->server.listen[0].line, 0);
    assert_int_equal(fixture->config->server.workers, 2);
    assert_int_equal(fixture->config->server.log_level[LOG_HTTP], LOG_DEBUG);
    assert_string_equal(fixture->config->server.pid_file, in_folder(fixture, "x.pid", path));
}

static void overrides_are_taken_by_the_letter(void **state)
{
    struct config_fixture *fixture = *state;
    char path[PATH_MAX];
    static const struct config_override overrides[] = {
        {"server.root=it's a \"root\"; # yes", "command line"},
        {NULL, NULL},
    };
    assert_int_equal(mkdir("it's a \"root\"; # yes", 0755), 0);
    assert_int_equal(fixture_load(fixture, NULL, overrides), 0);
    assert_null(fixture->config->path);
    assert_string_equal(fixture->config->site.root,
                        in_folder(fixture, "it's a \"root\"; # yes", path));
}

static void bad_overrides_are_reported_with_their_origin(void **state)
{
    struct config_fixture *fixture = *state;
    static const struct config_override overrides[] = {
        {"server.workers=900", "-g"},
        {"server.worker=1", "-g"},
        {"sever.root=x", "-g"},
        {"listen=8080", "-g"},
        {"server.root", "-g"},
        {"=", "-g"},
        {"server.=1", "-g"},
        {"server.charset=utf-8", "by me"},
        {NULL, NULL},
    };
    assert_int_equal(fixture_load(fixture, NULL, overrides), -EINVAL);
    assert_string_equal(fixture->messages,
                        "-g: workers: \"900\" is too large, expected auto or 1 to 256\n"
                        "-g: unknown key \"worker\", did you mean \"workers\"?\n"
                        "-g: unknown section \"sever\", did you mean \"server\"?\n"
                        "-g: \"listen=8080\" is not of the form section.key=value: put "
                        "\"server.\" before it\n"
                        "-g: \"server.root\" is not of the form section.key=value\n"
                        "-g: \"=\" is not of the form section.key=value\n"
                        "-g: unknown key \"\"\n"
                        "by me: \"charset\" belongs in the section [mime]\n"
                        "root is missing: [server] needs root = DIRECTORY\n");
}

/* --- rules between directives */

static void a_long_default_target_is_lowered_to_the_head(void **state)
{
    struct config_fixture *fixture = *state;
    const struct config *config = fixture_load_good(fixture, "max_header_size = 4k\n");
    assert_int_equal(config->server.max_uri_size, 4096);
    assert_string_equal(
        fixture->messages,
        "t.conf:3:19: warning: max_header_size: 4096 also limits max_uri_size, by default 8192\n");
}

static void settings_that_contradict_each_other_are_warned_of(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_load_good(fixture, "daemon = on\nmax_open_files = 1024\n[cache]\nmax_size = 1k\n"
                               "max_file_size = 2k\n");
    assert_string_equal(
        fixture->messages,
        "t.conf:3:10: warning: daemon: in the background access_log = stdout is lost, name a file "
        "or off\n"
        "t.conf:3:10: warning: daemon: in the background error_log = stderr is lost, name a file\n"
        "t.conf:4:18: warning: max_open_files: 1024 descriptors do not suffice for 10240 "
        "worker_connections\n"
        "t.conf:7:17: warning: max_file_size: a file of that size has no room in max_size\n");
}

static void a_log_without_a_folder_is_warned_of(void **state)
{
    struct config_fixture *fixture = *state;
    char expected[PATH_MAX + 100], folder[PATH_MAX];
    fixture_load_good(fixture, "access_log = logs/access.log\n");
    snprintf(expected, sizeof(expected),
             "t.conf:3:14: warning: access_log: there is no directory \"%s\" yet\n",
             in_folder(fixture, "logs", folder));
    assert_string_equal(fixture->messages, expected);
}

static void ports_without_a_number_may_repeat(void **state)
{
    const struct config *config = fixture_load_good(
        *state, "listen = 127.0.0.1:0 127.0.0.1:0 [::]:80 *:80\n");
    assert_int_equal(config->server.listen_count, 4);
}

static void a_listener_may_begin_with_a_proxy_header(void **state)
{
    const struct config *config = fixture_load_good(
        *state, "listen = 80 127.0.0.1:81 Proxy_Protocol [::1]:82\n"
                "trusted_proxy = 10.0.0.0/8 192.0.2.1   fd00::/8\n");
    const struct server_config *server = &config->server;
    struct address addr;

    assert_int_equal(server->listen_count, 3);
    assert_false(server->listen[0].proxy_protocol);
    assert_true(server->listen[1].proxy_protocol);
    assert_false(server->listen[2].proxy_protocol);
    assert_int_equal(server->trusted_proxy.count, 3);
    assert_int_equal(address_parse_host(SLICE_LITERAL("fdab::1"), &addr), 0);
    assert_true(network_list_contains(&server->trusted_proxy, &addr));
}

static void nobody_is_trusted_by_default(void **state)
{
    const struct config *config = fixture_load_good(*state, "");

    assert_int_equal(config->server.trusted_proxy.count, 0);
    assert_false(config->server.listen[0].proxy_protocol);
}

/* --- error pages */

static const struct error_page_config *page_of(const struct config *config, unsigned status)
{
    for (size_t i = 0; i < config->site.error_page_count; i++) {
        if (config->site.error_pages[i].status == status)
            return &config->site.error_pages[i];
    }
    fail_msg("no page for %u", status);
    return NULL;
}

static void a_page_below_the_root_is_served_from_there(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("www/404.html", "gone");
    const struct config *config = fixture_load_good(
        fixture, "error_page.404 = /404.html\nerror_page.410 = www/404.html\n");
    for (unsigned status = 404; status <= 410; status += 6) {
        const struct error_page_config *page = page_of(config, status);
        assert_string_equal(page->path, "404.html");
        assert_null(page->content);
        assert_null(page->file);
    }
    assert_int_equal(page_of(config, 410)->line, 4);
    assert_string_equal(fixture->messages, "");
}

static void a_page_elsewhere_is_read_once(void **state)
{
    struct config_fixture *fixture = *state;
    char text[PATH_MAX + 100], path[PATH_MAX];
    fixture_write("pages.d.HTM", "a\0b", 3);
    snprintf(text, sizeof(text), "error_page.403 = pages.d.HTM\nerror_page.404 = %s\n",
             in_folder(fixture, "pages.d.HTM", path));
    const struct config *config = fixture_load_good(fixture, text);
    for (unsigned status = 403; status <= 404; status++) {
        const struct error_page_config *page = page_of(config, status);
        assert_null(page->path);
        assert_int_equal(page->content_len, 3);
        assert_memory_equal(page->content, "a\0b", 3);
        assert_string_equal(page->extension, "htm");
        assert_string_equal(page->file, path);
    }
}

static void a_page_that_may_come_later_is_warned_of(void **state)
{
    struct config_fixture *fixture = *state;
    const struct config *config = fixture_load_good(fixture, "error_page.404 = /later.html\n");
    assert_string_equal(page_of(config, 404)->path, "later.html");
    assert_int_equal(fixture->warning_count, 1);
    assert_non_null(
        strstr(fixture->messages, "t.conf:3:18: warning: error_page.404: there is no "));
}

static void a_page_that_a_link_leads_out_of_the_root_is_no_page_of_the_site(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("outside.html", "x");
    assert_int_equal(symlink("../outside.html", "www/link.html"), 0);
    fixture_load_good(fixture, "error_page.404 = /link.html\n");
    assert_int_equal(fixture->warning_count, 1);
}

static void the_last_page_of_a_status_counts(void **state)
{
    struct config_fixture *fixture = *state;
    static const struct config_override overrides[] = {
        {"server.error_page.404=b.html", "-g"},
        {NULL, NULL},
    };
    fixture_write_text("a.html", "a");
    fixture_write_text("b.html", "b");
    fixture_write_text("t.conf", "[server]\nroot = www\nerror_page.404 = a.html\n");
    assert_int_equal(fixture_load(fixture, "t.conf", overrides), 0);
    assert_int_equal(fixture->config->site.error_page_count, 1);
    assert_string_equal(page_of(fixture->config, 404)->content, "b");
}

static void a_page_has_a_limit(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("big.html", "x");
    assert_int_equal(truncate("big.html", ERROR_PAGE_SIZE_MAX), 0);
    const struct config *config = fixture_load_good(fixture, "error_page.404 = big.html\n");
    assert_int_equal(page_of(config, 404)->content_len, ERROR_PAGE_SIZE_MAX);

    assert_int_equal(truncate("big.html", ERROR_PAGE_SIZE_MAX + 1), 0);
    assert_int_equal(
        fixture_load_text(fixture, "[server]\nroot = www\nerror_page.404 = big.html\n"), -EINVAL);
    assert_non_null(strstr(fixture->messages, "has more than 1048576 bytes"));
}

/* --- media types */

static const char *type_of(const struct config *config, const char *extension)
{
    const char *type = NULL;
    for (size_t i = 0; i < config->mime.count; i++) {
        if (strcmp(config->mime.rows[i].extension, extension) == 0)
            type = config->mime.rows[i].type;
    }
    return type;
}

static void the_web_has_types_without_a_file(void **state)
{
    static const struct {
        const char *extension, *type;
    } rows[] = {
        {"html", "text/html"},        {"css", "text/css"},
        {"js", "text/javascript"},    {"mjs", "text/javascript"},
        {"wasm", "application/wasm"}, {"webmanifest", "application/manifest+json"},
        {"avif", "image/avif"},       {"webp", "image/webp"},
        {"jxl", "image/jxl"},         {"woff2", "font/woff2"},
        {"svg", "image/svg+xml"},     {"ico", "image/vnd.microsoft.icon"},
        {"pdf", "application/pdf"},   {"mp4", "video/mp4"},
        {"json", "application/json"}, {"xml", "text/xml"},
        {"txt", "text/plain"},
    };
    const struct config *config = fixture_load_good(*state, "");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(type_of(config, rows[i].extension), rows[i].type);
    assert_null(type_of(config, "no-such-extension"));
}

static void included_types_win_over_the_built_in_ones(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("m.types", "types { text/x-mine HTML; }");
    const struct config *config = fixture_load_good(fixture, "[mime]\ninclude = m.types\n");
    assert_string_equal(type_of(config, "html"), "text/x-mine");
    assert_string_equal(type_of(config, "css"), "text/css");
}

static void without_reporter_a_load_just_fails(void **state)
{
    struct config *config = NULL;
    assert_int_equal(config_load(&(struct config_source){.path = NULL}, NULL, &config), -EINVAL);
    assert_null(config);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_root_alone_suffices),
        TEST(defaults_are_those_of_the_manual),
        TEST(every_type_of_value_is_read),
        TEST(paths_start_at_the_folder_of_the_file),
        TEST(a_link_to_the_file_is_kept_for_a_reload),
        TEST(a_quoted_value_keeps_its_comment_marks),
        TEST(a_cut_value_is_warned_of),
        TEST(files_of_other_systems_are_read),
        TEST(a_pipe_can_be_read_from),
        TEST(a_file_that_others_can_change_is_warned_of),
        TEST(overrides_come_last_and_start_at_the_current_folder),
        TEST(overrides_are_taken_by_the_letter),
        TEST(bad_overrides_are_reported_with_their_origin),
        TEST(a_long_default_target_is_lowered_to_the_head),
        TEST(settings_that_contradict_each_other_are_warned_of),
        TEST(a_log_without_a_folder_is_warned_of),
        TEST(ports_without_a_number_may_repeat),
        TEST(a_listener_may_begin_with_a_proxy_header),
        TEST(nobody_is_trusted_by_default),
        TEST(a_page_below_the_root_is_served_from_there),
        TEST(a_page_elsewhere_is_read_once),
        TEST(a_page_that_may_come_later_is_warned_of),
        TEST(a_page_that_a_link_leads_out_of_the_root_is_no_page_of_the_site),
        TEST(the_last_page_of_a_status_counts),
        TEST(a_page_has_a_limit),
        TEST(the_web_has_types_without_a_file),
        TEST(included_types_win_over_the_built_in_ones),
        TEST(without_reporter_a_load_just_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
