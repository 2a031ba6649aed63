/* SPDX-License-Identifier: MIT */
/*
 * config.h - the configuration as plain data: read once, checked, then const for its whole life.
 *
 * One generation of workers has one struct config; nobody changes it after config_load. It owns
 * all it points to and config_free frees it whole. Durations are milliseconds, sizes are bytes.
 * What a directive means is said once, in the table of config_schema.c (and in the man page).
 */
#ifndef TINYWEB_CONFIG_CONFIG_H
#define TINYWEB_CONFIG_CONFIG_H

#include "base/address.h"
#include "base/endpoint.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum accept_mutex_kind { ACCEPT_MUTEX_ATOMIC, ACCEPT_MUTEX_FILE, ACCEPT_MUTEX_OFF };

/* Where in which text; 0 for a line or a column that is not known. @file is borrowed: "-g" and
 * "environment TINYWEB_SERVER_ROOT" are places, too. */
struct config_place {
    const char *file;
    unsigned line, column;
};

/* Whether workers are confined by the kernel: where it can, never, or always. */
enum sandbox_mode { SANDBOX_OFF, SANDBOX_AUTO, SANDBOX_REQUIRE };

/* Where a log goes. */
enum log_target {
    LOG_TARGET_OFF,
    LOG_TARGET_STDOUT,
    LOG_TARGET_STDERR,
    LOG_TARGET_FILE,
    LOG_TARGET_SYSLOG,
};

/* Where the daemon of the machine listens. */
#define SYSLOG_PATH "/dev/log"

enum access_log_format {
    ACCESS_LOG_COMBINED,
    ACCESS_LOG_VHOST_COMBINED,
    ACCESS_LOG_UPSTREAM,
    ACCESS_LOG_JSON,
};

/* Who gets an answer at live_path and ready_path. */
enum health_scope { HEALTH_OFF, HEALTH_LOCAL, HEALTH_ON };

/* Which words of a trusted proxy tell the client's address. */
enum client_address_kind {
    CLIENT_ADDRESS_PEER, /* none: it is who connected, or whom a PROXY header names */
    CLIENT_ADDRESS_X_FORWARDED_FOR,
    CLIENT_ADDRESS_FORWARDED,
};

struct log_destination {
    enum log_target target;
    char *path; /* absolute, for LOG_TARGET_FILE and LOG_TARGET_SYSLOG */
};

struct string_list {
    char **items;
    size_t count;
};

struct listen_address {
    struct address addr;
    bool proxy_protocol; /* each connection begins with a PROXY header */
    unsigned line;       /* of the configuration, 0 when it came from elsewhere */
};

/*
 * `error_page.404 = /404.html`: what is sent as the body of an answer with that status. A file
 * below the root (a leading "/" is the root of the site) is served from there, so an edited page
 * is seen. Any other file (absolute, or relative to the configuration) is read once, here, so that
 * unprivileged workers need no access to it; it holds at most ERROR_PAGE_SIZE_MAX bytes.
 */
#define ERROR_PAGE_SIZE_MAX (1U << 20)

struct error_page_config {
    unsigned status;
    char *path;          /* below the root without the leading "/"; NULL: `content` is the page */
    const char *content; /* borrowed from the configuration; NULL with `path` */
    size_t content_len;
    char *extension; /* of the file that `content` came from, for its type; "" without one */
    char *file;      /* the file that `content` came from, absolute; NULL with `path` */
    unsigned line;
};

/* What entity tags are made of. */
enum etag_kind { ETAG_MTIME, ETAG_HASH, ETAG_OFF };

/* `header.NAME = VALUE`, a line that is added to answers. All of a site have at most so many bytes. */
#define HEADER_LINES_MAX 4096

struct header_config {
    char *name;
    char *value;     /* empty: the field is not sent, even if it would be otherwise */
    bool is_of_file; /* not sent with errors and redirects */
};

/* Files that are compressed when they are asked for. */
struct gzip_config {
    bool is_on;
    struct string_list types; /* media types; with a subtype of "*" for all of them */
    uint64_t min_size, max_size;
    unsigned level;
};

