/* SPDX-License-Identifier: MIT */
/* test_forward.c - what an intermediary makes of heads, by table: what comes, and what goes on. */
#include "support/unit.h"

#include "http/forward.h"
#include "http/forward_fields.h"
#include "http/parser_fixture.h"

#define PEER "192.0.2.7"
#define REQUEST "GET /a HTTP/1.1\r\nHost: example.org\r\n"
/* What is said of it, whatever the fields. */
#define SAID(host, for_)                                                                           \
    "Host: " host "\r\nX-Forwarded-For: " for_ "\r\nX-Forwarded-Host: example.org\r\n"             \
    "X-Forwarded-Proto: http\r\n"
#define LINE "GET /a HTTP/1.1\r\n"
#define USUAL LINE SAID("example.org", PEER) "Via: 1.1 me\r\n"

static const char *own_cookie;
static char via[] = "me", host[] = "app.internal";
static struct forward_config config;
static struct network_list trusted;
static struct network everybody;
static struct site_config site_config;
static char space[8192];

static int set_up(void **state)
{
    (void)state;
    config = (struct forward_config){.via = via};
    trusted = (struct network_list){0};
    own_cookie = NULL;
    site_config = (struct site_config){0};
    assert_int_equal(network_parse(SLICE_LITERAL("0.0.0.0/0"), &everybody), 0);
    return 0;
}

static void trust(void)
{
    trusted = (struct network_list){.items = &everybody, .count = 1};
}

static struct forward_request forward_of(const struct request *req, const struct address *peer)
{
    return (struct forward_request){
        .req = req,
        .config = &config,
        .trusted = &trusted,
        .peer = peer,
        .via = config.via,
        .target = req->target,
        .server_host = SLICE_LITERAL("10.0.0.1:8080"),
        .framing = req->framing,
        .content_length = req->content_length,
        .expects_continue = req->expects_continue,
        .wants_upgrade = forward_wants_upgrade(req, &config),
        .own_cookie = own_cookie,
    };
}

static struct parsed *parse(const char *text)
{
    struct parsed *parsed = parse_message(&usual_settings, text, strlen(text), WHOLE);

    assert_int_equal(parsed->result, GOOD);
    return parsed;
}

static void assert_written(const struct writer *w, const char *from, const char *expected)
{
    assert_false(w->overflow);
    if (!slice_equal(writer_content(w), slice_from_string(expected)))
        fail_msg("of\n%s\ncame\n%.*s\ninstead of\n%s", from, SLICE_PRINTF(writer_content(w)),
                 expected);
}

static void expect_request(const char *text, const char *expected)
{
    struct parsed *parsed = parse(text);
    struct writer w = writer_on(space, sizeof(space));
    struct address peer;
    struct forward_request forward = forward_of(&parsed->req, &peer);

    assert_int_equal(address_parse_host(SLICE_LITERAL(PEER), &peer), 0);
    forward_write_request(&w, &forward);
    assert_written(&w, text, expected);
    parsed_free(parsed);
}

struct exchange_row {
    const char *in, *out;
};

static void expect_requests(const struct exchange_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_request(rows[i].in, rows[i].out);
}

static void fields_pass_as_they_came(void **state)
{
    static const struct exchange_row rows[] = {
        {REQUEST "\r\n", USUAL "\r\n"},
        {REQUEST "Accept: */*\r\ncookie:  a=b \r\nX-Empty:\r\nAccept: b\r\n\r\n",
         USUAL "Accept: */*\r\ncookie: a=b\r\nX-Empty: \r\nAccept: b\r\n\r\n"},
        {REQUEST "If-None-Match: \"a\"\r\nRange: bytes=0-1\r\nAuthorization: Basic x\r\n\r\n",
         USUAL "If-None-Match: \"a\"\r\nRange: bytes=0-1\r\nAuthorization: Basic x\r\n\r\n"},
    };

    (void)state;
    expect_requests(rows, COUNT_OF(rows));
}

