/* SPDX-License-Identifier: MIT */
/* foreign_key.c - two tables; docs/from-nginx.md has more words about the same. */
#include "config/foreign_key.h"

#include "base/macros.h"

#include <string.h>

struct remedy {
    const char *word, *text;
};

#define IS_DONE "here it is always done, and nothing has to be said"
#define NO_TLS "there is no TLS here: put a proxy in front that does it"

static const struct remedy keys[] = {
    {"add_header", "here it is header.NAME = VALUE"},
    {"alias", "here it is root = DIRECTORY with strip_prefix = on in a location"},
    {"allow", "there are no lists of addresses here: a firewall has them"},
    {"auth_basic", "here it is auth_realm, with auth_file"},
    {"auth_basic_user_file", "here it is auth_file"},
    {"autoindex", "here it is listing = on"},
    {"brotli_static", "here it is precompressed = on, the default"},
    {"client_body_timeout", "here it is body_timeout"},
    {"client_header_buffer_size", "here it is max_header_size"},
    {"client_header_timeout", "here it is header_timeout"},
    {"client_max_body_size", "here it is max_body_size"},
    {"deny", "here it is status = 403 in a location"},
    {"dir-listing.activate", "here it is listing = on"},
    {"directoryindex", "here it is index"},
    {"disable_symlinks", "links never lead out of the root here"},
    {"documentroot", "here it is root"},
    {"error_page", "here it is error_page.404 = /404.html"},
    {"errordocument", "here it is error_page.404 = /404.html"},
    {"events", IS_DONE},
    {"expires", "here it is cache_control = auto, or a text such as max-age=3600"},
    {"gzip_comp_level", "here it is gzip_level"},
    {"gzip_min_length", "here it is gzip_min_size"},
    {"gzip_static", "here it is precompressed = on, the default"},
    {"http", "here all stands in [server]"},
    {"index-file.names", "here it is index"},
    {"large_client_header_buffers", "here it is max_header_size and max_uri_size"},
    {"limit_conn", "here it is client_connections"},
    {"limit_rate", "here it is send_rate"},
    {"limit_rate_after", "here it is send_rate_after"},
    {"limit_req", "here it is request_rate and request_burst"},
    {"location", "here it is a section: [location NAME] with prefix = /path/ or glob = *.css"},
    {"log_format", "here it is access_log_format"},
    {"mimetype.assign", "here it is include in [mime]"},
    {"open_file_cache", "here it is cache_valid and max_entries in [cache]"},
    {"pid", "here it is pid_file"},
    {"proxy_pass", "here it is proxy in a location"},
    {"proxy_set_header", "here it is set_header.NAME in a location"},
    {"real_ip_header", "here it is client_address"},
    {"return", "here it is redirect = 301 /new/ or status = 404 in a location"},
    {"rewrite", "here it is redirect in a location, clean_urls or fallback"},
    {"sendfile", IS_DONE},
    {"server", "here it is [server], and a [host NAME] for each site"},
    {"server.document-root", "here it is root"},
    {"server.port", "here it is listen"},
    {"server_tokens", "the version is never told here"},
    {"servername", "here it is server_name in [host NAME]"},
    {"set_real_ip_from", "here it is trusted_proxy"},
    {"ssl", NO_TLS},
    {"ssl_certificate", NO_TLS},
    {"ssl_certificate_key", NO_TLS},
    {"stub_status", "here it is status = on"},
    {"tcp_nodelay", IS_DONE},
    {"tcp_nopush", IS_DONE},
    {"try_files", "here it is fallback = /index.html, and clean_urls = on for names without .html"},
    {"types", "here it is include in [mime]"},
    {"use", IS_DONE},
    {"virtualhost", "here it is [host NAME]"},
    {"worker_processes", "here it is workers = auto, the default"},
    {"worker_rlimit_nofile", "here it is max_open_files = auto, the default"},
};

static const struct remedy listen_words[] = {
    {"default_server", "the default site is the host with server_name = default"},
    {"deferred", "here it is defer_accept = on in [server]"},
    {"http2", "HTTP/2 is for the proxy in front"},
    {"quic", "HTTP/3 is for the proxy in front"},
    {"reuseport", "workers share one socket here"},
    {"ssl", NO_TLS},
};

static const char *find(const struct remedy *rows, size_t count, struct slice word)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal_nocase(word, slice_from_string(rows[i].word)))
            return rows[i].text;
    }
    return NULL;
}

const char *foreign_key_remedy(struct slice key)
{
    return find(keys, COUNT_OF(keys), key);
}

const char *foreign_listen_remedy(struct slice word)
{
    return find(listen_words, COUNT_OF(listen_words), word);
}