/* One of those who may come in. */
struct auth_user {
    const char *name, *hash; /* as crypt(3) makes it */
    unsigned line;
};

/* What is shown of a directory that has no index file. */
struct listing_config {
    bool is_on;
    unsigned limit; /* entries */
    bool shows_readme;
};

/*
 * What may be different for each host and for each location. [server] says it for all; a [host]
 * inherits from there and a [location] from its host, value by value. Every struct is whole: who
 * answers a request needs to look at one of them only. A new member is a row of the schema.
 */
struct site_config {
    char *root; /* absolute directory */
    struct string_list index;
    struct error_page_config *error_pages; /* one without path and content: the built-in page */
    size_t error_page_count;
    bool precompressed; /* whether "a.js.br" is sent for "a.js" */
    struct gzip_config gzip;
    enum etag_kind etag;
    bool clean_urls;     /* "/a" is "a.html" */
    char *fallback;      /* below the root without the leading "/"; NULL: none */
    char *cache_control; /* NULL: none is sent; "auto": by the file's name; else what is sent */
    struct header_config *headers;
    size_t header_count;
    struct listing_config listing;
    struct string_list cors;       /* origins that may read answers; or "*" alone */
    struct string_list attachment; /* patterns of files that browsers are to save */
    char *auth_file;               /* absolute; NULL: everybody may come in */
    char *auth_realm;
    const struct auth_users *auth_users; /* of auth_file; borrowed from the configuration */
    unsigned root_number;                /* of `root` among config->roots */
    unsigned file_space; /* equal for those that send the same files in the same way */
};

/* [host NAME] */
struct host_config {
    char *name; /* of the section, in lower case */
    struct config_place place;
    struct string_list server_names; /* lower case, without a final dot: "a.org", "*.a.org" */
    bool is_default;                 /* "default" is one of them */
    struct site_config site;
};

/* Where a redirect leads: "/new/$tail", whose last part stands for what follows the prefix. */
struct redirect_config {
    unsigned status; /* 0: there is none */
    char *target;
    bool has_tail;
};

/* The Host field of requests that are passed on. */
enum forward_host {
    FORWARD_HOST_KEEP,     /* that of the client's request */
    FORWARD_HOST_UPSTREAM, /* the server's, as it is written in its [upstream] */
    FORWARD_HOST_NAME,     /* `host` */
};

enum forward_upgrade { FORWARD_UPGRADE_NONE, FORWARD_UPGRADE_WEBSOCKET };

/* How requests of a location are passed on to its upstream, and answers back. */
struct forward_config {
    enum forward_host host_kind;
    char *host;                   /* of FORWARD_HOST_NAME; else NULL */
    enum forward_upgrade upgrade; /* which upgrade is passed on */
    char *via;                    /* what this server calls itself in Via; NULL: no such field */
    uint64_t buffer_request;      /* bytes of a body that are read before a server is taken */
    uint64_t body_max;            /* of a request; 0: no limit */
    uint32_t head_max;            /* of an answer */
    struct header_config *set_fields; /* of the request; an empty value: not sent */
    size_t set_count;
    struct string_list hide_fields; /* of the answer */
};

/* One of the servers of an upstream, as it is written. */
struct upstream_server_config {
    char *label; /* NAME of `server.NAME`; NULL: one of `servers` */
    char *text;  /* its address: "10.0.0.1:8080", "app.internal:80", "unix:/run/app.sock" */
    char *host;  /* a name that has to be looked up; NULL: it is at `endpoint` */
    uint16_t port;
    struct endpoint endpoint;
    unsigned weight;    /* at least 1 */
    unsigned max_conns; /* requests at once, of all workers; 0: no limit */
    bool is_backup;     /* for when none of the others can be asked */
};

/* Servers of an upstream; of the addresses that their names stand for there are not more, either. */
#define UPSTREAM_SERVERS_MAX 64
/* Servers of all upstreams. */
#define UPSTREAM_SERVERS_TOTAL 256

enum balance_kind { BALANCE_ROUND_ROBIN, BALANCE_LEAST_BUSY, BALANCE_RANDOM, BALANCE_HASH };