static void a_cookie_of_ours_is_for_us_alone(void **state)
{
    static const struct exchange_row rows[] = {
        {REQUEST "A: 1\r\nCookie: srv=1\r\nB: 2\r\n\r\n", USUAL "A: 1\r\nB: 2\r\n\r\n"},
        {REQUEST "A: 1\r\ncookie: a=b; srv=1; c=d\r\nB: 2\r\n\r\n",
         USUAL "A: 1\r\nCookie: a=b; c=d\r\nB: 2\r\n\r\n"},
        {REQUEST "Cookie: srv=1\r\nCookie: a=b;c=d\r\nCookie: e=f; srv=2\r\n\r\n",
         USUAL "Cookie: a=b;c=d\r\nCookie: e=f\r\n\r\n"},
        {REQUEST "Cookie: SRV=1; xsrv=2; a=srv=3\r\n\r\n",
         USUAL "Cookie: SRV=1; xsrv=2; a=srv=3\r\n\r\n"},
        {REQUEST "Accept: srv=1\r\n\r\n", USUAL "Accept: srv=1\r\n\r\n"},
    };

    (void)state;
    own_cookie = "srv";
    expect_requests(rows, COUNT_OF(rows));
}

static void a_trusted_peer_tells_of_tls(void **state)
{
    static const struct {
        const char *fields;
        bool is_https; /* if it is trusted */
    } rows[] = {
        {"", false},
        {"X-Forwarded-Proto: https\r\n", true},
        {"x-forwarded-proto:  HTTPS , http\r\n", true},
        {"X-Forwarded-Proto: http, https\r\n", false},
        {"X-Forwarded-Proto: httpss\r\n", false},
        {"X-Forwarded-Proto:\r\n", false},
    };
    struct address peer;

    (void)state;
    assert_int_equal(address_parse_host(SLICE_LITERAL(PEER), &peer), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[256];
        struct parsed *parsed;

        (void)snprintf(text, sizeof(text), REQUEST "%s\r\n", rows[i].fields);
        parsed = parse(text);
        trusted = (struct network_list){0};
        assert_false(forward_is_https(&parsed->req, &trusted, &peer));
        trust();
        assert_int_equal(forward_is_https(&parsed->req, &trusted, &peer), rows[i].is_https);
        parsed_free(parsed);
    }
}

static void fields_of_the_connection_stay_here(void **state)
{
    static const struct exchange_row rows[] = {
        {REQUEST "Connection: close\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\n"
                 "Upgrade: h2c\r\nHTTP2-Settings: x\r\nProxy-Authorization: x\r\nProxy: x\r\n\r\n",
         USUAL "\r\n"},
        {REQUEST "Connection: X-One, close ,x-two\r\nx-ONE: 1\r\nX-Two: 2\r\nX-Three: 3\r\n"
                 "Connection: ,x-four\r\nX-Four: 4\r\n\r\n",
         USUAL "X-Three: 3\r\n\r\n"},
        /* What is ours stays ours, whatever Connection says. */
        {REQUEST "Connection: Host, X-Forwarded-For, Via, Content-Length\r\n"
                 "Content-Length: 1\r\n\r\nx",
         USUAL "Content-Length: 1\r\n\r\n"},
    };

    (void)state;
    expect_requests(rows, COUNT_OF(rows));
}

static void the_end_of_the_content_is_told_once(void **state)
{
#define POST "POST /a HTTP/1.1\r\nHost: example.org\r\n"
#define POSTED "POST /a HTTP/1.1\r\n" SAID("example.org", PEER) "Via: 1.1 me\r\n"
    static const struct exchange_row rows[] = {
        {POST "Content-Length: 0\r\n\r\n", POSTED "Content-Length: 0\r\n\r\n"},
        {POST "\r\n", POSTED "\r\n"},
        {POST "content-length: 005\r\nA: b\r\n\r\nhello",
         POSTED "A: b\r\nContent-Length: 5\r\n\r\n"},
        {POST "Transfer-Encoding: Chunked\r\nTrailer: x\r\n\r\n0\r\nX: y\r\n\r\n",
         POSTED "Transfer-Encoding: chunked\r\n\r\n"},
        {POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
         POSTED "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"},
        {REQUEST "Content-Length: 1\r\n\r\nx", USUAL "Content-Length: 1\r\n\r\n"},
    };

    (void)state;
    expect_requests(rows, COUNT_OF(rows));
}

