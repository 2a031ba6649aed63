/* SPDX-License-Identifier: MIT */
/* own_paths.c - a handful of names, compared one by one. */
#include "http/own_paths.h"

#include "base/macros.h"

#include <assert.h>

void own_paths_add(struct own_paths *paths, const struct own_path *path)
{
    unsigned first = (unsigned char)path->name[0];

    assert(paths->count < OWN_PATHS_MAX && first != '\0');
    paths->first_bytes[first / 64] |= (uint64_t)1 << first % 64;
    paths->rows[paths->count++] = *path;
}

struct handler *own_paths_find(const struct own_paths *paths, const struct http_context *http,
                               const struct request *req, const struct address *peer)
{
    if (req->method != METHOD_GET && req->method != METHOD_HEAD)
        return NULL;
    for (unsigned i = 0; i < paths->count; i++) {
        const struct own_path *row = &paths->rows[i];

        if (slice_equal(req->name, slice_from_string(row->name)) &&
            (!row->may_ask || row->may_ask(http, req, peer)))
            return row->handler;
    }
    return NULL;
}