/* What requests of one server have in common. */
enum hash_key_kind { HASH_KEY_URI, HASH_KEY_CLIENT, HASH_KEY_COOKIE, HASH_KEY_HEADER };

struct hash_key_config {
    enum hash_key_kind kind;
    char *name; /* of the cookie, or the header field; else NULL */
};

/* What an attempt may have come to, so that another server is asked: bits of `retry_on`. */
enum retry_reason {
    RETRY_ON_CONNECT = 1,
    RETRY_ON_RESET = 2,
    RETRY_ON_TIMEOUT = 4,
    RETRY_ON_502 = 8,
    RETRY_ON_503 = 16,
    RETRY_ON_504 = 32,
};

struct status_range {
    unsigned low, high;
};

/* What stands before the first byte of a connection to a server: `proxy_protocol`. */
enum upstream_prologue { UPSTREAM_PROLOGUE_NONE, UPSTREAM_PROLOGUE_PROXY_V2 };

/* [upstream NAME]: servers that do the same, and how they are treated. */
struct upstream_config {
    char *name; /* of the section, in lower case */
    struct config_place place;
    struct upstream_server_config *servers;
    size_t server_count;
    enum balance_kind balance;
    struct hash_key_config hash_key;
    unsigned
        hash_bound; /* percent of the mean that one server gets at most; 0: no matter how much */
    enum upstream_prologue prologue;
    char *sticky_cookie;    /* by which clients stay with a server; NULL: they do not */
    uint32_t sticky_age_ms; /* of that cookie; 0: until the browser is closed */
    unsigned keepalive;     /* connections kept by a worker for each server; 0: none */
    uint32_t keepalive_timeout_ms;
    unsigned keepalive_requests;
    uint32_t keepalive_age_ms;
    uint32_t connect_timeout_ms;
    uint32_t head_timeout_ms;
    uint32_t read_timeout_ms;
    uint32_t send_timeout_ms;
    uint32_t tunnel_timeout_ms;
    uint32_t tunnel_drain_ms;
    unsigned tries;         /* with the first one */
    uint32_t tries_time_ms; /* in which another one may begin */
    unsigned retry_on;      /* enum retry_reason */
    unsigned retry_budget;  /* percent of the requests */
    unsigned max_fails;     /* one after the other; 0: none is ejected */
    uint32_t fail_timeout_ms;
    uint32_t slow_start_ms; /* 0: at once */
    unsigned queue;         /* requests that wait in a worker; 0: none does */
    uint32_t queue_timeout_ms;
    char *check; /* the target of checks; NULL: there are none */
    uint32_t check_interval_ms;
    uint32_t check_timeout_ms;
    unsigned check_fall;
    unsigned check_rise;
    struct status_range check_status;
    char *check_host;    /* NULL: the server's address as it is written */
    uint32_t resolve_ms; /* how often names are looked up */
};

/* [cache NAME]: a folder in which answers of upstreams are kept. */
struct reply_cache_config {
    char *name; /* of the section, in lower case */
    struct config_place place;
    char *path;                 /* absolute; NULL: it was not said */
    uint64_t max_size;          /* bytes of all files */
    uint64_t min_free;          /* bytes that are left free on that disk */
    uint64_t max_object;        /* bytes of one answer */
    uint32_t inactive_ms;       /* what nobody asked for so long is removed; 0: no limit */
    bool heuristic;             /* a lifetime is guessed from Last-Modified */
    bool cache_cookies;         /* answers with Set-Cookie, too */
    bool obeys_clients;         /* what they say in Cache-Control */
    uint32_t errors_ms;         /* for 404 and 410 that say nothing of their lifetime */
    uint32_t lock_timeout_ms;   /* how long one waits for what another one fetches */
    uint32_t lock_age_ms;       /* how long that may take before he is taken for dead */
    uint32_t fill_rest_ms;      /* how long a fetch goes on that nobody waits for any more */
    struct network_list purge;  /* who may; empty: nobody */
    struct string_list key_add; /* fields of the request that are part of the key */
};

