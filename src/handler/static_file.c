/* SPDX-License-Identifier: MIT */
/* static_file.c - target -> path -> file -> representation -> preconditions -> ranges. */
#include "handler/static_file.h"

#include "file/path.h"
#include "handler/errno_answer.h"
#include "handler/late_file.h"
#include "handler/listing.h"
#include "handler/missing_file.h"
#include "handler/options_answer.h"
#include "http/common_lines.h"
#include "http/error_response.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct static_file {
    struct handler handler;
    struct http_context *http;
    struct listings *listings;
    char *path_space; /* a path and the longest index name */
    size_t path_size;
};

static void answer_redirect(struct response *resp, struct slice path, struct slice query)
{
    /* An absolute path, normalised: no "//" at its start that names another host. */
    writer_literal(&resp->headers, "Location: /");
    writer_url_escaped(&resp->headers, path);
    writer_literal(&resp->headers, "/");
    writer_url_query(&resp->headers, query);
    writer_literal(&resp->headers, "\r\n");
    resp->status = 301;
    resp->reason = "directory";
}

/* An error of a representation that was chosen by a field of the request depends on that field. */
static void answer_error(struct http_context *http, struct response *resp, unsigned status,
                         const char *reason)
{
    writer_slice(&resp->headers, resp->rep->vary_line);
    error_response(http, resp, status, reason);
}

static NOINLINE void apply_range(struct http_context *http, const struct request *req,
                                 struct response *resp)
{
    unsigned position = req->headers.first[HEADER_RANGE] + 1U;
    struct slice value;
    enum range_result result;

    if (header_table_next(&req->headers, HEADER_RANGE, &position, &value) ||
        !conditional_range_applies(&req->headers, &resp->rep->validators,
                                   loop_wall_seconds(http->loop)))
        return;
    value = header_table_get(&req->headers, HEADER_RANGE);
    result = range_parse(value, resp->file->size, resp->ranges, &resp->range_count);
    /* What a Content-Encoding beside multipart/byteranges refers to is nowhere said: send all. */
    if (result == RANGE_PARTIAL && resp->range_count > 1 && resp->rep->is_encoded)
        result = RANGE_WHOLE;
    switch (result) {
    case RANGE_WHOLE: resp->range_count = 0; break;
    case RANGE_PARTIAL:
        resp->kind = CONTENT_RANGES;
        resp->status = 206;
        resp->reason = "range";
        resp->part = resp->ranges[0];
        break;
    case RANGE_UNSATISFIABLE:
        write_unsatisfied_range(&resp->headers, resp->file->size);
        answer_error(http, resp, 416, "range");
        break;
    }
}

/* False: there is no representation to send, or none yet, and @resp says why. */
static NOINLINE bool select_representation(struct http_context *http, const struct request *req,
                                           struct response *resp, const struct selection_made *made)
{
    int err = selection_make(http, req, made, resp);

    if (err == SELECTION_WAIT) {
        if (late_file_wait(http, resp))
            return false;
        err = selection_make(http, req, &(struct selection_made){.may_wait = false}, resp);
    }
    if (err == 406)
        answer_error(http, resp, 406, "no-coding");
    else if (err)
        errno_answer(http, resp, err);
    return err == 0;
}

/* True when the preconditions leave nothing of the file to send. */
static NOINLINE bool apply_conditions(struct http_context *http, const struct request *req,
                                      struct response *resp)
{
    const char *reason = resp->reason;
    unsigned status = conditional_check(&req->headers, req->method, &resp->rep->validators,
                                        loop_wall_seconds(http->loop), &reason);

    if (status == 304) {
        resp->status = status;
        resp->reason = reason;
        resp->kind = CONTENT_NONE;
    } else if (status) {
        answer_error(http, resp, status, reason);
    }
    return status != 0;
}

/* With the file that @resp has. @made NULL: nothing is known of its compressed form. */
static inline void answer_file(struct http_context *http, const struct request *req,
                               struct response *resp, const struct selection_made *made)
{
    static const struct selection_made unknown = {.may_wait = true};

    resp->kind = CONTENT_FILE;
    resp->rep = representation_settled(resp->file);
    if (UNLIKELY(!resp->rep) && !select_representation(http, req, resp, made ? made : &unknown))
        return;
    if (UNLIKELY(conditional_is_present(&req->headers)) && apply_conditions(http, req, resp))
        return;
    if (UNLIKELY(header_table_has(&req->headers, HEADER_RANGE)) && req->method == METHOD_GET)
        apply_range(http, req, resp);
}

void static_file_answer_late(struct http_context *http, const struct request *req,
                             struct response *resp, struct open_file *file,
                             const struct selection_made *made)
{
    resp->file = file;
    answer_file(http, req, resp, made);
}

