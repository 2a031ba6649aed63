/* SPDX-License-Identifier: MIT */
/* parser_fixture.c - bytes go to the parser as the protocol gives them: head again, body onwards. */
#include "support/unit.h"

#include "http/parser_fixture.h"

#include <stdlib.h>

const struct parsed_settings usual_settings = {
    .limits = {.max_header_size = 4096, .max_uri_size = 1024, .max_header_count = 16},
    .max_body = 1024 * 1024,
};

struct feed {
    const struct parsed_settings *settings;
    struct http_parser *parser;
    struct parsed *parsed;
    size_t done; /* bytes that the body parser has seen; the head once it is complete */
    bool has_head;
};

static void feed_body(struct feed *feed, const char *text, size_t len)
{
    struct parsed *parsed = feed->parsed;
    size_t piece_len = len - feed->done;
    char *piece = malloc(piece_len > 0 ? piece_len : 1);
    size_t used = 0;

    memcpy(piece, text + feed->done, piece_len);
    switch (http_parser_body(feed->parser, slice_of(piece, piece_len), feed->settings->max_body,
                             &used)) {
    case BODY_BAD: parsed->result = BAD_BODY; break;
    case BODY_TOO_LARGE: parsed->result = LARGE_BODY; break;
    case BODY_INCOMPLETE:
        assert_int_equal(used, piece_len);
        feed->done = len;
        break;
    case BODY_COMPLETE:
        parsed->result = GOOD;
        parsed->used = feed->done + used;
        break;
    }
    free(piece);
}

/* The first @len bytes of the message are there. */
static void feed_up_to(struct feed *feed, const char *text, size_t len)
{
    struct parsed *parsed = feed->parsed;
    size_t head_len = 0;

    if (parsed->result != UNFINISHED)
        return;
    if (!feed->has_head) {
        free(parsed->block);
        parsed->block = malloc(len > 0 ? len : 1);
        memcpy(parsed->block, text, len);
        parsed->result = http_parser_head(feed->parser, slice_of(parsed->block, len), &parsed->req,
                                          &head_len);
        if (parsed->result != HTTP_HEAD_COMPLETE)
            return;
        feed->has_head = true;
        feed->done = parsed->used = head_len;
        if (parsed->req.framing == BODY_NONE)
            return;
        parsed->result = UNFINISHED;
    }
    if (len > feed->done)
        feed_body(feed, text, len);
}

/* The table's rows belong to the parser, which goes. */
static void keep_rows(struct parsed *parsed)
{
    struct header_table *headers = &parsed->req.headers;
    struct header *rows = malloc((headers->count + 1U) * sizeof(*rows));

    memcpy(rows, headers->rows, headers->count * sizeof(*rows));
    headers->rows = rows;
}

static struct parsed *parse(const struct parsed_settings *settings, const char *text, size_t len,
                            size_t first, size_t step)
{
    struct parsed *parsed = calloc(1, sizeof(*parsed));
    struct feed feed = {
        .settings = settings, .parser = http_parser_create(&settings->limits), .parsed = parsed};

    assert_non_null(feed.parser);
    for (size_t at = first; at < len; at += step)
        feed_up_to(&feed, text, at);
    feed_up_to(&feed, text, len);
    keep_rows(parsed);
    http_parser_destroy(feed.parser);
    return parsed;
}

struct parsed *parse_message(const struct parsed_settings *settings, const char *text, size_t len,
                             size_t split)
{
    return parse(settings, text, len, split, len + 1);
}

struct parsed *parse_bytes(const struct parsed_settings *settings, const char *text, size_t len)
{
    return parse(settings, text, len, 1, 1);
}

void parsed_free(struct parsed *parsed)
{
    free(parsed->req.headers.rows);
    free(parsed->block);
    free(parsed);
}

static bool headers_equal(const struct header_table *a, const struct header_table *b)
{
    if (a->count != b->count || a->present != b->present)
        return false;
    for (unsigned i = 0; i < a->count; i++) {
        if (!slice_equal(a->rows[i].name, b->rows[i].name) ||
            !slice_equal(a->rows[i].value, b->rows[i].value) || a->rows[i].id != b->rows[i].id)
            return false;
    }
    return true;
}

bool parsed_equal(const struct parsed *a, const struct parsed *b)
{
    const struct request *x = &a->req;
    const struct request *y = &b->req;

    if (a->result != b->result || a->used != b->used)
        return false;
    if (a->result != GOOD)
        return true; /* what is known of a request that is refused may differ */
    return slice_equal(x->line, y->line) && slice_equal(x->target, y->target) &&
           slice_equal(x->path, y->path) && slice_equal(x->query, y->query) &&
           slice_equal(x->host, y->host) && x->method == y->method &&
           x->path_is_plain == y->path_is_plain && x->is_masked == y->is_masked &&
           x->is_http10 == y->is_http10 && x->keep_alive == y->keep_alive &&
           x->expects_continue == y->expects_continue && x->framing == y->framing &&
           x->content_length == y->content_length && headers_equal(&x->headers, &y->headers);
}
