/* SPDX-License-Identifier: MIT */
/* cache_key.c - for requests, and for those who purge. */
#include "cache/cache_key.h"

void cache_key_write(struct writer *w, struct slice host, struct slice path, struct slice query)
{
    size_t start;

    if (slice_ends_with(host, SLICE_LITERAL(":80")))
        host.len -= 3;
    writer_literal(w, "http://");
    start = w->len;
    writer_slice(w, host);
    for (size_t i = start; i < w->len; i++)
        w->data[i] = ascii_lower(w->data[i]);
    writer_slice(w, path);
    writer_slice(w, query);
}