static void strangers_are_not_believed(void **state)
{
    static const struct exchange_row rows[] = {
        {REQUEST "X-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Proto: https\r\n"
                 "X-Forwarded-Host: evil\r\nForwarded: for=10.0.0.9\r\nX-Real-IP: 10.0.0.9\r\n"
                 "X-Forwarded-Port: 1\r\nX-Forwarded-Server: x\r\nX-Forwarded-Ssl: on\r\n\r\n",
         USUAL "\r\n"},
        /* What CGI and its heirs take for the same names. */
        {REQUEST "X_Forwarded_For: 10.0.0.9\r\nX-Real_IP: 10.0.0.9\r\nContent_Length: 5\r\n"
                 "transfer_encoding: chunked\r\nX_Mine: 1\r\n\r\n",
         USUAL "X_Mine: 1\r\n\r\n"},
    };

    (void)state;
    expect_requests(rows, COUNT_OF(rows));
}

static void trusted_peers_are_added_to(void **state)
{
    static const struct exchange_row rows[] = {
        {REQUEST
         "X-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Proto: https\r\n"
         "X-Forwarded-Host: www\r\nx-forwarded-for: 10.0.0.8\r\nX-Real-IP: 10.0.0.9\r\n\r\n",
         LINE "Host: example.org\r\nX-Forwarded-For: 10.0.0.9, 10.0.0.8, " PEER "\r\n"
              "X-Forwarded-Host: www\r\nX-Forwarded-Proto: https\r\nVia: 1.1 me\r\n"
              "X-Real-IP: 10.0.0.9\r\n\r\n"},
        {REQUEST "Forwarded: for=10.0.0.9\r\n\r\n",
         LINE SAID("example.org", PEER) "Forwarded: for=10.0.0.9, for=" PEER ";proto=http\r\n"
                                        "Via: 1.1 me\r\n\r\n"},
        {REQUEST "\r\n", USUAL "\r\n"},
    };

    (void)state;
    trust();
    expect_requests(rows, COUNT_OF(rows));
}

static void via_grows(void **state)
{
    (void)state;
    expect_request(
        REQUEST "Via: 1.0 first\r\nA: b\r\nvia: 1.1 second (x, y)\r\n\r\n",
        LINE SAID("example.org", PEER) "Via: 1.0 first, 1.1 second (x, y), 1.1 me\r\nA: b\r\n\r\n");
    expect_request("GET /a HTTP/1.0\r\nHost: example.org\r\n\r\n",
                   LINE SAID("example.org", PEER) "Via: 1.0 me\r\n\r\n");
    config.via = NULL;
    expect_request(REQUEST "Via: 1.0 first\r\n\r\n", LINE SAID("example.org", PEER) "\r\n");
}

static void the_host_is_as_configured(void **state)
{
    (void)state;
    config.host_kind = FORWARD_HOST_UPSTREAM;
    expect_request(REQUEST "\r\n", LINE SAID("10.0.0.1:8080", PEER) "Via: 1.1 me\r\n\r\n");
    config.host_kind = FORWARD_HOST_NAME;
    config.host = host;
    expect_request(REQUEST "\r\n", LINE SAID("app.internal", PEER) "Via: 1.1 me\r\n\r\n");
    config.host_kind = FORWARD_HOST_KEEP;
    expect_request("GET /a HTTP/1.0\r\n\r\n",
                   LINE "Host: 10.0.0.1:8080\r\nX-Forwarded-For: " PEER "\r\n"
                        "X-Forwarded-Proto: http\r\nVia: 1.0 me\r\n\r\n");
    /* An absolute target's host wins over the field (RFC 9112 section 3.2.2). */
    expect_request(
        "GET http://example.org/a HTTP/1.1\r\nHost: other\r\n\r\n",
        "GET http://example.org/a HTTP/1.1\r\n" SAID("example.org", PEER) "Via: 1.1 me\r\n\r\n");
}

static void set_fields_win(void **state)
{
    static char names[4][20] = {"X-Tenant", "Authorization", "X-Forwarded-For", "X-Forwarded-Host"};
    static char values[3][16] = {"blue", "", "nobody"};
    struct header_config fields[] = {{.name = names[0], .value = values[0]},
                                     {.name = names[1], .value = values[1]}};
    struct header_config of_ours[] = {{.name = names[2], .value = values[2]},
                                      {.name = names[3], .value = values[1]}};

    (void)state;
    config.set_fields = fields;
    config.set_count = COUNT_OF(fields);
    expect_request(REQUEST "X_TENANT: red\r\nX-Tenant: red\r\nauthorization: x\r\nA: b\r\n\r\n",
                   USUAL "A: b\r\nX-Tenant: blue\r\n\r\n");
    config.set_fields = of_ours;
    config.set_count = COUNT_OF(of_ours);
    expect_request(REQUEST "X-Forwarded-For: 1.2.3.4\r\n\r\n",
                   LINE "Host: example.org\r\nX-Forwarded-Proto: http\r\nVia: 1.1 me\r\n"
                        "X-Forwarded-For: nobody\r\n\r\n");
}

