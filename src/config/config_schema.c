/* SPDX-License-Identifier: MIT */
/* config_schema.c - the rows, and how to find one. */

#include "config/config_schema.h"

#include "base/macros.h"
#include "config/config.h"
#include "config/suggestion.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define SECOND_MS UINT64_C(1000)
#define HOUR_MS (3600 * SECOND_MS)
#define DAY_MS (24 * HOUR_MS)

#define FIELD_OF(type, member)                                                                     \
    .offset = offsetof(type, member), .size = sizeof(((type *)NULL)->member)
#define FIELD(member) FIELD_OF(struct config, member)
#define SITE_FIELD(member) .record = RECORD_SITE, FIELD_OF(struct site_config, member)
#define HOST_FIELD(member) .record = RECORD_HOST, FIELD_OF(struct host_config, member)
#define LOCATION_FIELD(member) .record = RECORD_LOCATION, FIELD_OF(struct location_config, member)
#define STORE_FIELD(member)                                                                        \
    .record = RECORD_REPLY_CACHE, FIELD_OF(struct reply_cache_config, member)
#define UPSTREAM_FIELD(member) .record = RECORD_UPSTREAM, FIELD_OF(struct upstream_config, member)

/* [cache main] is one of many, [cache] something else. */
#define CACHE_KIND "cache NAME"

static const struct directive_word auto_word[] = {{"auto", 0}, {NULL, 0}};
static const struct directive_word any_word[] = {{"any", 0}, {NULL, 0}};
static const struct directive_word off_word[] = {{"off", 0}, {NULL, 0}};
static const struct directive_word system_word[] = {{"system", 0}, {NULL, 0}};
static const struct directive_word accept_mutex_words[] = {
    {"atomic", ACCEPT_MUTEX_ATOMIC},
    {"file", ACCEPT_MUTEX_FILE},
    {"off", ACCEPT_MUTEX_OFF},
    {"on", ACCEPT_MUTEX_ATOMIC},
    {NULL, 0},
};
static const struct directive_word sandbox_words[] = {
    {"auto", SANDBOX_AUTO},
    {"off", SANDBOX_OFF},
    {"require", SANDBOX_REQUIRE},
    {NULL, 0},
};
static const struct directive_word etag_words[] = {
    {"mtime", ETAG_MTIME},
    {"hash", ETAG_HASH},
    {"off", ETAG_OFF},
    {NULL, 0},
};
static const struct directive_word cache_control_words[] = {
    {"off", 0},
    {"auto", CACHE_CONTROL_AUTO},
    {NULL, 0},
};
static const struct directive_word access_log_words[] = {
    {"off", LOG_TARGET_OFF},
    {"stdout", LOG_TARGET_STDOUT},
    {"stderr", LOG_TARGET_STDERR},
    {"syslog", LOG_TARGET_SYSLOG},
    {NULL, 0},
};
static const struct directive_word access_log_format_words[] = {
    {"combined", ACCESS_LOG_COMBINED},
    {"vhost_combined", ACCESS_LOG_VHOST_COMBINED},
    {"upstream", ACCESS_LOG_UPSTREAM},
    {"json", ACCESS_LOG_JSON},
    {NULL, 0},
};
static const struct directive_word status_words[] = {
    {"off", 0}, {"403", 403}, {"404", 404}, {"410", 410}, {"451", 451}, {"503", 503}, {NULL, 0},
};
static const struct directive_word error_log_words[] = {
    {"stderr", LOG_TARGET_STDERR},
    {"syslog", LOG_TARGET_SYSLOG},
    {NULL, 0},
};

static const struct directive_word health_words[] = {
    {"off", HEALTH_OFF},
    {"local", HEALTH_LOCAL},
    {"on", HEALTH_ON},
    {NULL, 0},
};
static const struct directive_word client_address_words[] = {
    {"peer", CLIENT_ADDRESS_PEER},
    {"x-forwarded-for", CLIENT_ADDRESS_X_FORWARDED_FOR},
    {"forwarded", CLIENT_ADDRESS_FORWARDED},
    {NULL, 0},
};
static const struct directive_word ready_status_words[] = {{"503", 503}, {"404", 404}, {NULL, 0}};
static const struct directive_word forward_host_words[] = {
    {"keep", FORWARD_HOST_KEEP},
    {"upstream", FORWARD_HOST_UPSTREAM},
    {NULL, 0},
};
static const struct directive_word upgrade_words[] = {
    {"off", FORWARD_UPGRADE_NONE},
    {"websocket", FORWARD_UPGRADE_WEBSOCKET},
    {NULL, 0},
};
static const struct directive_word balance_words[] = {
    {"round_robin", BALANCE_ROUND_ROBIN},
    {"least_busy", BALANCE_LEAST_BUSY},
    {"random", BALANCE_RANDOM},
    {"hash", BALANCE_HASH},
    {NULL, 0},
};
static const struct directive_word prologue_words[] = {
    {"off", UPSTREAM_PROLOGUE_NONE}, {"v2", UPSTREAM_PROLOGUE_PROXY_V2}, {NULL, 0}};