/* 0, or the error of a directory without an index that can be read. */
static NOINLINE int find_index(struct static_file *self, const struct http_site *site,
                               struct slice directory, struct open_file **ret_file)
{
    const struct string_list *index = &site->config->index;
    struct http_context *http = self->http;
    int fd;

    for (size_t i = 0; i < index->count; i++) {
        struct writer w = writer_on(self->path_space, self->path_size);
        int err;

        writer_slice(&w, directory);
        writer_string(&w, index->items[i]);
        err = w.overflow ? -ENAMETOOLONG
                         : file_cache_get(http->files, &site->root, writer_content(&w),
                                          loop_now_ms(http->loop), ret_file);
        if (err != -ENOENT && err != -EISDIR)
            return err;
    }
    if (directory.len >= self->path_size)
        return -ENAMETOOLONG;
    if (directory.len > 0)
        memcpy(self->path_space, directory.data, directory.len);
    self->path_space[directory.len] = '\0';
    fd = path_open(site->root.fd, self->path_space);
    if (fd < 0)
        return fd;
    (void)close(fd);
    return -EISDIR;
}

static bool ends_in_slash(struct slice path)
{
    return path.len == 0 || path.data[path.len - 1] == '/';
}

static inline int look_up(struct static_file *self, const struct request *req,
                          const struct http_site *site, struct slice path,
                          struct open_file **ret_file)
{
    struct http_context *http = self->http;

    if (ends_in_slash(req->name))
        return find_index(self, site, path, ret_file);
    return file_cache_get(http->files, &site->root, path, loop_now_ms(http->loop), ret_file);
}

/* Where a name may stand for others; 1: the answer is a redirect. */
static NOINLINE int look_for_others(struct static_file *self, const struct request *req,
                                    struct response *resp, struct slice path,
                                    struct open_file **ret_file)
{
    const struct missing_file missing = {self->http,     req, resp, path, self->path_space,
                                         self->path_size};
    int err;

    if (missing_file_shorten(&missing))
        return 1;
    err = look_up(self, req, resp->site, path, ret_file);
    return err ? missing_file_replace(&missing, err, ret_file) : 0;
}

/* The lookup of @path failed with @err. */
static NOINLINE void answer_failure(struct static_file *self, const struct request *req,
                                    struct response *resp, struct slice path, int err)
{
    struct http_context *http = self->http;

    if (err != -EISDIR)
        errno_answer(http, resp, err);
    else if (!ends_in_slash(req->name))
        answer_redirect(resp, req->name, req->query);
    else if (resp->site->config->listing.is_on)
        listings_answer(self->listings, path, req, resp);
    else
        error_response(http, resp, 403, "no-index");
}

static void answer_path(struct static_file *self, const struct request *req, struct response *resp)
{
    struct slice path = slice_from(req->name, req->stripped);
    int err;

    if (LIKELY(!missing_file_may_help(resp->site->config)))
        err = look_up(self, req, resp->site, path, &resp->file);
    else
        err = look_for_others(self, req, resp, path, &resp->file);
    if (LIKELY(err == 0))
        answer_file(self->http, req, resp, NULL);
    else if (err < 0)
        answer_failure(self, req, resp, path, err);
}

static NOINLINE void answer_other_method(struct http_context *http, const struct request *req,
                                         struct response *resp)
{
    if (req->method == METHOD_OPTIONS) {
        options_answer(req, resp);
        return;
    }
    options_write_allow(resp);
    error_response(http, resp, 405, "method");
    resp->must_close = req->method == METHOD_CONNECT;
}

static void start(struct handler *handler, const struct request *req, struct response *resp)
{
    struct static_file *self = container_of(handler, struct static_file, handler);
    struct http_context *http = self->http;

    if (UNLIKELY(req->method != METHOD_GET && req->method != METHOD_HEAD)) {
        answer_other_method(http, req, resp);
        return;
    }
    if (UNLIKELY(!req->path_is_plain) && path_is_hidden(req->name))
        error_response(http, resp, 404, "hidden");
    else
        answer_path(self, req, resp);
}

static void destroy(struct handler *handler)
{
    struct static_file *self = container_of(handler, struct static_file, handler);

    listings_destroy(self->listings);
    free(self->path_space);
    free(self);
}

static const struct handler_ops static_file_ops = {
    .name = "static_file",
    .start = start,
    .destroy = destroy,
};

struct handler *static_file_create(struct http_context *http)
{
    struct static_file *self = calloc(1, sizeof(*self));

    if (!self)
        return NULL;
    self->handler.ops = &static_file_ops;
    self->http = http;
    self->path_size = http->config->server.max_uri_size + PATH_MAX;
    self->path_space = malloc(self->path_size);
    self->listings = listings_create(http);
    if (!self->path_space || !self->listings) {
        destroy(&self->handler);
        return NULL;
    }
    return &self->handler;
}
