/* SPDX-License-Identifier: MIT */
/* late_file.c - keeps what was decided before the wait: the file, the reason, and field lines. */
#include "handler/late_file.h"

#include "handler/static_file.h"
#include "http/compressor.h"

#include <stdlib.h>

struct late_file {
    struct pending pending;
    struct compression_waiter waiter;
    struct http_context *http;
    struct open_file *original; /* references; NULL: given on, or none */
    struct open_file *made;
    const char *reason;
    size_t headers_len;
    char headers[];
};

static void answer(struct pending *pending, const struct request *req, struct response *resp)
{
    struct late_file *late = container_of(pending, struct late_file, pending);
    const struct selection_made made = {.file = late->made, .may_wait = false};
    struct open_file *original = late->original;

    late->original = NULL;
    resp->reason = late->reason;
    resp->headers.len = 0; /* the line that every answer begins with is among those kept */
    writer_slice(&resp->headers, slice_of(late->headers, late->headers_len));
    static_file_answer_late(late->http, req, resp, original, &made);
}

static void end(struct pending *pending)
{
    struct late_file *late = container_of(pending, struct late_file, pending);

    compressor_forget(&late->waiter);
    open_file_unref(late->original);
    open_file_unref(late->made);
    free(late);
}

static const struct pending_ops late_file_ops = {.answer = answer, .end = end};

static void on_compressed(struct compression_waiter *waiter, struct open_file *made)
{
    struct late_file *late = container_of(waiter, struct late_file, waiter);

    late->made = made;
    if (made)
        open_file_ref(made);
    pending_resume(&late->pending);
}

bool late_file_wait(struct http_context *http, struct response *resp)
{
    struct slice headers = writer_content(&resp->headers);
    struct late_file *late = malloc(sizeof(*late) + headers.len);

    if (!late)
        return false;
    *late = (struct late_file){
        .pending.ops = &late_file_ops,
        .waiter.done = on_compressed,
        .http = http,
        .reason = resp->reason,
        .headers_len = headers.len,
    };
    if (headers.len > 0)
        memcpy(late->headers, headers.data, headers.len);
    if (compressor_begin(http->compressor, resp->file, resp->site->config->gzip.level,
                         &late->waiter) != 0) {
        free(late);
        return false;
    }
    late->original = resp->file;
    resp->file = NULL;
    resp->rep = NULL;
    resp->pending = &late->pending;
    return true;
}