static const struct directive_word retry_words[] = {
    {"off", 0},
    {"connect", RETRY_ON_CONNECT},
    {"reset", RETRY_ON_RESET},
    {"timeout", RETRY_ON_TIMEOUT},
    {"502", RETRY_ON_502},
    {"503", RETRY_ON_503},
    {"504", RETRY_ON_504},
    {NULL, 0},
};
static const struct directive_word server_word[] = {{"server", 0}, {NULL, 0}};

#define GZIP_TYPES                                                                                 \
    "text/* application/javascript application/json application/manifest+json "                    \
    "application/wasm application/xml application/xhtml+xml application/rss+xml "                  \
    "application/atom+xml image/svg+xml image/bmp font/ttf font/otf"

static const struct directive rows[] = {
    {"server", "listen", CFG_ADDRESSES, FIELD(server.listen), .def = "127.0.0.1:8080",
     .help = "Addresses to accept connections on: HOST:PORT, [IPV6]:PORT, *:PORT or PORT; "
             "proxy_protocol behind one: a proxy tells there whom it connects for."},
    {"server", "include", CFG_INCLUDES, FIELD(server.include),
     .help = "Files of directives that are read after this one, and whose values replace its "
             "own."},
    {"server", "root", CFG_DIRECTORY, SITE_FIELD(root),
     .help = "The directory that is served; relative to the file that names it."},
    {"server", "index", CFG_NAMES, SITE_FIELD(index), .def = "index.html",
     .help = "Files to look for, in this order, when a directory is asked for."},
    {"server", "listing", CFG_BOOL, SITE_FIELD(listing.is_on), .def = "off",
     .help = "Whether a directory without an index file is answered with what it holds."},
    {"server", "listing_limit", CFG_COUNT, SITE_FIELD(listing.limit), .def = "100000", .min = 1,
     .max = 1000000, .help = "Entries of a listing."},
    {"server", "listing_readme", CFG_BOOL, SITE_FIELD(listing.shows_readme), .def = "on",
     .help = "Whether a README file is shown below the entries."},
    {"server", "workers", CFG_COUNT, FIELD(server.workers), .def = "auto", .min = 1, .max = 256,
     .words = auto_word,
     .help = "Worker processes; auto is one for each processor this process may use."},
    {"server", "worker_connections", CFG_COUNT, FIELD(server.worker_connections), .def = "10240",
     .min = 1, .max = 1000000, .help = "Connections one worker holds at most."},
    {"server", "client_connections", CFG_COUNT, FIELD(server.client_connections), .def = "0",
     .min = 0, .max = 1000000,
     .help = "Connections of one client address, or IPv6 network of 64 bits; 0 is no limit."},
    {"server", "request_rate", CFG_COUNT, FIELD(server.request_rate), .def = "0", .min = 0,
     .max = 1000000, .help = "Requests a second of one client address; 0 is no limit."},
    {"server", "request_burst", CFG_COUNT, FIELD(server.request_burst), .def = "auto", .min = 1,
     .max = 1000000, .words = auto_word,
     .help = "Requests of one client at once, after a pause; auto is those of a second."},
    {"server", "io_threads", CFG_COUNT, FIELD(server.io_threads), .def = "4", .min = 0, .max = 64,
     .help = "Threads of a worker that read what is not in memory; made when needed; 0 is none."},
    {"server", "max_open_files", CFG_COUNT, FIELD(server.max_open_files), .def = "auto", .min = 64,
     .max = 10000000, .words = auto_word,
     .help = "Limit of open descriptors of each process; auto is the hard limit."},
    {"server", "user", CFG_USER, FIELD(server.user), .def = "auto", .words = auto_word,
     .help = "Who the workers run as when started as root; auto is www-data, else nobody."},
    {"server", "group", CFG_GROUP, FIELD(server.group), .def = "auto", .words = auto_word,
     .help = "The group of the workers when started as root; auto is that of the user."},
    {"server", "sandbox", CFG_CHOICE, FIELD(server.sandbox), .def = "auto", .words = sandbox_words,
     .help = "Whether the kernel keeps workers from all but serving: where it can, never, or else "
             "nothing starts."},
    {"server", "pid_file", CFG_FILE, FIELD(server.pid_file), .def = "off", .words = off_word,
     .help = "Where the master writes its process number, which the option -s reads."},
    {"server", "daemon", CFG_BOOL, FIELD(server.daemon), .def = "off",
     .help = "Whether to go into the background."},
    {"server", "access_log", CFG_LOG, FIELD(server.access_log), .def = "stdout",
     .words = access_log_words, .help = "Where a line goes for each request."},
    {"server", "access_log_delay", CFG_DURATION, FIELD(server.access_log_delay_ms), .def = "1s",
     .min = 0, .max = 60 * SECOND_MS, .help = "How long a line of it may wait for others."},
    {"server", "access_log_format", CFG_CHOICE, FIELD(server.access_log_format), .def = "combined",
     .words = access_log_format_words, .help = "What such a line looks like."},
    {"server", "access_log_sample", CFG_COUNT, FIELD(server.access_log_sample), .def = "1",
     .min = 0, .max = 1000000,
     .help = "Of answers below 400 one of so many has a line, 0 none; errors have one each."},
    {"server", "error_log", CFG_LOG, FIELD(server.error_log), .def = "stderr",
     .words = error_log_words, .help = "Where the server says what went wrong."},
    {"server", "log_level", CFG_LOG_LEVEL, FIELD(server.default_log_level), .def = "notice",
     .help = "How much goes to the error log."},
    {"server", "log_level.MODULE", CFG_MODULE_LEVELS, FIELD(server.log_level),
     .help = "The same for one module of the server."},
    {"server", "accept_mutex", CFG_CHOICE, FIELD(server.accept_mutex), .def = "atomic",
     .words = accept_mutex_words, .help = "How workers take turns to accept connections."},
    {"server", "accept_mutex_delay", CFG_DURATION, FIELD(server.accept_mutex_delay_ms),
     .def = "10ms", .min = 1, .max = 10 * SECOND_MS,
     .help = "How long a worker waits before it tries again for its turn to accept."},
    {"server", "defer_accept", CFG_BOOL, FIELD(server.defer_accept), .def = "off",
     .help = "Whether a connection is accepted when its first bytes have come, or after a second."},
    {"server", "tcp_congestion", CFG_TOKEN, FIELD(server.tcp_congestion), .def = "system",
     .words = system_word,
     .help = "The kernel's congestion control for connections, such as bbr, cubic or reno."},
    {"server", "trusted_proxy", CFG_NETWORKS, FIELD(server.trusted_proxy), .def = "off",
     .words = off_word, .help = "Networks of proxies that are believed what they say of clients."},
    {"server", "client_address", CFG_CHOICE, FIELD(server.client_address), .def = "peer",
     .words = client_address_words,
     .help =
         "What tells the client's address: the connection, or a header field of a trusted_proxy."},
    {"server", "request_id", CFG_BOOL, FIELD(server.request_id), .def = "off",
     .help = "Whether each answer has an X-Request-ID, that of a trusted_proxy or a new one."},
    {"server", "keepalive_timeout", CFG_DURATION, FIELD(server.keepalive_timeout_ms), .def = "75s",
     .min = 0, .max = DAY_MS,
     .help = "How long an idle connection is kept; 0 closes after each response."},
    {"server", "keepalive_requests", CFG_COUNT, FIELD(server.keepalive_requests), .def = "0",
     .min = 0, .max = 1000000000,
     .help = "Requests one connection may make before it is closed; 0 is no limit."},
    {"server", "header_timeout", CFG_DURATION, FIELD(server.header_timeout_ms), .def = "15s",
     .min = 1, .max = HOUR_MS, .help = "How long the head of a request may take to arrive."},
    {"server", "body_timeout", CFG_DURATION, FIELD(server.body_timeout_ms), .def = "30s", .min = 1,
     .max = HOUR_MS, .help = "How long to wait for the next bytes of a request's body."},
    {"server", "min_body_rate", CFG_SIZE, FIELD(server.min_body_rate), .def = "500", .min = 0,
     .max = 1 * GIB,
     .help = "Bytes a second of a request's body, after body_timeout; 0 asks for none."},
    {"server", "send_timeout", CFG_DURATION, FIELD(server.send_timeout_ms), .def = "30s", .min = 1,
     .max = HOUR_MS, .help = "How long to wait for a client that takes no bytes."},
    {"server", "min_send_rate", CFG_SIZE, FIELD(server.min_send_rate), .def = "500", .min = 0,
     .max = 1 * GIB,
     .help = "Bytes a second that a client has to take of its answers; 0 asks for none."},
    {"server", "send_rate", CFG_SIZE, FIELD(server.send_rate), .def = "0", .min = 0,
     .max = 64 * GIB, .help = "Bytes a second that are sent to each connection; 0 is no limit."},
    {"server", "send_rate_after", CFG_SIZE, FIELD(server.send_rate_after), .def = "0", .min = 0,
     .max = 1024 * GIB, .help = "Bytes that a connection gets before send_rate limits it."},
    {"server", "linger_timeout", CFG_DURATION, FIELD(server.linger_timeout_ms), .def = "5s",
     .min = 1, .max = HOUR_MS,
     .help = "How long a connection that is closed early is still read from."},
    {"server", "status", CFG_BOOL, FIELD(server.status), .def = "off",
     .help = "Whether the server shows what it does, at /-/, /-/status.json and /-/metrics."},
    {"server", "status_allow", CFG_NETWORKS, FIELD(server.status_allow), .def = "off",
     .words = off_word, .help = "Networks that may see it, besides this machine."},
    {"server", "health", CFG_CHOICE, FIELD(server.health), .def = "local", .words = health_words,
     .help = "Who may ask whether the server is live and ready; local is this machine."},
    {"server", "live_path", CFG_SITE_FILE, FIELD(server.live_path), .def = "/-/live",
     .help = "Where the server says that it lives."},
    {"server", "ready_path", CFG_SITE_FILE, FIELD(server.ready_path), .def = "/-/ready",
     .help = "Where the server says whether it wants new work."},
    {"server", "ready_status", CFG_CHOICE, FIELD(server.ready_status), .def = "503",
     .words = ready_status_words, .help = "The status of ready_path when it does not."},
    {"server", "shutdown_delay", CFG_DURATION, FIELD(server.shutdown_delay_ms), .def = "0",
     .min = 0, .max = HOUR_MS,
     .help = "How long service goes on after the order to stop gracefully, while not ready."},
    {"server", "stop_signal_graceful", CFG_BOOL, FIELD(server.stop_signal_graceful), .def = "off",
     .help = "Whether TERM stops gracefully, as QUIT does."},
    {"server", "drain_idle", CFG_DURATION, FIELD(server.drain_idle_ms), .def = "1s", .min = 1,
     .max = HOUR_MS,
     .help = "How long a worker that leaves waits for the next request of an idle connection."},
    {"server", "shutdown_timeout", CFG_DURATION, FIELD(server.shutdown_timeout_ms), .def = "0",
     .min = 0, .max = DAY_MS,
     .help = "How long a graceful stop may take before connections are cut; 0 is no limit."},
    {"server", "upgrade_timeout", CFG_DURATION, FIELD(server.upgrade_timeout_ms), .def = "30s",
     .min = 1, .max = HOUR_MS,
     .help = "How long a new program may take to serve before an upgrade is given up."},
    {"server", "max_header_size", CFG_SIZE, FIELD(server.max_header_size), .def = "16k",
     .min = 1 * KIB, .max = 1 * MIB, .help = "Bytes of a request's head."},
    {"server", "max_header_count", CFG_COUNT, FIELD(server.max_header_count), .def = "100",
     .min = 1, .max = 1000, .help = "Header fields of a request."},
    {"server", "max_uri_size", CFG_SIZE, FIELD(server.max_uri_size), .def = "8k", .min = 256,
     .max = 1 * MIB, .help = "Bytes of a request's target; not above max_header_size."},
    {"server", "max_body_size", CFG_SIZE, FIELD(server.max_body_size), .def = "1m", .min = 0,
     .max = 1024 * GIB, .help = "Bytes of a request's body; 0 accepts none."},
    {"server", "error_page.NNN", CFG_ERROR_PAGES, SITE_FIELD(error_pages),
     .help = "The page sent with an answer of that status (400 to 599)."},
    {"server", "clean_urls", CFG_BOOL, SITE_FIELD(clean_urls), .def = "off",
     .help = "Whether /a is a.html, and /a.html is redirected to /a."},
    {"server", "fallback", CFG_SITE_FILE, SITE_FIELD(fallback), .def = "off", .words = off_word,
     .help = "The page that is sent, with status 200, when a browser goes to a path without a "
             "file."},
    {"server", "precompressed", CFG_BOOL, SITE_FIELD(precompressed), .def = "on",
     .help =
         "Whether a.js.br, a.js.zst or a.js.gz is sent for a.js to clients that can decode it."},
    {"server", "gzip", CFG_BOOL, SITE_FIELD(gzip.is_on), .def = "off",
     .help = "Whether files are compressed for clients that can decode it, where there is no "
             "precompressed one."},
    {"server", "gzip_types", CFG_MEDIA_TYPES, SITE_FIELD(gzip.types), .def = GZIP_TYPES,
     .help = "The media types of files that are worth it."},
    {"server", "gzip_min_size", CFG_SIZE, SITE_FIELD(gzip.min_size), .def = "1k", .min = 1,
     .max = 1 * GIB, .help = "Smaller files are sent as they are."},
    {"server", "gzip_max_size", CFG_SIZE, SITE_FIELD(gzip.max_size), .def = "8m", .min = 1,
     .max = 64 * MIB, .help = "Larger files are sent as they are."},
    {"server", "gzip_level", CFG_COUNT, SITE_FIELD(gzip.level), .def = "6", .min = 1, .max = 9,
     .help = "How much work is done for a better result."},
    {"server", "etag", CFG_CHOICE, SITE_FIELD(etag), .def = "mtime", .words = etag_words,
     .help = "What entity tags are made of: size and time of the file, or a hash of its bytes."},
    {"server", "cache_control", CFG_CACHE_CONTROL, SITE_FIELD(cache_control), .def = "off",
     .words = cache_control_words,
     .help = "The Cache-Control of files: none, one that fits the name of the file, or this one."},
    {"server", "header.NAME", CFG_HEADERS, SITE_FIELD(headers),
     .help = "A header field that is added to answers; without a value it is not sent."},
    {"server", "cors", CFG_ORIGINS, SITE_FIELD(cors), .def = "off", .words = off_word,
     .help = "Origins whose pages may read what is sent; * is all of them."},
    {"server", "attachment", CFG_GLOBS, SITE_FIELD(attachment), .def = "off", .words = off_word,
     .help = "Patterns of files that browsers save instead of showing them."},
    {"server", "auth_file", CFG_FILE, SITE_FIELD(auth_file), .def = "off", .words = off_word,
     .help = "A file of users and password hashes, made by htpasswd: only they may come in."},
    {"server", "auth_realm", CFG_TEXT, SITE_FIELD(auth_realm), .def = "Restricted",
     .help = "What browsers call the place when they ask for a password."},
    {"mime", "include", CFG_FILE, FIELD(mime.include), .def = "off", .words = off_word,
     .help = "A file of media types, which win over the built-in ones."},
    {"mime", "default_type", CFG_MEDIA_TYPE, FIELD(mime.default_type),
     .def = "application/octet-stream", .help = "The type of files with an unknown extension."},
    {"mime", "charset", CFG_TOKEN, FIELD(mime.charset), .def = "utf-8", .words = off_word,
     .help = "The charset that is added to text types."},
    {"cache", "cache_valid", CFG_DURATION, FIELD(cache.valid_ms), .def = "1s", .min = 0,
     .max = HOUR_MS,
     .help = "How long a file is trusted to be unchanged; 0 looks at it for each request."},
    {"cache", "max_entries", CFG_COUNT, FIELD(cache.max_entries), .def = "16384", .min = 1,
     .max = 1000000, .help = "Files one worker remembers."},
    {"cache", "max_size", CFG_SIZE, FIELD(cache.max_size), .def = "64m", .min = 0, .max = 64 * GIB,
     .help = "Bytes of file contents one worker holds in memory."},
    {"cache", "max_file_size", CFG_SIZE, FIELD(cache.max_file_size), .def = "64k", .min = 0,
     .max = 1 * MIB,
     .help = "Files up to this size are held in memory, larger ones are sent by "
             "the kernel from the disk."},
    {"host", "server_name", CFG_HOST_NAMES, HOST_FIELD(server_names),
     .help = "Names by which clients ask for the host; *. stands for one name or more in front, "
             "default for all that no host has."},
    {"location", "host", CFG_LABEL, LOCATION_FIELD(host), .def = "any", .words = any_word,
     .help = "The [host] that it belongs to, by the name of the section."},
    {"location", "prefix", CFG_PREFIX, LOCATION_FIELD(prefix),
     .help = "The folder in the URL that it answers for, with all below."},
    {"location", "glob", CFG_GLOBS, LOCATION_FIELD(globs),
     .help = "Patterns of which the path has to match one: of the file name, or of the whole path "
             "when they start with a slash."},
    {"location", "strip_prefix", CFG_BOOL, LOCATION_FIELD(strip_prefix), .def = "off",
     .help = "Whether the prefix is left out of the path below the root."},
    {"location", "redirect", CFG_REDIRECT, LOCATION_FIELD(redirect),
     .help = "Where every request is sent; $tail stands for what follows the prefix."},
    {"location", "status", CFG_CHOICE, LOCATION_FIELD(status), .def = "off", .words = status_words,
     .help = "The answer to every request: a status and its error page."},
    {"location", "proxy", CFG_LABEL, LOCATION_FIELD(proxy), .def = "off", .words = off_word,
     .help = "The [upstream] that answers every request, by the name of the section."},
    {"location", "proxy_host", CFG_FORWARD_HOST, LOCATION_FIELD(forward), .def = "keep",
     .words = forward_host_words,
     .help = "The Host that the upstream gets: the client's, the server's own address, or this."},
    {"location", "upgrade", CFG_CHOICE, LOCATION_FIELD(forward.upgrade), .def = "off",
     .words = upgrade_words, .help = "Which change of protocol is passed on."},
    {"location", "via", CFG_TOKEN, LOCATION_FIELD(forward.via), .def = "auto", .words = off_word,
     .help = "What this server calls itself in the Via of requests."},
    {"location", "buffer_request", CFG_SIZE, LOCATION_FIELD(forward.buffer_request), .def = "0",
     .min = 0, .max = 64 * MIB,
     .help = "Bytes of a request's body that are read before a server is asked; 0 is none."},
    {"location", "body_max", CFG_SIZE, LOCATION_FIELD(forward.body_max), .def = "0", .min = 0,
     .max = 1024 * GIB, .help = "Bytes of a request's body that is passed on; 0 is no limit."},
    {"location", "head_max", CFG_SIZE, LOCATION_FIELD(forward.head_max), .def = "32k",
     .min = 1 * KIB, .max = 1 * MIB, .help = "Bytes of the head of the upstream's answer."},
    {"location", "cache", CFG_LABEL, LOCATION_FIELD(cache), .def = "off", .words = off_word,
     .help = "The [cache] that keeps the upstream's answers, by the name of the section."},
    {"location", "set_header.NAME", CFG_SET_HEADERS, LOCATION_FIELD(forward.set_fields),
     .help = "A header field of the request that is passed on; without a value it is left out."},
    {"location", "hide_header", CFG_FIELD_NAMES, LOCATION_FIELD(forward.hide_fields), .def = "off",
     .words = off_word, .help = "Header fields of the upstream's answer that are left out."},
    {"upstream", "servers", CFG_SERVERS, UPSTREAM_FIELD(servers),
     .help = "Addresses or names of servers, each with options behind it: weight=N, max_conns=N, "
             "backup."},
    {"upstream", "server.NAME", CFG_SERVER, UPSTREAM_FIELD(servers),
     .help = "One server more, which is called NAME where it is told of."},
    {"upstream", "balance", CFG_CHOICE, UPSTREAM_FIELD(balance), .def = "round_robin",
     .words = balance_words,
     .help = "How a server is chosen: in turn, the least busy one, the less busy of two, or by "
             "hash_key."},
    {"upstream", "hash_key", CFG_HASH_KEY, UPSTREAM_FIELD(hash_key), .def = "uri",
     .help = "What requests have in common that go to the same server."},
    {"upstream", "hash_bound", CFG_COUNT, UPSTREAM_FIELD(hash_bound), .def = "150", .min = 101,
     .max = 1000, .words = off_word,
     .help = "Percent of the mean load that a server gets at most by its hash."},
    {"upstream", "sticky_cookie", CFG_TOKEN, UPSTREAM_FIELD(sticky_cookie), .def = "off",
     .words = off_word, .help = "A cookie by which a client stays with the server that it had."},
    {"upstream", "sticky_age", CFG_DURATION, UPSTREAM_FIELD(sticky_age_ms), .def = "0", .min = 0,
     .max = 30 * DAY_MS, .help = "How long that cookie is kept; 0: until the browser is closed."},
    {"upstream", "proxy_protocol", CFG_CHOICE, UPSTREAM_FIELD(prologue), .def = "off",
     .words = prologue_words,
     .help = "Whether servers are told by a PROXY header for whom each connection is."},
    {"upstream", "keepalive", CFG_COUNT, UPSTREAM_FIELD(keepalive), .def = "32", .min = 0,
     .max = 10000, .help = "Idle connections that a worker keeps for each server."},
    {"upstream", "keepalive_timeout", CFG_DURATION, UPSTREAM_FIELD(keepalive_timeout_ms),
     .def = "4s", .min = 1, .max = HOUR_MS, .help = "How long such a connection is kept."},
    {"upstream", "keepalive_requests", CFG_COUNT, UPSTREAM_FIELD(keepalive_requests),
     .def = "10000", .min = 1, .max = 1000000000, .help = "Requests of one connection."},
    {"upstream", "keepalive_age", CFG_DURATION, UPSTREAM_FIELD(keepalive_age_ms), .def = "5m",
     .min = 1, .max = DAY_MS, .help = "The age at which a connection is not used again."},
    {"upstream", "connect_timeout", CFG_DURATION, UPSTREAM_FIELD(connect_timeout_ms), .def = "1s",
     .min = 1, .max = HOUR_MS, .help = "How long to wait for a connection."},
    {"upstream", "head_timeout", CFG_DURATION, UPSTREAM_FIELD(head_timeout_ms), .def = "30s",
     .min = 1, .max = HOUR_MS,
     .help = "How long the head of an answer may take, from the end of the request."},
    {"upstream", "read_timeout", CFG_DURATION, UPSTREAM_FIELD(read_timeout_ms), .def = "60s",
     .min = 1, .max = HOUR_MS, .help = "How long to wait for the next bytes of an answer."},
    {"upstream", "send_timeout", CFG_DURATION, UPSTREAM_FIELD(send_timeout_ms), .def = "60s",
     .min = 1, .max = HOUR_MS, .help = "How long to wait for a server that takes no bytes."},
    {"upstream", "tunnel_timeout", CFG_DURATION, UPSTREAM_FIELD(tunnel_timeout_ms), .def = "1h",
     .min = 1, .max = 30 * DAY_MS,
     .help = "How long an upgraded connection may be silent in both directions."},
    {"upstream", "tunnel_drain", CFG_DURATION, UPSTREAM_FIELD(tunnel_drain_ms), .def = "5m",
     .min = 0, .max = DAY_MS,
     .help = "How long upgraded connections may go on after a reload or the order to stop."},
    {"upstream", "tries", CFG_COUNT, UPSTREAM_FIELD(tries), .def = "2", .min = 1, .max = 16,
     .help = "Servers that are asked for one request, at most."},
    {"upstream", "tries_time", CFG_DURATION, UPSTREAM_FIELD(tries_time_ms), .def = "10s", .min = 1,
     .max = HOUR_MS, .help = "How long after its arrival a request may go to another server."},
    {"upstream", "retry_on", CFG_WORDS, UPSTREAM_FIELD(retry_on), .def = "connect, reset, timeout",
     .words = retry_words, .help = "What has another server asked."},
    {"upstream", "retry_budget", CFG_COUNT, UPSTREAM_FIELD(retry_budget), .def = "20", .min = 0,
     .max = 100,
     .help = "Percent of the requests that may be asked again, besides three a second."},
    {"upstream", "max_fails", CFG_COUNT, UPSTREAM_FIELD(max_fails), .def = "3", .min = 0,
     .max = 100,
     .help = "Failures one after the other that take a server out; 0: it always stays."},
    {"upstream", "fail_timeout", CFG_DURATION, UPSTREAM_FIELD(fail_timeout_ms), .def = "5s",
     .min = 1, .max = 60 * SECOND_MS,
     .help = "How long it stays out, doubled each time that it fails again, up to a minute."},
    {"upstream", "slow_start", CFG_DURATION, UPSTREAM_FIELD(slow_start_ms), .def = "0", .min = 0,
     .max = HOUR_MS, .help = "How long a server that comes back takes to have its whole share."},
    {"upstream", "queue", CFG_COUNT, UPSTREAM_FIELD(queue), .def = "0", .min = 0, .max = 100000,
     .help = "Requests that wait in a worker when all servers have max_conns."},
    {"upstream", "queue_timeout", CFG_DURATION, UPSTREAM_FIELD(queue_timeout_ms), .def = "5s",
     .min = 1, .max = HOUR_MS, .help = "How long they wait."},
    {"upstream", "check", CFG_TARGET, UPSTREAM_FIELD(check), .def = "off", .words = off_word,
     .help = "A path that each server is asked for to see whether it works."},
    {"upstream", "check_interval", CFG_DURATION, UPSTREAM_FIELD(check_interval_ms), .def = "2s",
     .min = 100, .max = HOUR_MS, .help = "How often."},
    {"upstream", "check_timeout", CFG_DURATION, UPSTREAM_FIELD(check_timeout_ms), .def = "1s",
     .min = 1, .max = HOUR_MS, .help = "How long such an answer may take."},
    {"upstream", "check_fall", CFG_COUNT, UPSTREAM_FIELD(check_fall), .def = "2", .min = 1,
     .max = 10, .help = "Failed checks one after the other that take a server out."},
    {"upstream", "check_rise", CFG_COUNT, UPSTREAM_FIELD(check_rise), .def = "2", .min = 1,
     .max = 10, .help = "Good ones that bring it back."},
    {"upstream", "check_status", CFG_STATUS_RANGE, UPSTREAM_FIELD(check_status), .def = "200-399",
     .help = "The statuses of a server that works."},
    {"upstream", "check_host", CFG_AUTHORITY, UPSTREAM_FIELD(check_host), .def = "server",
     .words = server_word, .help = "The Host of checks: the server's own address, or this."},
    {"upstream", "resolve", CFG_DURATION, UPSTREAM_FIELD(resolve_ms), .def = "10s", .min = 100,
     .max = HOUR_MS, .help = "How often the names of servers are looked up."},
    {CACHE_KIND, "path", CFG_FILE, STORE_FIELD(path), .help = "The folder of its own that it has."},
    {CACHE_KIND, "max_size", CFG_SIZE, STORE_FIELD(max_size), .def = "1g", .min = 1 * MIB,
     .max = 1024 * 1024 * GIB, .help = "Bytes of all its files together."},
    {CACHE_KIND, "min_free", CFG_SIZE, STORE_FIELD(min_free), .def = "256m", .min = 0,
     .max = 1024 * 1024 * GIB, .help = "Bytes of its disk that are left free."},
    {CACHE_KIND, "max_object", CFG_SIZE, STORE_FIELD(max_object), .def = "100m", .min = 0,
     .max = 1024 * GIB, .help = "Bytes of an answer that is kept."},
    {CACHE_KIND, "inactive", CFG_DURATION, STORE_FIELD(inactive_ms), .def = "1h", .min = 0,
     .max = 30 * DAY_MS, .help = "What nobody asked for that long is removed."},
    {CACHE_KIND, "heuristic", CFG_BOOL, STORE_FIELD(heuristic), .def = "off",
     .help = "Whether a lifetime is guessed from Last-Modified where none is told."},
    {CACHE_KIND, "errors", CFG_DURATION, STORE_FIELD(errors_ms), .def = "0", .min = 0,
     .max = DAY_MS, .help = "How long 404 and 410 are kept that tell no lifetime."},
    {CACHE_KIND, "cache_cookies", CFG_BOOL, STORE_FIELD(cache_cookies), .def = "off",
     .help = "Whether answers that set cookies are kept, for everybody."},
    {CACHE_KIND, "client_cache_control", CFG_BOOL, STORE_FIELD(obeys_clients), .def = "off",
     .help = "Whether clients may ask for something fresher than what is kept."},
    {CACHE_KIND, "key_add", CFG_FIELD_NAMES, STORE_FIELD(key_add), .def = "off", .words = off_word,
     .help = "Fields of a request in which it has to be the same."},
    {CACHE_KIND, "lock_timeout", CFG_DURATION, STORE_FIELD(lock_timeout_ms), .def = "5s", .min = 0,
     .max = HOUR_MS, .help = "How long a request waits for what another one fetches."},
    {CACHE_KIND, "lock_age", CFG_DURATION, STORE_FIELD(lock_age_ms), .def = "30s", .min = SECOND_MS,
     .max = HOUR_MS, .help = "Of a fetch that makes no progress for so long, nothing is expected."},
    {CACHE_KIND, "fill_rest", CFG_DURATION, STORE_FIELD(fill_rest_ms), .def = "30s", .min = 0,
     .max = HOUR_MS, .help = "How long a fetch goes on that nobody waits for any more."},
    {CACHE_KIND, "purge", CFG_NETWORKS, STORE_FIELD(purge), .def = "127.0.0.1 ::1",
     .words = off_word, .help = "Networks from which PURGE removes answers."},
};

