/* SPDX-License-Identifier: MIT */
/* cache_answer.c - preconditions, then ranges, as for a file; its lines are another server's. */
#include "handler/cache_answer.h"

#include "cache/entry.h"
#include "http/common_lines.h"
#include "http/conditional.h"

size_t cache_answer_space(const struct config *config)
{
    (void)config;
    return ENTRY_TEXT_MAX + 1024;
}

/* A 304 tells what may have changed, nothing of the content (RFC 9110 section 15.4.5). */
static bool belongs_to_304(struct slice line)
{
    static const struct slice location = {"Content-Location:", 17};

    if (line.len >= location.len && slice_equal_nocase(slice_of(line.data, location.len), location))
        return true;
    return line.len < 8 || !slice_equal_nocase(slice_of(line.data, 8), SLICE_LITERAL("Content-"));
}

static void write_head_lines(struct writer *w, unsigned status, struct slice lines)
{
    struct slice line;

    while (lines.len > 0 && slice_next(&lines, '\n', &line)) {
        if (line.len == 0 || (status == 304 && !belongs_to_304(line)))
            continue;
        writer_slice(w, line);
        writer_char(w, '\n');
    }
}

static void head_alone(unsigned status, const char *reason, struct slice lines,
                       struct writer *space, struct response *resp)
{
    write_status_line(space, status);
    write_head_lines(space, status, lines);
    if (status != 304)
        write_content_length(space, 0);
    resp->status = status;
    resp->reason = reason;
    resp->kind = CONTENT_NONE;
    resp->is_relayed = true;
}

/* Several ranges are answered by the whole: what is stored has one type line. */
static enum range_result range_of(const struct request *req, const struct partial_reply *reply,
                                  const struct validators *validators, time_t now,
                                  struct byte_range *ret_range)
{
    struct byte_range ranges[RANGE_COUNT_MAX];
    unsigned count = 0, position = 0;
    struct slice value;
    enum range_result result;

    if (reply->status != 200 || req->method != METHOD_GET ||
        !header_table_next(&req->headers, HEADER_RANGE, &position, &value) ||
        header_table_next(&req->headers, HEADER_RANGE, &position, &value) ||
        !conditional_range_applies(&req->headers, validators, now))
        return RANGE_WHOLE;
    result = range_parse(header_table_get(&req->headers, HEADER_RANGE), reply->length, ranges,
                         &count);
    if (result == RANGE_PARTIAL && count != 1)
        return RANGE_WHOLE;
    *ret_range = ranges[0];
    return result;
}

static void write_range(struct writer *space, const struct partial_reply *reply,
                        const struct byte_range *range, struct response *resp)
{
    write_status_line(space, 206);
    write_head_lines(space, 206, reply->lines);
    write_content_range(space, range, reply->length);
    write_content_length(space, range->length);
    resp->status = 206;
    resp->reason = "range";
    resp->part = *range;
    resp->is_relayed = true;
}

enum partial cache_answer_partial(struct http_context *http, const struct request *req,
                                  const struct partial_reply *reply, struct writer *space,
                                  struct response *resp, struct byte_range *ret_range)
{
    const struct validators validators = {.etag = reply->etag, .mtime = reply->last_modified};
    time_t now = loop_wall_seconds(http->loop);
    const char *reason = NULL;
    unsigned status = 0;

    if (reply->status == 200 && conditional_is_present(&req->headers))
        status = conditional_check(&req->headers, req->method, &validators, now, &reason);
    if (status != 0) {
        head_alone(status, reason, reply->lines, space, resp);
        return PARTIAL_NOTHING;
    }
    if (!header_table_has(&req->headers, HEADER_RANGE))
        return PARTIAL_WHOLE;
    switch (range_of(req, reply, &validators, now, ret_range)) {
    case RANGE_WHOLE: break;
    case RANGE_PARTIAL: write_range(space, reply, ret_range, resp); return PARTIAL_RANGE;
    case RANGE_UNSATISFIABLE:
        write_unsatisfied_range(&resp->headers, reply->length);
        head_alone(416, "range", slice_of("", 0), space, resp);
        return PARTIAL_NOTHING;
    }
    return PARTIAL_WHOLE;
}

static void use_file(const struct library_place *place, uint64_t first, uint64_t length,
                     struct response *resp)
{
    open_file_ref(place->file); /* the head may be its, too */
    resp->file = place->file;
    resp->whole = slice_of(NULL, 0);
    if (length == 0) {
        resp->kind = CONTENT_NONE;
        return;
    }
    resp->kind = CONTENT_RANGES;
    resp->ranges[0] = (struct byte_range){place->stored->content_at + first, length};
    resp->range_count = 1;
}

static void answer_whole(const struct library_place *place, time_t now, const char *how,
                         struct writer *space, struct response *resp)
{
    const struct cache_entry *entry = &place->stored->entry;
    struct slice whole = slice_of(NULL, 0);

    resp->status = entry->status;
    resp->reason = "cached";
    resp->is_relayed = true;
    if (!how) {
        whole = stored_whole(place->stored, place->file, now); /* before one more uses the file */
        resp->relayed = stored_head(place->stored, now);
    } else {
        stored_write_head(place->stored, now, how, space);
        resp->relayed = writer_content(space);
    }
    use_file(place, 0, entry->content_length, resp);
    resp->whole = whole;
}

void cache_answer(struct http_context *http, const struct request *req,
                  const struct library_place *place, const char *how, struct writer *space,
                  struct response *resp)
{
    const struct cache_entry *entry = &place->stored->entry;
    time_t now = loop_wall_seconds(http->loop);
    struct byte_range range;
    const struct partial_reply reply = {
        .status = entry->status,
        .lines = entry->lines,
        .etag = entry->etag,
        .last_modified = entry->last_modified,
        .length = entry->content_length,
    };

    switch (cache_answer_partial(http, req, &reply, space, resp, &range)) {
    case PARTIAL_WHOLE: answer_whole(place, now, how, space, resp); return;
    case PARTIAL_RANGE: use_file(place, range.first, range.length, resp); break;
    case PARTIAL_NOTHING: break;
    }
    stored_write_how(place->stored, now, how, space);
    resp->relayed = writer_content(space);
}