static void an_upgrade_passes_where_it_may(void **state)
{
    static const char *const others[] = {
        REQUEST "Connection: upgrade\r\n",
        REQUEST "Upgrade: websocket\r\n",
        REQUEST "Connection: upgrade\r\nUpgrade: h2c\r\n",
        "POST /a HTTP/1.1\r\nHost: example.org\r\nConnection: upgrade\r\nUpgrade: websocket\r\n",
        "GET /a HTTP/1.0\r\nHost: example.org\r\nConnection: upgrade\r\nUpgrade: websocket\r\n",
    };

    (void)state;
    expect_request(REQUEST "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
                           "Sec-WebSocket-Key: x\r\n\r\n",
                   USUAL "Sec-WebSocket-Key: x\r\n\r\n");
    config.upgrade = FORWARD_UPGRADE_WEBSOCKET;
    expect_request(REQUEST "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
                           "Sec-WebSocket-Key: x\r\n\r\n",
                   USUAL
                   "Sec-WebSocket-Key: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        char text[256];
        struct parsed *parsed;

        (void)snprintf(text, sizeof(text), "%s\r\n", others[i]);
        parsed = parse(text);
        if (forward_wants_upgrade(&parsed->req, &config))
            fail_msg("%s is no upgrade", text);
        parsed_free(parsed);
    }
}

static void hops_are_counted_down(void **state)
{
    (void)state;
    expect_request("OPTIONS /a HTTP/1.1\r\nHost: example.org\r\nMax-Forwards: 2\r\n\r\n",
                   "OPTIONS /a HTTP/1.1\r\n" SAID("example.org",
                                                  PEER) "Via: 1.1 me\r\nMax-Forwards: 1\r\n\r\n");
    expect_request(REQUEST "Max-Forwards: 2\r\n\r\n", USUAL "Max-Forwards: 2\r\n\r\n");
}

static void a_cache_asks_for_the_whole(void **state)
{
    struct parsed *parsed = parse("HEAD /a HTTP/1.1\r\nHost: example.org\r\nRange: bytes=0-1\r\n"
                                  "If-None-Match: \"a\"\r\nIf-Range: \"a\"\r\nAccept: b\r\n"
                                  "If-Modified-Since: x\r\nContent-Length: 1\r\n\r\nx");
    struct writer w = writer_on(space, sizeof(space));
    struct address peer;
    struct forward_request forward = forward_of(&parsed->req, &peer);

    (void)state;
    assert_int_equal(address_parse_host(SLICE_LITERAL(PEER), &peer), 0);
    forward.is_plain_get = true;
    forward.more = SLICE_LITERAL("If-None-Match: \"mine\"\r\n");
    forward_write_request(&w, &forward);
    assert_written(&w, "HEAD", USUAL "Accept: b\r\nIf-None-Match: \"mine\"\r\n\r\n");
    parsed_free(parsed);
}

static void own_words_replace_the_clients(void **state)
{
    struct parsed *parsed = parse(REQUEST "X-Request-ID: theirs\r\n\r\n");
    struct writer w = writer_on(space, sizeof(space));
    struct address peer;
    struct forward_request forward = forward_of(&parsed->req, &peer);

    (void)state;
    assert_int_equal(address_parse_host(SLICE_LITERAL("2001:db8::1"), &peer), 0);
    forward.request_id = SLICE_LITERAL("ours");
    forward.closes = true;
    forward_write_request(&w, &forward);
    assert_written(&w, "an id",
                   LINE SAID("example.org", "2001:db8::1") "Via: 1.1 me\r\nX-Request-ID: ours\r\n"
                                                           "Connection: close\r\n\r\n");
    parsed_free(parsed);
}

