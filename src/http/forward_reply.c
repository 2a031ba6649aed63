/* SPDX-License-Identifier: MIT */
/* forward_reply.c - the head of a reply written anew: the site's own lines win, and are added elsewhere. */
#include "http/common_lines.h"
#include "http/forward.h"
#include "http/forward_fields.h"
#include "http/forward_lines.h"
#include "http/http_date.h"
#include "http/status.h"

static bool is_hidden(const struct forward_config *config, struct slice name)
{
    for (size_t i = 0; i < config->hide_fields.count; i++) {
        if (slice_equal_nocase(name, slice_from_string(config->hide_fields.items[i])))
            return true;
    }
    return false;
}

static bool is_of_site(const struct site_config *site, struct slice name)
{
    for (size_t i = 0; i < site->header_count; i++) {
        if (!site->headers[i].is_of_file &&
            slice_equal_nocase(slice_from_string(site->headers[i].name), name))
            return true;
    }
    return false;
}

/* What is told of its fields. */
struct told {
    bool date, length;
};

/* A number as we write it: so the line passes as it is. */
static bool tells_length(const struct forward_reply *forward, struct slice value)
{
    return forward->has_length && (value.len == 1 || value.data[0] != '0');
}

static NOINLINE bool passes_down(const struct forward_reply *forward, const struct header *row,
                                 unsigned rule, bool has_named)
{
    if (rule & FORWARD_HOP)
        return false;
    if ((rule & FORWARD_LENGTH) && !tells_length(forward, row->value))
        return false;
    if ((rule & FORWARD_REQUEST_ID) && forward->has_request_id)
        return false;
    if ((rule & FORWARD_CORS) && forward->site->cors.count > 0)
        return false;
    if (has_named && !(rule & FORWARD_LENGTH) && forward_is_named(forward->headers, row->name))
        return false;
    return !is_hidden(forward->config, row->name) && !is_of_site(forward->site, row->name);
}

static struct told write_reply_fields(struct writer *w, const struct forward_reply *forward)
{
    const struct header_table *headers = forward->headers;
    bool has_named = forward_has_named(headers);
    /* Each name has to be looked at. */
    bool is_choosy = has_named || forward->config->hide_fields.count > 0 ||
                     forward->site->header_count > 0;
    struct told told = {false, false};
    struct run run = {NULL, NULL};

    for (const struct header *row = headers->rows; row < headers->rows + headers->count; row++) {
        unsigned rule = forward_rule_of_line(row);

        if ((rule != 0 || is_choosy) && !passes_down(forward, row, rule, has_named))
            continue;
        pass_line(w, &run, row);
        told.date |= (rule & FORWARD_DATE) != 0;
        told.length |= (rule & FORWARD_LENGTH) != 0;
    }
    end_run(w, &run);
    return told;
}

static void write_reply_line(struct writer *w, const struct forward_reply *forward)
{
    struct slice line = status_line(forward->status);

    /* "HTTP/1.1 200 " reason CRLF */
    if (line.len == forward->reason.len + 15 && forward->reason.len > 0 &&
        memcmp(line.data + 13, forward->reason.data, forward->reason.len) == 0) {
        writer_slice(w, line);
        return;
    }
    writer_literal(w, "HTTP/1.1 ");
    writer_number(w, forward->status);
    writer_char(w, ' ');
    writer_slice(w, forward->reason);
    writer_literal(w, "\r\n");
}

void forward_write_reply(struct writer *w, const struct forward_reply *forward)
{
    struct told told;

    write_reply_line(w, forward);
    if (forward->status == 101)
        writer_literal(w, "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    told = write_reply_fields(w, forward);
    if (!told.date && forward->date) {
        writer_literal(w, "Date: ");
        writer_append(w, forward->date, HTTP_DATE_SIZE);
        writer_literal(w, "\r\n");
    }
    if (forward->has_length && !told.length)
        write_content_length(w, forward->length);
}

void forward_write_interim(struct writer *w, const struct forward_reply *forward)
{
    (void)write_reply_fields(w, forward);
}
