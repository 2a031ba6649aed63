/* SPDX-License-Identifier: MIT */
/* cache_key.c - for requests, and for those who purge. */
#include "cache/cache_key.h"

void cache_key_write(struct writer *w, struct slice host, struct slice path, struct slice query)
{
    if (slice_ends_with(host, SLICE_LITERAL(":80")))
        host.len -= 3;
    writer_literal(w, "http://");
    for (size_t i = 0; i < host.len; i++)
        writer_char(w, ascii_lower(host.data[i]));
    writer_slice(w, path);
    writer_slice(w, query);
}
