/* SPDX-License-Identifier: MIT */
/* test_config_upstreams.c - servers, how they are treated, and what locations change in messages. */
#include "support/unit.h"

#include "config/config_fixture.h"

#include <errno.h>
#include <stdlib.h>

static const char upstream_text[] =
    "[upstream App]\n"
    "servers = 10.0.0.1:8080 weight=3 max_conns=100, [::1]:81, App.Internal, "
    "unix:/run/app.sock backup\n"
    "server.green = app.internal:8080 weight=2\n"
    "balance = hash\nhash_key = cookie:Sid\nhash_bound = off\n"
    "retry_on = timeout 502, connect\n"
    "check = /health?a=b\ncheck_status = 204\ncheck_host = App.example:81\n"
    "max_fails = 0\nqueue = 5\n";

static void assert_endpoint(const struct upstream_server_config *server, const char *expected)
{
    char text[ENDPOINT_TEXT_SIZE];
    (void)endpoint_format(&server->endpoint, text);
    assert_string_equal(text, expected);
}

static void an_upstream_has_servers_of_each_kind(void **state)
{
    const struct config *config = fixture_load_good(*state, upstream_text);
    const struct upstream_config *upstream = &config->upstreams[0];
    const struct upstream_server_config *servers = upstream->servers;

    assert_int_equal(config->upstream_count, 1);
    assert_string_equal(upstream->name, "app");
    assert_int_equal(upstream->server_count, 5);
    assert_endpoint(&servers[0], "10.0.0.1:8080");
    assert_int_equal(servers[0].weight, 3);
    assert_int_equal(servers[0].max_conns, 100);
    assert_false(servers[0].is_backup);
    assert_endpoint(&servers[1], "[::1]:81");
    assert_int_equal(servers[1].weight, 1);
    assert_string_equal(servers[2].host, "app.internal");
    assert_int_equal(servers[2].port, 80);
    assert_endpoint(&servers[2], "-");
    assert_endpoint(&servers[3], "unix:/run/app.sock");
    assert_true(servers[3].is_backup);
    assert_string_equal(servers[4].label, "green");
    assert_string_equal(servers[4].text, "app.internal:8080");
    assert_int_equal(servers[4].port, 8080);
}

static void an_upstream_says_how_its_servers_are_treated(void **state)
{
    const struct upstream_config *upstream = fixture_load_good(*state, upstream_text)->upstreams;

    assert_int_equal(upstream->balance, BALANCE_HASH);
    assert_int_equal(upstream->hash_key.kind, HASH_KEY_COOKIE);
    assert_string_equal(upstream->hash_key.name, "Sid");
    assert_int_equal(upstream->hash_bound, 0);
    assert_int_equal(upstream->retry_on, RETRY_ON_TIMEOUT | RETRY_ON_502 | RETRY_ON_CONNECT);
    assert_string_equal(upstream->check, "/health?a=b");
    assert_int_equal(upstream->check_status.low, 204);
    assert_int_equal(upstream->check_status.high, 204);
    assert_string_equal(upstream->check_host, "app.example:81");
    assert_int_equal(upstream->max_fails, 0);
    assert_int_equal(upstream->keepalive_timeout_ms, 4000);
    assert_int_equal(upstream->tries, 2);
}

static void a_location_says_what_changes_in_messages(void **state)
{
    const struct config *config = fixture_load_good(
        *state, "[location a]\nprefix = /a\nproxy_host = App.example:8080\nupgrade = websocket\n"
                "via = off\nbody_max = 1m\nset_header.x-api-key = k\nset_header.Cookie =\n"
                "hide_header = Server, X-Powered-By\n[location b]\nprefix = /b\n");
    const struct forward_config *forward = &config->locations[0].forward;
    const struct forward_config *plain = &config->locations[1].forward;

    assert_int_equal(forward->host_kind, FORWARD_HOST_NAME);
    assert_string_equal(forward->host, "app.example:8080");
    assert_int_equal(forward->upgrade, FORWARD_UPGRADE_WEBSOCKET);
    assert_null(forward->via);
    assert_int_equal(forward->body_max, 1 << 20);
    assert_int_equal(forward->set_count, 2);
    assert_string_equal(forward->set_fields[0].name, "X-Api-Key");
    assert_string_equal(forward->set_fields[0].value, "k");
    assert_string_equal(forward->set_fields[1].name, "Cookie");
    assert_string_equal(forward->set_fields[1].value, "");
    assert_int_equal(forward->hide_fields.count, 2);
    assert_string_equal(forward->hide_fields.items[0], "Server");

    assert_int_equal(plain->host_kind, FORWARD_HOST_KEEP);
    assert_string_equal(plain->via, "auto");
    assert_int_equal(plain->head_max, 32768);
    assert_int_equal(plain->body_max, 0);
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

static void what_is_printed_reads_back(void **state)
{
    struct config_fixture *fixture = *state;
    static const char *const lines[] = {
        "\n[upstream app]\n",
        "[::1]:81, App.Internal, unix:/run/app.sock backup ; t.conf:4\n",
        "\nserver.green = app.internal:8080 weight=2    ; t.conf:5\n",
        "\nhash_key = cookie:Sid                        ; t.conf:7\n",
        "\nhash_bound = off                             ; t.conf:8\n",
        "\nretry_on = connect, timeout, 502             ; t.conf:9\n",
        "\ncheck_status = 204                           ; t.conf:11\n",
        "\nset_header.x-a = b                           ; t.conf:17\n",
        "\nproxy_host = upstream                        ; t.conf:18\n",
    };
    char text[1024];
    (void)snprintf(text, sizeof(text),
                   "%s[location a]\nprefix = /a\nset_header.X-A = b\nproxy_host = upstream\n",
                   upstream_text);
    char *printed = print(fixture_load_good(fixture, text));
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        if (!strstr(printed, lines[i]))
            fail_msg("no '%s' in:\n%s", lines[i], printed);
    }
    if (fixture_load_text(fixture, printed) != 0)
        fail_msg("%s\n%s", printed, fixture->messages);
    char *again = print(fixture->config);
    /* Only the lines that they are from are others. */
    assert_non_null(strstr(again, "\nserver.green = app.internal:8080 weight=2 "));
    assert_int_equal(fixture->config->upstreams[0].server_count, 5);
    free(again);
    free(printed);
}

