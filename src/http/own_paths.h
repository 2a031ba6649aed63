/* SPDX-License-Identifier: MIT */
/*
 * own_paths.h - what the server answers itself, before any site is asked: health, status.
 *
 * Each path has a handler and a rule who may ask. For everybody else there is no such path, and
 * the site answers as for any other. Nearly all names are told apart by their first byte.
 */
#ifndef TINYWEB_HTTP_OWN_PATHS_H
#define TINYWEB_HTTP_OWN_PATHS_H

#include "base/address.h"
#include "http/handler.h"

#include <stdbool.h>

#define OWN_PATHS_MAX 8

typedef bool (*own_path_rule)(const struct http_context *http, const struct request *req,
                              const struct address *peer);

struct own_path {
    const char *name; /* without its leading "/" (request.name) */
    struct handler *handler;
    own_path_rule may_ask; /* NULL: everybody may */
};

/* Zeroed: there are none. Borrows names and handlers. */
struct own_paths {
    uint64_t first_bytes[4]; /* a bit for each byte that a name begins with */
    struct own_path rows[OWN_PATHS_MAX];
    unsigned count;
};

/* Asserts that there is room. A path that is there already wins. */
void own_paths_add(struct own_paths *paths, const struct own_path *path);

/* False for nearly every name that is not among them. */
static inline bool own_paths_may_have(const struct own_paths *paths, struct slice name)
{
    unsigned first = name.len > 0 ? (unsigned char)name.data[0] : 0;

    return (paths->first_bytes[first / 64] >> first % 64 & 1) != 0;
}

/* GET and HEAD only; NULL: it is the site's. */
struct handler *own_paths_find(const struct own_paths *paths, const struct http_context *http,
                               const struct request *req, const struct address *peer);

#endif
