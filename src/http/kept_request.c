/* SPDX-License-Identifier: MIT */
/* kept_request.c - counts the bytes, then copies them. */

#include "http/kept_request.h"

#include <stdlib.h>

static void keep(char **bytes, struct slice *slice)
{
    if (slice->len > 0)
        memcpy(*bytes, slice->data, slice->len);
    slice->data = slice->data ? *bytes : NULL;
    *bytes += slice->len;
}

struct kept_request *kept_request_create(const struct request *req)
{
    const struct header_table *headers = &req->headers;
    size_t size = req->line.len + req->target.len + req->path.len + req->query.len + req->host.len;
    struct kept_request *kept;
    char *bytes;

    for (unsigned i = 0; i < headers->count; i++)
        size += headers->rows[i].name.len + headers->rows[i].value.len;
    kept = malloc(sizeof(*kept) + headers->count * sizeof(kept->rows[0]) + size);
    if (!kept)
        return NULL;
    kept->req = *req;
    kept->req.name = slice_of(NULL, 0);
    kept->req.headers.rows = kept->rows;
    kept->req.headers.capacity = headers->count;
    bytes = (char *)&kept->rows[headers->count];
    keep(&bytes, &kept->req.line);
    keep(&bytes, &kept->req.target);
    keep(&bytes, &kept->req.path);
    keep(&bytes, &kept->req.query);
    keep(&bytes, &kept->req.host);
    for (unsigned i = 0; i < headers->count; i++) {
        kept->rows[i] = headers->rows[i];
        keep(&bytes, &kept->rows[i].name);
        keep(&bytes, &kept->rows[i].value);
    }
    return kept;
}
