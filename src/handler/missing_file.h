/* SPDX-License-Identifier: MIT */
/*
 * missing_file.h - what is sent where no file has the name that was asked for: clean URLs and the
 * fallback of single-page applications.
 *
 * With clean_urls, "/a" is the file "a", else "a.html", else the directory "a/"; what has a shorter
 * name is redirected to that: "/a.html" to "/a", "/x/index.html" to "/x/", and "/a/" to "/a" where
 * the directory has neither index nor listing. A redirect never leads to something else than was asked for.
 *
 * The fallback is sent to GET and HEAD of a browser that goes to a page: one whose Accept holds
 * text/html, to a path whose last segment has no known extension. So a missing script stays 404.
 */
#ifndef TINYWEB_HANDLER_MISSING_FILE_H
#define TINYWEB_HANDLER_MISSING_FILE_H

#include "http/http_context.h"

/* One lookup of a site with clean_urls or a fallback. */
struct missing_file {
    struct http_context *http;
    const struct request *req;
    struct response *resp;
    struct slice path; /* below the root of resp->site */
    char *space;       /* for other names */
    size_t size;
};

static inline bool missing_file_may_help(const struct site_config *site)
{
    return site->clean_urls || site->fallback;
}

/* Before the lookup: true when the answer is a redirect to a shorter name. */
bool missing_file_shorten(const struct missing_file *missing);

/*
 * After a lookup that failed with @err: 0 and a reference in *@ret_file, or 1 when the answer is a
 * redirect, else @err.
 */
int missing_file_replace(const struct missing_file *missing, int err, struct open_file **ret_file);

#endif
