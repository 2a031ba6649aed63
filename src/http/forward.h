/* SPDX-License-Identifier: MIT */
/*
 * forward.h - heads that pass through this server: requests to an upstream, and its replies back.
 *
 * No head is passed on as it came. A new one is written from the parsed fields (RFC 9110 section 7.6):
 * without those that are for one connection alone, and with what an intermediary has to say. Which
 * field is treated how is one table, for both ways.
 */
#ifndef TINYWEB_HTTP_FORWARD_H
#define TINYWEB_HTTP_FORWARD_H

#include "base/address.h"
#include "base/writer.h"
#include "config/config.h"
#include "http/request.h"

/* All is borrowed. The tables are as parsers fill them: a value lies in its message, with the end of its
 * line behind it. */
struct forward_request {
    const struct request *req;
    const struct forward_config *config;
    const struct network_list *trusted; /* whose word of who asks is passed on */
    const struct address *peer;         /* who has connected */
    const char *via;                    /* what this server calls itself; NULL: nothing */
    struct slice target;                /* in origin-form, or "*" */
    struct slice server_host; /* for a Host field of its own, and where the client sent none */
    struct slice request_id;  /* empty: the client's, if any */
    enum body_framing framing;
    uint64_t content_length; /* of BODY_LENGTH */
    const char *own_cookie;  /* for us alone, and not passed on; NULL: none */
    bool expects_continue;   /* "Expect: 100-continue" */
    bool wants_upgrade;      /* the fields of an upgrade are passed on */
    bool closes;             /* the connection is for this request alone */
    /* For a cache: what the client has already, or which part it wants, and what it has to say are
     * not passed on, but `more`, which are field lines. */
    bool is_plain_get;
    struct slice more;
};

/* The request line, all fields and the empty line; what does not fit is seen by @w->overflow. */
void forward_write_request(struct writer *w, const struct forward_request *forward);

/* The client asks for an upgrade that is passed on where @config says so. */
bool forward_wants_upgrade(const struct request *req, const struct forward_config *config);

/* The client speaks TLS to a trusted @peer, which says so in X-Forwarded-Proto. */
bool forward_is_https(const struct request *req, const struct network_list *trusted,
                      const struct address *peer);

/* This server has had the request before: its name @via is there (RFC 9110 section 7.6.3). */
bool forward_is_loop(const struct request *req, const char *via);

/* A name for Via that no other server in a row has: of this host and @place, the file that configures
 * it. Terminated. */
#define FORWARD_NAME_SIZE 32
void forward_make_name(struct slice place, char out[FORWARD_NAME_SIZE]);

/* Max-Forwards of the request; -1: there is none, or no number. */
int64_t forward_max_forwards(const struct request *req);

/* All is borrowed. */
struct forward_reply {
    unsigned status;
    struct slice reason;
    const struct header_table *headers;
    const struct forward_config *config;
    const struct site_config *site; /* whose lines are added, and win */
    bool has_request_id;            /* a line of ours tells it */
    bool has_length;                /* Content-Length says `length` */
    uint64_t length;
    const char *date; /* HTTP_DATE_SIZE bytes, for one that has none */
};

/* The status line and field lines, for `relayed` of a response; of a 101 with Connection and Upgrade. */
void forward_write_reply(struct writer *w, const struct forward_reply *forward);
/* The field lines of an interim one. */
void forward_write_interim(struct writer *w, const struct forward_reply *forward);

#endif