static void a_request_that_has_been_here_is_known(void **state)
{
    static const struct {
        const char *fields;
        bool is_loop;
    } rows[] = {
        {"", false},
        {"Via: 1.1 me\r\n", true},
        {"Via: 1.0 first\r\nVia: 1.1 second, HTTP/1.1  ME (x)\r\n", true},
        {"Via: 1.1 mean, 1.1 (me), 1.1 x me\r\n", false},
        {"Via: me\r\n", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[256];
        struct parsed *parsed;

        (void)snprintf(text, sizeof(text), REQUEST "%s\r\n", rows[i].fields);
        parsed = parse(text);
        if (forward_is_loop(&parsed->req, config.via) != rows[i].is_loop)
            fail_msg("%s", text);
        parsed_free(parsed);
    }
}

static void servers_in_a_row_have_names_of_their_own(void **state)
{
    char name[FORWARD_NAME_SIZE], again[FORWARD_NAME_SIZE], other[FORWARD_NAME_SIZE];

    (void)state;
    forward_make_name(SLICE_LITERAL("/etc/tinyweb/tinyweb.conf"), name);
    forward_make_name(SLICE_LITERAL("/etc/tinyweb/tinyweb.conf"), again);
    forward_make_name(SLICE_LITERAL("/etc/tinyweb/inner.conf"), other);
    assert_string_equal(name, again);
    assert_string_not_equal(name, other);
    assert_true(slice_starts_with(slice_from_string(name), SLICE_LITERAL("tinyweb-")));
}

/* --- replies */

static void expect_reply(unsigned status, const char *reason, const char *fields, int64_t length,
                         const char *expected)
{
    struct header rows[16];
    struct header_table headers;
    struct slice rest = slice_from_string(fields);
    struct slice line;
    struct writer w = writer_on(space, sizeof(space));

    header_table_init(&headers, rows, COUNT_OF(rows));
    while (slice_next(&rest, '\n', &line) && line.len > 0) {
        ptrdiff_t colon = slice_find(line, ':');

        assert_int_equal(header_table_add(&headers, slice_of(line.data, (size_t)colon),
                                          slice_from(line, (size_t)colon + 1)),
                         0);
    }
    forward_write_reply(&w, &(struct forward_reply){
                                .status = status,
                                .reason = slice_from_string(reason),
                                .headers = &headers,
                                .config = &config,
                                .site = &site_config,
                                .has_length = length >= 0,
                                .length = (uint64_t)length,
                                .date = "Fri, 01 Jan 2100 00:00:00 GMT",
                            });
    assert_written(&w, fields, expected);
}

static void replies_pass_as_they_came(void **state)
{
    (void)state;
    expect_reply(200, "OK", "Date: x\nServer: y\nSet-Cookie: a\nSet-Cookie: b\nETag: \"z\"\n", 5,
                 "HTTP/1.1 200 OK\r\nDate: x\r\nServer: y\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
                 "ETag: \"z\"\r\nContent-Length: 5\r\n");
    expect_reply(200, "OK", "Content-Length: 5\nDate: x\n", 5,
                 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nDate: x\r\n");
    expect_reply(200, "OK", "Content-Length: 005\nDate: x\n", 5,
                 "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 5\r\n");
    expect_reply(200, "OK", "Content-Length: 0\nConnection: content-length\nDate: x\n", 0,
                 "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: x\r\n");
    expect_reply(200, "OK", "Content-Length: 5\nDate: x\n", -1, "HTTP/1.1 200 OK\r\nDate: x\r\n");
    expect_reply(299, "Strange things", "date: x\n", -1,
                 "HTTP/1.1 299 Strange things\r\ndate: x\r\n");
    expect_reply(200, "", "date: x\n", -1, "HTTP/1.1 200 \r\ndate: x\r\n");
    expect_reply(200, "Fine", "date: x\n", -1, "HTTP/1.1 200 Fine\r\ndate: x\r\n");
    expect_reply(404, "Not Found", "Via: 1.1 x\n", -1,
                 "HTTP/1.1 404 Not Found\r\nVia: 1.1 x\r\nDate: Fri, 01 Jan 2100 00:00:00 GMT\r\n");
}

static void replies_lose_what_is_of_the_connection(void **state)
{
    (void)state;
    expect_reply(200, "OK",
                 "Date: x\nConnection: X-Mine, close\nX-Mine: 1\nKeep-Alive: 5\nUpgrade: h2\n"
                 "Transfer-Encoding: chunked\nContent-Length: 7\nTrailer: a\n"
                 "Proxy-Authenticate: Basic\nX-Other: 2\n",
                 -1, "HTTP/1.1 200 OK\r\nDate: x\r\nX-Other: 2\r\n");
}

static void fields_are_hidden_or_replaced(void **state)
{
    static char name[] = "X-Powered-By", mine[] = "X-Frame-Options", value[] = "DENY";
    static char origin[] = "*";
    char *hidden[] = {name};
    char *origins[] = {origin};
    struct header_config header = {.name = mine, .value = value};

    (void)state;
    config.hide_fields = (struct string_list){.items = hidden, .count = 1};
    site_config.headers = &header;
    site_config.header_count = 1;
    site_config.cors = (struct string_list){.items = origins, .count = 1};
    expect_reply(200, "OK",
                 "Date: x\nx-powered-by: y\nx-frame-options: z\n"
                 "Access-Control-Allow-Origin: a\nServer: s\n",
                 -1, "HTTP/1.1 200 OK\r\nDate: x\r\nServer: s\r\n");
}

static void a_switch_is_told(void **state)
{
    (void)state;
    expect_reply(101, "Switching Protocols",
                 "Date: x\nConnection: upgrade\nUpgrade: websocket\nSec-WebSocket-Accept: y\n", -1,
                 "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                 "Upgrade: websocket\r\nDate: x\r\nSec-WebSocket-Accept: y\r\n");
}

static void a_head_that_does_not_fit_is_seen(void **state)
{
    struct parsed *parsed = parse(REQUEST "\r\n");
    struct writer w = writer_on(space, 60);
    struct address peer;
    struct forward_request forward = forward_of(&parsed->req, &peer);

    (void)state;
    assert_int_equal(address_parse_host(SLICE_LITERAL(PEER), &peer), 0);
    forward_write_request(&w, &forward);
    assert_true(w.overflow);
    parsed_free(parsed);
}

static void the_rule_of_a_line_is_that_of_its_name(void **state)
{
    static const char *const known[] = {
        "Accept",
        "Accept-Encoding",
        "Access-Control-Request-Method",
        "Authorization",
        "Connection",
        "Content-Length",
        "Cookie",
        "Expect",
        "Forwarded",
        "Host",
        "If-Match",
        "If-Modified-Since",
        "If-None-Match",
        "If-Range",
        "If-Unmodified-Since",
        "Origin",
        "Range",
        "Referer",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "User-Agent",
        "X-Forwarded-For",
        "X-Request-ID",
        "Via",
        "Keep-Alive",
        "Proxy_Connection",
        "Content_Length",
        "Date",
    };
    uint32_t seen = 0;

    for (size_t i = 0; i < COUNT_OF(known); i++) {
        struct header line = {.name = slice_from_string(known[i])};

        line.id = header_id_from_name(line.name);
        seen |= BIT(line.id);
        assert_int_equal(forward_rule_of_line(&line), forward_rule_of(line.name));
    }
    assert_int_equal(seen, (uint32_t)((UINT64_C(1) << HEADER_ID_COUNT) - 1)); /* all of them */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rule_of_a_line_is_that_of_its_name),
        TEST(fields_pass_as_they_came),
        TEST(a_cookie_of_ours_is_for_us_alone),
        TEST(a_trusted_peer_tells_of_tls),
        TEST(fields_of_the_connection_stay_here),
        TEST(the_end_of_the_content_is_told_once),
        TEST(strangers_are_not_believed),
        TEST(trusted_peers_are_added_to),
        TEST(via_grows),
        TEST(the_host_is_as_configured),
        TEST(set_fields_win),
        TEST(an_upgrade_passes_where_it_may),
        TEST(hops_are_counted_down),
        TEST(a_cache_asks_for_the_whole),
        TEST(own_words_replace_the_clients),
        TEST(a_request_that_has_been_here_is_known),
        TEST(servers_in_a_row_have_names_of_their_own),
        TEST(replies_pass_as_they_came),
        TEST(replies_lose_what_is_of_the_connection),
        TEST(fields_are_hidden_or_replaced),
        TEST(a_switch_is_told),
        TEST(a_head_that_does_not_fit_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