/* What answers the requests for a location. */
enum answer_kind {
    ANSWER_FILES,
    ANSWER_REDIRECT,
    ANSWER_STATUS,
    ANSWER_PROXY,
    ANSWER_CACHE, /* leaves to the proxy what it does not have */
    ANSWER_GUARD, /* asks for a password, and then leaves it to the one that would answer else */
};
#define ANSWER_KIND_COUNT (ANSWER_GUARD + 1)

/* [location NAME]: what it answers, and how, besides what it inherits. */
struct location_config {
    char *name; /* of the section, in lower case */
    struct config_place place;
    char *host;               /* the name of a [host]; NULL: every host */
    char *prefix;             /* decoded, without "/" at both ends; "" or NULL: every path */
    struct string_list globs; /* none: every path below the prefix */
    bool strip_prefix;        /* from the path that is looked up below the root */
    struct redirect_config redirect;
    unsigned status; /* that every request gets, 0: none */
    char *proxy;     /* the name of an [upstream]; NULL: none */
    size_t upstream; /* its number */
    char *cache;     /* the name of a [cache]; NULL: none */
    size_t cache_number;
    struct forward_config forward;
};

static inline enum answer_kind location_answer(const struct location_config *location)
{
    if (location->redirect.status != 0)
        return ANSWER_REDIRECT;
    if (location->proxy)
        return location->cache ? ANSWER_CACHE : ANSWER_PROXY;
    return location->status != 0 ? ANSWER_STATUS : ANSWER_FILES;
}

/* A location as it is in one host. */
struct route_config {
    size_t host; /* 0: that of [server]; else the number of the [host], from 1 on */
    const struct location_config *location;
    struct site_config site;
};

struct server_config {
    struct string_list include; /* the files that were read besides the first */
    struct listen_address *listen;
    size_t listen_count;
    unsigned workers; /* 0: auto */
    unsigned worker_connections;
    unsigned client_connections; /* of one client, with all workers; 0: no limit */
    unsigned request_rate;       /* of one client, a second; 0: no limit */
    unsigned request_burst;      /* 0: request_rate */
    unsigned io_threads;         /* 0: none */
    unsigned max_open_files;     /* 0: the hard limit */
    char *user;                  /* NULL: www-data, else nobody */
    char *group;                 /* NULL: the user's own */
    enum sandbox_mode sandbox;
    char *pid_file; /* NULL: none */
    bool daemon;
    struct log_destination access_log;
    uint32_t access_log_delay_ms; /* how long a line may wait for others */
    enum access_log_format access_log_format;
    unsigned access_log_sample; /* of answers below 400 one of so many is logged; 0: none */
    struct log_destination error_log;
    enum log_level default_log_level;
    enum log_level log_level[LOG_MODULE_COUNT]; /* the families resolved */
    enum accept_mutex_kind accept_mutex;
    uint32_t accept_mutex_delay_ms;
    bool defer_accept;
    struct network_list trusted_proxy;
    enum client_address_kind client_address;
    bool request_id;
    char *tcp_congestion;          /* NULL: the system's choice */
    uint32_t keepalive_timeout_ms; /* 0: close after each response */
    unsigned keepalive_requests;   /* 0: no limit */
    uint32_t header_timeout_ms;
    uint32_t body_timeout_ms;
    uint32_t min_body_rate; /* bytes a second; 0: none */
    uint32_t send_timeout_ms;
    uint32_t min_send_rate; /* bytes a second; 0: none */
    uint64_t send_rate;     /* of each connection; 0: no limit */
    uint64_t send_rate_after;
    uint32_t linger_timeout_ms;
    bool status;
    struct network_list status_allow; /* besides this machine */
    enum health_scope health;
    char *live_path; /* below the root, without the leading "/"; and the next one */
    char *ready_path;
    unsigned ready_status;        /* while draining */
    uint32_t shutdown_delay_ms;   /* from "not ready" to the end of accepting */
    bool stop_signal_graceful;    /* TERM is QUIT */
    uint32_t drain_idle_ms;       /* for idle connections of a worker that leaves */
    uint32_t shutdown_timeout_ms; /* 0: no limit */
    uint32_t upgrade_timeout_ms;
    uint32_t max_header_size;
    unsigned max_header_count;
    uint32_t max_uri_size;
    uint64_t max_body_size;
};