size_t schema_count(void)
{
    return COUNT_OF(rows);
}

const struct directive *schema_row(size_t index)
{
    return &rows[index];
}

size_t schema_index(const struct directive *row)
{
    return (size_t)(row - rows);
}

bool directive_is_family(const struct directive *row)
{
    return row->type == CFG_MODULE_LEVELS || row->type == CFG_ERROR_PAGES ||
           row->type == CFG_HEADERS || row->type == CFG_SET_HEADERS || row->type == CFG_SERVER;
}

bool schema_is_site_section(struct slice name)
{
    return slice_equal(name, SLICE_LITERAL("host")) || slice_equal(name, SLICE_LITERAL("location"));
}

bool schema_is_named_section(struct slice name)
{
    return schema_is_site_section(name) || slice_equal(name, SLICE_LITERAL("upstream")) ||
           slice_equal(name, SLICE_LITERAL(CACHE_KIND));
}

struct slice section_kind(struct slice section, struct slice *ret_name)
{
    size_t len = 0;
    while (len < section.len && section.data[len] != ' ' && section.data[len] != '\t')
        len++;
    *ret_name = slice_trim(slice_from(section, len));
    if (ret_name->len > 0 &&
        slice_equal_nocase(slice_of(section.data, len), SLICE_LITERAL("cache")))
        return SLICE_LITERAL(CACHE_KIND);
    return slice_of(section.data, len);
}

