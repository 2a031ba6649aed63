/* SPDX-License-Identifier: MIT */
/* parser_fixture.h - one message through http_parser, whole or in two pieces, and what came of it. */
#ifndef HTTP_PARSER_FIXTURE_H
#define HTTP_PARSER_FIXTURE_H

#include "http/http_parser.h"

#define TEXT(s) s, sizeof(s) - 1
#define WHOLE SIZE_MAX /* for @split */

/* For "400 expected" and the like: what a message comes to. */
enum {
    GOOD = 1,       /* a head without a body, or with all of it */
    UNFINISHED = 0, /* more bytes are needed */
    BAD_BODY = 2,
    LARGE_BODY = 3,
};

struct parsed {
    unsigned result; /* as above, or the status that http_parser_head gave */
    size_t used;     /* with GOOD: bytes of head and body */
    struct request req;
    char *block; /* the slices point here */
};

struct parsed_settings {
    struct http_parser_limits limits;
    uint64_t max_body;
};

/* 4096 bytes of head, 1024 of target, 16 fields, 1 MiB of body. */
extern const struct parsed_settings usual_settings;

/* Feed the first @split bytes, then all of them; every piece lies in a block of exactly its size. */
struct parsed *parse_message(const struct parsed_settings *settings, const char *text, size_t len,
                             size_t split);
/* Each byte on its own. */
struct parsed *parse_bytes(const struct parsed_settings *settings, const char *text, size_t len);
void parsed_free(struct parsed *parsed);

/* The same result, bytes, request and fields. */
bool parsed_equal(const struct parsed *a, const struct parsed *b);

#endif