static void overrides_reach_upstreams(void **state)
{
    struct config_fixture *fixture = *state;
    static const struct config_override overrides[] = {
        {"upstream app.servers=10.0.0.2", "-g"},
        {"upstream app.server.a=10.0.0.3 backup", "-g"},
        {NULL, NULL},
    };
    fixture_write_text("t.conf", "[server]\nroot = www\n[upstream app]\nservers = 10.0.0.1, "
                                 "10.0.0.4\nserver.a = 10.0.0.1\n");
    if (fixture_load(fixture, "t.conf", overrides) != 0)
        fail_msg("%s", fixture->messages);
    assert_int_equal(fixture->config->upstreams[0].server_count, 2);
    assert_endpoint(&fixture->config->upstreams[0].servers[0], "10.0.0.2:80");
    assert_endpoint(&fixture->config->upstreams[0].servers[1], "10.0.0.3:80");
}

static void what_has_no_effect_is_warned_of(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"hash_key = client\n", "hash_key: has no effect without balance = hash"},
        {"keepalive = 8\nproxy_protocol = v2\n", "keepalive: has no effect with proxy_protocol"},
        {"sticky_age = 1h\n", "sticky_age: has no effect without sticky_cookie"},
        {"check_rise = 3\n", "check_rise: has no effect without check, the path to ask for"},
        {"queue = 3\n", "queue: has no effect as no server has max_conns"},
        {"queue_timeout = 3s\n", "queue_timeout: has no effect without queue"},
        {"keepalive = 0\nkeepalive_timeout = 1s\n",
         "keepalive_timeout: has no effect without keepalive"},
        {"keepalive_timeout = 5s\n", "many servers close idle connections after 5s"},
        {"[location a]\nprefix = /a\nvia = x\n", "via: has no effect without proxy"},
        {"[location a]\nprefix = /a\nset_header.A = x\n",
         "set_header.a: has no effect without proxy"},
    };
    struct config_fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[512];
        (void)snprintf(text, sizeof(text), "[upstream a]\nservers = 10.0.0.1\n%s", rows[i].text);
        (void)fixture_load_good(fixture, text);
        assert_int_equal(fixture->warning_count, 2); /* and that it is not used */
        if (!strstr(fixture->messages, rows[i].message))
            fail_msg("no '%s' in %s", rows[i].message, fixture->messages);
    }
}

static void upstreams_with_one_sticky_cookie_are_warned_of(void **state)
{
    static const char text[] =
        "[upstream a]\nservers = 10.0.0.1\nsticky_cookie = Srv\nsticky_age = 1d\n"
        "[upstream b]\nservers = 10.0.0.2\nsticky_cookie = %s\n"
        "[location a]\nprefix = /a\nproxy = a\n"
        "[location b]\nprefix = /b\nproxy = b\n";
    struct config_fixture *fixture = *state;
    char both[sizeof(text) + 8];
    (void)snprintf(both, sizeof(both), text, "Srv");
    const struct config *config = fixture_load_good(fixture, both);
    assert_string_equal(config->upstreams[0].sticky_cookie, "Srv");
    assert_int_equal(config->upstreams[0].sticky_age_ms, 24 * 3600 * 1000);
    assert_int_equal(fixture->warning_count, 1);
    assert_non_null(strstr(fixture->messages, "sticky_cookie: [upstream a] has the same name"));
    (void)snprintf(both, sizeof(both), text, "srv"); /* names differ by case */
    (void)fixture_load_good(fixture, both);
    assert_int_equal(fixture->warning_count, 0);
}

static void bad_values_of_fields_are_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"set_header.Host = a", "set_header.host: is set by proxy_host"},
        {"set_header.Via = a", "set_header.via: is set by via"},
        {"set_header.Transfer-Encoding = a", "is a field that the server sets itself"},
        {"hide_header = Connection", "is of the connection, and never passed on"},
        {"hide_header = a:b", "is not a name of a header field"},
        {"proxy_host = a/b", "is not valid, expected keep, upstream or a host such as"},
        {"proxy_host = a:99999", "is not valid"},
        {"upgrade = h2c", "upgrade: \"h2c\" is not valid, expected off or websocket"},
    };
    struct config_fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[512];
        (void)snprintf(text, sizeof(text), "[server]\nroot = www\n[location a]\nprefix = /a\n%s\n",
                       rows[i].text);
        assert_int_equal(fixture_load_text(fixture, text), -EINVAL);
        if (!strstr(fixture->messages, rows[i].message))
            fail_msg("no '%s' in %s", rows[i].message, fixture->messages);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_upstream_has_servers_of_each_kind),
        TEST(an_upstream_says_how_its_servers_are_treated),
        TEST(a_location_says_what_changes_in_messages),
        TEST(what_is_printed_reads_back),
        TEST(overrides_reach_upstreams),
        TEST(what_has_no_effect_is_warned_of),
        TEST(upstreams_with_one_sticky_cookie_are_warned_of),
        TEST(bad_values_of_fields_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
