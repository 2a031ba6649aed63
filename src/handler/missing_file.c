/* SPDX-License-Identifier: MIT */
/* missing_file.c - other names for a path, each looked up like any file. */
#include "handler/missing_file.h"

#include <errno.h>

static const char html_suffix[] = ".html";
#define HTML SLICE_LITERAL(html_suffix)

static int get(const struct missing_file *missing, struct slice path, struct open_file **ret_file)
{
    struct http_context *http = missing->http;

    return file_cache_get(http->files, &missing->resp->site->root, path, loop_now_ms(http->loop),
                          ret_file);
}

static bool is_file(const struct missing_file *missing, struct slice path)
{
    struct open_file *file;

    if (get(missing, path, &file) != 0)
        return false;
    open_file_unref(file);
    return true;
}

/* @path with ".html" behind it; empty when that is too long. */
static struct slice with_html(const struct missing_file *missing, struct slice path)
{
    struct writer w = writer_on(missing->space, missing->size);

    writer_slice(&w, path);
    writer_slice(&w, HTML);
    return w.overflow ? slice_of(NULL, 0) : writer_content(&w);
}

/* To the name that was asked for without its last @cut bytes. */
static void redirect(const struct missing_file *missing, size_t cut)
{
    struct response *resp = missing->resp;
    struct slice name = missing->req->name;

    name.len -= cut;
    writer_literal(&resp->headers, "Location: /");
    writer_url_escaped(&resp->headers, name);
    writer_url_query(&resp->headers, missing->req->query);
    writer_literal(&resp->headers, "\r\n");
    resp->status = 301;
    resp->reason = "clean-url";
}

static bool is_first_index(const struct site_config *site, struct slice name)
{
    return site->index.count > 0 && slice_equal(slice_from_string(site->index.items[0]), name);
}

bool missing_file_shorten(const struct missing_file *missing)
{
    const struct site_config *site = missing->resp->site->config;
    struct slice path = missing->path, stem, last;

    if (!site->clean_urls || !slice_ends_with(path, HTML))
        return false;
    stem = slice_of(path.data, path.len - HTML.len);
    last = slice_from(path, (size_t)(slice_find_last(path, '/') + 1));
    if (slice_equal(last, SLICE_LITERAL("index.html"))) {
        /* The directory itself gives another file where another name comes first. */
        if (!is_first_index(site, last) || !is_file(missing, path))
            return false;
        redirect(missing, last.len);
        return true;
    }
    if (last.len == HTML.len || is_file(missing, stem) || !is_file(missing, path))
        return false;
    redirect(missing, HTML.len);
    return true;
}

/* As missing_file_replace. */
static int try_clean_url(const struct missing_file *missing, int err, struct open_file **ret_file)
{
    struct slice path = missing->path, html;

    if (path.len == 0)
        return err;
    if (path.data[path.len - 1] != '/') {
        html = with_html(missing, path);
        return html.len > 0 && get(missing, html, ret_file) == 0 ? 0 : err;
    }
    path.len--;
    html = with_html(missing, path);
    if (html.len == 0 || !is_file(missing, html))
        return err;
    redirect(missing, 1);
    return 1;
}

/* "text/html" among the elements of a list, with a weight that is not 0. */
static bool list_has_html(struct slice list)
{
    struct slice element, part, type;

    while (slice_next(&list, ',', &element)) {
        bool is_refused = false;

        (void)slice_next(&element, ';', &type);
        while (slice_next(&element, ';', &part)) {
            part = slice_trim(part);
            if (part.len >= 3 && ascii_lower(part.data[0]) == 'q' && part.data[1] == '=')
                is_refused = strspn(part.data + 2, "0.") >= part.len - 2;
        }
        if (!is_refused && slice_equal_nocase(slice_trim(type), SLICE_LITERAL("text/html")))
            return true;
    }
    return false;
}

static bool accepts_html(const struct header_table *headers)
{
    struct slice value;
    unsigned position = 0;

    while (header_table_next(headers, HEADER_ACCEPT, &position, &value)) {
        if (list_has_html(value))
            return true;
    }
    return false;
}

static int try_fallback(const struct missing_file *missing, int err, struct open_file **ret_file)
{
    const struct http_site *site = missing->resp->site;

    if (mime_types_know(missing->http->mime_types, missing->path))
        return err;
    /* Whatever comes now depends on it. */
    writer_literal(&missing->resp->headers, "Vary: Accept\r\n");
    if (!accepts_html(&missing->req->headers) ||
        get(missing, slice_from_string(site->config->fallback), ret_file) != 0)
        return err;
    missing->resp->reason = "fallback";
    return 0;
}

/* A directory whose name lacks its slash: it will be redirected. */
static bool is_directory_name(struct slice path, int err)
{
    return err == -EISDIR && path.len > 0 && path.data[path.len - 1] != '/';
}

int missing_file_replace(const struct missing_file *missing, int err, struct open_file **ret_file)
{
    const struct site_config *site = missing->resp->site->config;
    int result = err;

    if (err != -ENOENT && err != -ENOTDIR && err != -EISDIR)
        return err;
    if (err == -EISDIR && site->listing.is_on && !is_directory_name(missing->path, err))
        return err; /* there is something to show */
    if (site->clean_urls)
        result = try_clean_url(missing, err, ret_file);
    if (result < 0 && site->fallback && !is_directory_name(missing->path, err))
        result = try_fallback(missing, err, ret_file);
    return result;
}
