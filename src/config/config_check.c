/* SPDX-License-Identifier: MIT */
/* config_check.c - rules between directives. */

#include "config/config_check.h"

#include "config/config_schema.h"

static const struct config_place *find_place(const struct config_check *check, const char *section,
                                             const char *key)
{
    struct slice member;
    const struct directive *row = schema_find(slice_from_string(section), slice_from_string(key),
                                              &member);
    assert(row);
    return &check->places[schema_index(row)];
}

bool check_is_set(const struct config_check *check, const char *section, const char *key)
{
    return find_place(check, section, key)->file != NULL;
}

struct config_place check_place(const struct config_check *check, const char *section,
                                const char *key)
{
    const struct config_place *place = find_place(check, section, key);
    return place->file ? *place : check->whole;
}

/* A longer target than the whole head may be could never arrive. */
static void check_uri_size(const struct config_check *check)
{
    struct server_config *server = &check->config->server;
    if (server->max_uri_size <= server->max_header_size)
        return;
    if (check_is_set(check, "server", "max_uri_size")) {
        report_error(check->report, check_place(check, "server", "max_uri_size"),
                     "max_uri_size: %u is larger than max_header_size, which is %u",
                     server->max_uri_size, server->max_header_size);
        return;
    }
    report_warning(check->report, check_place(check, "server", "max_header_size"),
                   "max_header_size: %u also limits max_uri_size, by default %u",
                   server->max_header_size, server->max_uri_size);
    server->max_uri_size = server->max_header_size;
}

/* Who gets no more than send_rate cannot take more. */
static void check_send_rate(const struct config_check *check)
{
    struct server_config *server = &check->config->server;
    if (server->send_rate == 0 || server->min_send_rate <= server->send_rate / 2)
        return;
    if (check_is_set(check, "server", "min_send_rate"))
        report_error(check->report, check_place(check, "server", "min_send_rate"),
                     "min_send_rate: %u is more than half of send_rate, which is %llu",
                     server->min_send_rate, (unsigned long long)server->send_rate);
    else
        server->min_send_rate = (uint32_t)(server->send_rate / 2);
}

static bool overlap(const struct address *a, const struct address *b)
{
    if (a->any.sa_family != b->any.sa_family || address_port(a) != address_port(b) ||
        address_port(a) == 0)
        return false;
    return address_equal(a, b) || address_is_any(a) || address_is_any(b);
}

/* The second bind(2) would fail with "Address already in use", which does not name the reason. */
static void check_listen(const struct config_check *check)
{
    const struct server_config *server = &check->config->server;
    for (size_t i = 1; i < server->listen_count; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct address *a = &server->listen[k].addr, *b = &server->listen[i].addr;
            char first[ADDRESS_TEXT_SIZE], second[ADDRESS_TEXT_SIZE];
            if (!overlap(a, b))
                continue;
            address_format(a, first);
            address_format(b, second);
            if (address_equal(a, b))
                report_error(check->report, check_place(check, "server", "listen"),
                             "listen: %s stands there twice", second);
            else
                report_error(check->report, check_place(check, "server", "listen"),
                             "listen: %s and %s overlap", first, second);
            break;
        }
    }
}

/* Without it every connection there would be refused. */
static void check_proxies(const struct config_check *check)
{
    const struct server_config *server = &check->config->server;
    char text[ADDRESS_TEXT_SIZE];
    if (server->trusted_proxy.count > 0)
        return;
    if (server->client_address != CLIENT_ADDRESS_PEER)
        report_warning(
            check->report, check_place(check, "server", "client_address"),
            "client_address: nobody is believed such a field, since trusted_proxy is off");
    for (size_t i = 0; i < server->listen_count; i++) {
        if (!server->listen[i].proxy_protocol)
            continue;
        address_format(&server->listen[i].addr, text);
        report_error(check->report, check_place(check, "server", "listen"),
                     "listen: %s with proxy_protocol needs trusted_proxy, the networks of those "
                     "that may connect there",
                     text);
    }
}

static void check_open_files(const struct config_check *check)
{
    const struct server_config *server = &check->config->server;
    if (server->max_open_files == 0 ||
        server->max_open_files >= server->worker_connections + OTHER_DESCRIPTORS)
        return;
    report_warning(check->report, check_place(check, "server", "max_open_files"),
                   "max_open_files: %u descriptors do not suffice for %u worker_connections",
                   server->max_open_files, server->worker_connections);
}

static void check_logs(const struct config_check *check)
{
    const struct server_config *server = &check->config->server;
    struct config_place place = check_place(check, "server", "daemon");
    if (!server->daemon)
        return;
    if (server->access_log.target == LOG_TARGET_STDOUT ||
        server->access_log.target == LOG_TARGET_STDERR)
        report_warning(check->report, place,
                       "daemon: in the background access_log = %s is lost, name a file or off",
                       server->access_log.target == LOG_TARGET_STDOUT ? "stdout" : "stderr");
    if (server->error_log.target == LOG_TARGET_STDERR)
        report_warning(check->report, place,
                       "daemon: in the background error_log = stderr is lost, name a file");
}

static void check_cache(const struct config_check *check)
{
    const struct cache_config *cache = &check->config->cache;
    if (check_is_set(check, "cache", "max_file_size") && cache->max_file_size > cache->max_size)
        report_warning(check->report, check_place(check, "cache", "max_file_size"),
                       "max_file_size: a file of that size has no room in max_size");
}

void check_values(const struct config_check *check)
{
    check_listen(check);
    check_proxies(check);
    check_uri_size(check);
    check_send_rate(check);
    check_open_files(check);
    check_logs(check);
    check_cache(check);
}
