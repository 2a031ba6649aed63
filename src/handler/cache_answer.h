/* SPDX-License-Identifier: MIT */
/* cache_answer.h - what a client is sent of a reply that is kept: all, a part, or that it has it. */
#ifndef TINYWEB_HANDLER_CACHE_ANSWER_H
#define TINYWEB_HANDLER_CACHE_ANSWER_H

#include "cache/library.h"
#include "http/http_context.h"

/* Room for a head that is written for one answer. */
size_t cache_answer_space(const struct config *config);

/*
 * Fill @resp with the reply of @place, whose reference stays the caller's. @how: the parameters of
 * Cache-Status behind the name; NULL: a plain hit. @space: for a head that is not the usual one;
 * borrowed until response_send returns.
 */
void cache_answer(struct http_context *http, const struct request *req,
                  const struct library_place *place, const char *how, struct writer *space,
                  struct response *resp);

/* What a reply is made of that is still coming. */
struct partial_reply {
    unsigned status;
    struct slice lines; /* of its fields */
    struct slice etag;
    time_t last_modified;
    uint64_t length;
};

enum partial { PARTIAL_WHOLE, PARTIAL_RANGE, PARTIAL_NOTHING };

/*
 * Whether a request with conditions or a Range gets all of @reply, a part, or only a head (304, 412,
 * 416), which is written into @resp, its status line and fields into @space. *@ret_range is set for
 * PARTIAL_RANGE.
 */
enum partial cache_answer_partial(struct http_context *http, const struct request *req,
                                  const struct partial_reply *reply, struct writer *space,
                                  struct response *resp, struct byte_range *ret_range);

#endif
