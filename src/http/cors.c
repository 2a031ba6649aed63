/* SPDX-License-Identifier: MIT */
/* cors.c - Access-Control lines. */
#include "http/cors.h"

/* What scripts could not see otherwise, and readers of parts of files need. */
static const char expose_line[] = "Access-Control-Expose-Headers: "
                                  "Accept-Ranges, Content-Encoding, Content-Range, ETag\r\n";

/* "*" does not cover Authorization. Two hours are the most that some browsers keep it. */
static const char preflight_lines[] = "Access-Control-Allow-Methods: GET, HEAD\r\n"
                                      "Access-Control-Allow-Headers: *, Authorization\r\n"
                                      "Access-Control-Max-Age: 7200\r\n";

static void write_origin(struct writer *w, const char *origin)
{
    writer_literal(w, "Access-Control-Allow-Origin: ");
    writer_string(w, origin);
    writer_literal(w, "\r\n");
    writer_literal(w, expose_line);
}

/* The one of the list that the request comes from, or NULL. */
static const char *find_origin(const struct site_config *site, const struct request *req)
{
    struct slice origin = header_table_get(&req->headers, HEADER_ORIGIN);

    for (size_t i = 0; i < site->cors.count; i++) {
        if (slice_equal(slice_from_string(site->cors.items[i]), origin))
            return site->cors.items[i];
    }
    return NULL;
}

void cors_write_lines(struct writer *w, const struct site_config *site)
{
    if (site->cors.count == 1)
        write_origin(w, site->cors.items[0]);
}

void cors_write_lines_for(struct writer *w, const struct site_config *site,
                          const struct request *req)
{
    const char *origin = cors_depends_on_request(site) ? find_origin(site, req) : NULL;

    if (origin)
        write_origin(w, origin);
}

bool cors_is_preflight(const struct site_config *site, const struct request *req)
{
    return site->cors.count > 0 && req->method == METHOD_OPTIONS &&
           header_table_has(&req->headers, HEADER_ORIGIN) &&
           header_table_has(&req->headers, HEADER_ACCESS_CONTROL_REQUEST_METHOD);
}

void cors_write_preflight(struct writer *w, const struct site_config *site,
                          const struct request *req)
{
    if (!cors_is_preflight(site, req))
        return;
    if (strcmp(site->cors.items[0], "*") == 0 || find_origin(site, req))
        writer_literal(w, preflight_lines);
}

size_t cors_room(const struct site_config *site)
{
    return site->cors.count == 1 ? sizeof("Access-Control-Allow-Origin: \r\n") +
                                       strlen(site->cors.items[0]) + sizeof(expose_line)
                                 : 0;
}
