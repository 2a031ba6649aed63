/* SPDX-License-Identifier: MIT */
/*
 * response.h - what a handler decides, and how it becomes bytes on a connection.
 *
 * A handler fills a struct response; response_send writes status line, Date, Connection, the
 * representation's ready lines and the content, in order, into the connection's output queue. The
 * common answer, a whole file from memory, costs one chunk and no formatting.
 */
#ifndef TINYWEB_HTTP_RESPONSE_H
#define TINYWEB_HTTP_RESPONSE_H

#include "base/writer.h"
#include "http/http_site.h"
#include "http/pending.h"
#include "http/range.h"
#include "http/representation.h"
#include "http/request.h"
#include "net/connection.h"

enum content_kind {
    CONTENT_NONE,   /* a head alone: 204, 304, or an empty body */
    CONTENT_TEXT,   /* `text`, copied */
    CONTENT_PIECES, /* `length` bytes that `pending` gives, as they can be sent */
    CONTENT_TUNNEL, /* behind a 101: what both sides send is `pending`'s, until both have ended */
    CONTENT_FILE,   /* the whole of `file`, as a representation */
    CONTENT_RANGES, /* `ranges` of `file` */
};

/* Of CONTENT_PIECES: it ends where `pending` says so. */
#define LENGTH_UNKNOWN UINT64_MAX

struct response {
    unsigned status;
    const char *reason; /* one word for the access log */
    const char *user;   /* who has asked, for the access log; NULL: anybody. Of the configuration */
    const struct http_site *site;
    enum content_kind kind;
    bool must_close; /* the connection cannot be used after this */
    bool is_relayed; /* it is another server's, and `relayed` tells it */
    /* CONTENT_PIECES: answer() tells of a failure in its place, when the first of them fails. */
    bool may_fail;
    bool reads_on; /* CONTENT_PIECES: the handler goes on taking the request's content meanwhile */

    /* The answer is given later, and the rest of this struct means nothing; see http/pending.h. */
    struct pending *pending;

    /* Field lines besides those that follow from the rest, each with its CRLF. */
    struct writer headers;

    /* Status line and field lines of another server, each with its CRLF, in place of those that
     * follow from the rest of this struct, but for Connection, Transfer-Encoding and those of the
     * site; a known length stands among them. Borrowed until response_send returns. */
    struct slice relayed;

    struct slice text; /* borrowed until response_send returns */
    uint64_t length;
    struct slice text_type; /* of the text, or the pieces */

    struct open_file *file; /* a reference, given back by response_done */
    const struct representation *rep;
    struct byte_range ranges[RANGE_COUNT_MAX];
    unsigned range_count;
    struct byte_range part; /* of a 206, for the access log: the first range; no length: unknown */

    /* Of CONTENT_RANGES that are relayed: `relayed`, a blank line and the content in one piece of
     * the file's memory, for an answer that has no other line; empty: there is no such piece. */
    struct slice whole;
};

/* What is the same for all answers of a worker at one moment. */
struct response_env {
    time_t now;
    const char *date;  /* HTTP_DATE_SIZE bytes */
    uint64_t boundary; /* random, for multipart/byteranges */
    const struct request *req;
    bool keep_alive; /* after this answer */
};

/* @header_space: room for the handler's field lines, of @size bytes. */
static inline void response_init(struct response *resp, const struct http_site *site,
                                 char *header_space, size_t size)
{
    /* The ranges stay as they are: range_count says how many are meant. */
    resp->status = 200;
    resp->reason = "ok";
    resp->user = NULL;
    resp->site = site;
    resp->kind = CONTENT_NONE;
    resp->must_close = false;
    resp->is_relayed = false;
    resp->reads_on = resp->may_fail = false;
    resp->pending = NULL;
    resp->headers.data = header_space;
    resp->headers.len = 0;
    resp->headers.capacity = size;
    resp->headers.overflow = false;
    resp->file = NULL;
    resp->rep = NULL;
    resp->range_count = 0;
    resp->part.length = 0;
}

static inline void response_done(struct response *resp)
{
    open_file_unref(resp->file);
    resp->file = NULL;
}

/* Its content follows when the head is queued: it is `pending`'s. */
static inline bool response_has_pieces(const struct response *resp, const struct request *req)
{
    return resp->kind == CONTENT_TUNNEL ||
           (resp->kind == CONTENT_PIECES && req->method != METHOD_HEAD);
}

/* Its length is not told, its end is (RFC 9112 section 7.1). */
static inline bool response_is_chunked(const struct response *resp, const struct request *req)
{
    return resp->kind == CONTENT_PIECES && resp->length == LENGTH_UNKNOWN && !req->is_http10;
}

/* Head and content of a file that is kept with its head in one piece of memory, which resp->file owns;
 * of HEAD the head alone. Empty: there is no such piece. */
struct slice response_in_memory(const struct response *resp, const struct request *req,
                                bool keep_alive, time_t now, const char *date);

/*
 * Queue head and content on @conn. HEAD gets the head alone. *@ret_content is the number of bytes
 * of content. 0, or -ENOMEM when the queue is not complete: abort the connection.
 */
MUST_CHECK int response_send(struct response *resp, const struct response_env *env,
                             struct connection *conn, uint64_t *ret_content);

#endif