/* One extension of the MIME table; extensions are lower case, without the dot. */
struct mime_row {
    char *extension;
    char *type; /* "text/html" */
};

struct mime_config {
    struct mime_row *rows; /* later rows win over earlier ones with the same extension */
    size_t count;
    char *include; /* absolute file of the rows behind the built-in ones; NULL: only those */
    char *default_type;
    char *charset; /* added to text types; NULL: none */
};

/* [cache], without a name: of files. */
struct cache_config {
    uint32_t valid_ms; /* how long an entry is trusted without a look at the file */
    uint32_t max_entries;
    uint64_t max_size;      /* bytes of bodies in memory, per worker */
    uint64_t max_file_size; /* larger files are sent by sendfile */
};

/* Where the value of "server.root" or "server.error_page.404" came from; private, for config_print. */
struct config_origin {
    char *name;
    uint64_t hash; /* of the name */
    struct config_place place;
};

struct config {
    char *path; /* of the file, absolute; NULL in one-shot mode */
    struct server_config server;
    struct site_config site; /* of [server]: where no host and no location says otherwise */
    struct host_config *hosts;
    size_t host_count;
    struct location_config *locations;
    size_t location_count;
    struct route_config *routes; /* those of a host together, in the order of the file */
    size_t route_count;
    struct upstream_config *upstreams;
    size_t upstream_count;
    struct reply_cache_config *reply_caches;
    size_t reply_cache_count;
    char **roots; /* real paths; each directory once, that of [server] first */
    size_t root_count;
    struct page_file *page_files;  /* private: whose contents the error pages borrow */
    struct auth_users *auth_files; /* those of all sites */
    struct mime_config mime;
    struct cache_config cache;
    struct config_origin *origins; /* of what is no default */
    size_t origin_count;
    struct string_list place_names; /* the files of places, for those that stay */
};

/* One `-g section.key=value`, or a value the program itself sets (one-shot mode). */
struct config_override {
    const char *text;   /* "server.listen=127.0.0.1:8080" */
    const char *origin; /* for messages: "-g", "command line" */
};

struct config_source {
    const char *path; /* NULL: built-in defaults and overrides only */
    const char *const
        *environment; /* as environ(7): variables, and values as in tinyweb.conf(5); NULL:
                                 an empty one. The file's values give way to it, and its to
                                 `overrides`. */
    const struct config_override *overrides;
    size_t override_count;
};

/* All is borrowed for the call. */
struct config_mistake {
    bool is_error; /* else a warning, which fails nothing */
    /* One line without a newline: "tinyweb.conf:12:1: unknown key "lisen", did you mean "listen"?",
     * or "tinyweb.conf:3:8: warning: …". */
    const char *text;
    const char *message;       /* its end, behind the place and "warning: " */
    struct config_place place; /* file NULL: none */
    struct slice line;         /* what stands there, with any bytes; NULL data: not known */
};

struct config_report;

struct config_reporter {
    /* One call a mistake, in the order of files and lines. */
    void (*report)(void *context, const struct config_mistake *mistake);
    void *context;
    /* NULL: none. Looks at a configuration without errors for what is legal but surely wrong. */
    void (*advise)(const struct config *config, struct config_report *report);
};

/*
 * Read, override, check. All mistakes are reported, not the first only. Returns 0, or -EINVAL
 * when at least one was an error (nothing is stored then); -ENOMEM. Warnings do not fail.
 * Checks that need the file system (root exists and is a directory, includes) are made too, as
 * the calling user. Single thread only: iniparser's error callback is global.
 */
MUST_CHECK int config_load(const struct config_source *source,
                           const struct config_reporter *reporter, struct config **ret_config);

/* Every directive with its value in effect, as a configuration that config_load reads back to
 * the same; each line says where its value came from. Returns 0 or -errno of the stream. */
int config_print(const struct config *config, FILE *out);

/* One line a directive: name, type, default, range, help (for the checks and for -h). */
void config_print_schema(FILE *out);

void config_free(struct config *config); /* NULL is fine */

#endif
