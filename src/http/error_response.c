/* SPDX-License-Identifier: MIT */
/* error_response.c - an error page that is missing or broken must not make another error. */
#include "http/error_response.h"

#include "http/error_page.h"

/* A longer type is none, and would not fit into a head. */
#define TYPE_SIZE_MAX 256

static const struct error_page_config *find_page(const struct site_config *site, unsigned status)
{
    for (size_t i = 0; i < site->error_page_count; i++) {
        if (site->error_pages[i].status == status)
            return &site->error_pages[i];
    }
    return NULL;
}

static bool use_file(struct http_context *http, struct response *resp, const char *path)
{
    struct open_file *file;

    if (file_cache_get(http->files, &resp->site->root, slice_from_string(path),
                       loop_now_ms(http->loop), &file) != 0)
        return false;
    resp->rep = representation_of(file, loop_wall_seconds(http->loop),
                                  &(struct representation_traits){.site = resp->site->config},
                                  &http->representation);
    if (!resp->rep) {
        open_file_unref(file);
        return false;
    }
    resp->file = file;
    resp->kind = CONTENT_FILE;
    return true;
}

static void use_text(struct response *resp, struct slice text, struct slice type)
{
    resp->kind = CONTENT_TEXT;
    resp->text = text;
    resp->text_type = type;
}

/* Of a page that is no file below the root; valid until the next one. */
static struct slice type_of(struct http_context *http, const struct error_page_config *page)
{
    char name[64];
    struct writer path = writer_on(name, sizeof(name));
    struct writer type = writer_on(http->error_space, TYPE_SIZE_MAX);

    /* The extension alone is a path whose name begins with a dot: put a name before it. */
    writer_literal(&path, "page.");
    writer_string(&path, page->extension);
    representation_write_type(&type, mime_types_lookup(http->mime_types, writer_content(&path)),
                              http->representation.charset);
    return type.overflow ? SLICE_LITERAL("application/octet-stream") : writer_content(&type);
}

/* Where requests have one, its line is the first that an answer gets (exchange_write_id). */
static struct slice request_id_of(const struct response *resp)
{
    struct slice lines = writer_content(&resp->headers);
    struct slice name = SLICE_LITERAL("X-Request-ID: ");

    if (!slice_starts_with(lines, name))
        return slice_of(NULL, 0);
    lines = slice_from(lines, name.len);
    return slice_of(lines.data, (size_t)slice_find(lines, '\r'));
}

void error_response(struct http_context *http, struct response *resp, unsigned status,
                    const char *reason)
{
    const struct error_page_config *page = find_page(resp->site->config, status);
    struct writer w;

    response_done(resp);
    resp->status = status;
    resp->reason = reason;
    resp->range_count = 0;
    if (page && page->path && use_file(http, resp, page->path))
        return;
    if (page && page->content) {
        use_text(resp, slice_of(page->content, page->content_len), type_of(http, page));
        return;
    }
    w = writer_on(http->error_space, sizeof(http->error_space));
    error_page_write(&w, status, request_id_of(resp));
    use_text(resp, writer_content(&w), SLICE_LITERAL("text/html; charset=utf-8"));
}