static bool is_in(const struct directive *row, struct slice section)
{
    return slice_equal(slice_from_string(row->section), section) ||
           (row->record == RECORD_SITE && schema_is_site_section(section));
}

/* The part before the dot, or all of it. */
static struct slice stem_of(struct slice key)
{
    ptrdiff_t dot = slice_find(key, '.');
    return slice_of(key.data, dot < 0 ? key.len : (size_t)dot);
}

const struct directive *schema_find(struct slice section, struct slice key,
                                    struct slice *ret_member)
{
    struct slice stem = stem_of(key);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice name = slice_from_string(rows[i].key);
        if (!is_in(&rows[i], section))
            continue;
        if (!directive_is_family(&rows[i]) && slice_equal(name, key)) {
            *ret_member = SLICE_LITERAL("");
            return &rows[i];
        }
        if (directive_is_family(&rows[i]) && stem.len < key.len &&
            slice_equal(stem_of(name), stem)) {
            *ret_member = slice_from(key, stem.len + 1);
            return &rows[i];
        }
    }
    return NULL;
}

void schema_write_sections(struct writer *w)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (i > 0 && strcmp(rows[i].section, rows[i - 1].section) == 0)
            continue; /* those of a section stand together */
        writer_format(w, "%s[%s%s]", i > 0 ? ", " : "", rows[i].section,
                      schema_is_named_section(slice_from_string(rows[i].section)) ? " NAME" : "");
    }
}

bool schema_has_section(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (is_in(&rows[i], name))
            return true;
    }
    return false;
}

const char *schema_suggest_section(struct slice name)
{
    struct suggestion suggestion = {.word = name};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        suggestion_try(&suggestion, slice_from_string(rows[i].section), rows[i].section);
    return suggestion.best;
}

/* Of a family its stem is compared; a key with a dot can only mean a family. */
const char *schema_suggest_key(struct slice section, struct slice key)
{
    struct suggestion suggestion = {.word = stem_of(key)};
    bool has_member = suggestion.word.len < key.len;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (is_in(&rows[i], section) && (!has_member || directive_is_family(&rows[i])))
            suggestion_try(&suggestion, stem_of(slice_from_string(rows[i].key)), rows[i].key);
    }
    return suggestion.best;
}

const char *schema_other_section(struct slice section, struct slice key)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice other = slice_from_string(rows[i].section), member;
        const struct directive *found = schema_find(other, key, &member);
        if (!slice_equal(other, section) && found && strcmp(found->section, rows[i].section) == 0)
            return rows[i].section;
    }
    return NULL;
}
