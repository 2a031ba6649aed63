/* SPDX-License-Identifier: MIT */
/* explain_request.c - takes a URL apart (RFC 3986), and puts a head together. */

#include "tool/explain_request.h"

#include "base/slice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct url {
    struct slice authority, target; /* empty: none */
};

static struct url split(const char *text)
{
    struct slice rest = slice_from_string(text);
    const char *scheme = strstr(text, "://");
    rest.len = strcspn(rest.data, "#");
    if (scheme && scheme < text + strcspn(text, "/?#") + 1)
        rest = slice_from(rest, (size_t)(scheme - text) + 3);
    else if (rest.data[0] == '/' || rest.data[0] == '*')
        return (struct url){SLICE_LITERAL(""), rest};
    size_t len = 0;
    while (len < rest.len && rest.data[len] != '/' && rest.data[len] != '?')
        len++;
    return (struct url){slice_of(rest.data, len), slice_from(rest, len)};
}

/* Of CONNECT the authority is the target (RFC 9112 section 3.2.3). */
static struct url url_of(const struct explain_options *options)
{
    struct url url = split(options->url);
    if (options->method && strcmp(options->method, "CONNECT") == 0 && url.target.len == 0)
        url.target = url.authority;
    return url;
}

static bool is_free_of_blanks(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.data[i] <= 0x20 || text.data[i] == 0x7f)
            return false;
    }
    return true;
}

static bool check_header(const char *header)
{
    if (strchr(header, ':') && header[0] != ':' && !strpbrk(header, "\r\n"))
        return true;
    fprintf(stderr, "tinyweb: -H wants \"Name: value\", not \"%s\"\n", header);
    return false;
}

static bool check(const struct explain_options *options, const struct url *url)
{
    bool is_good = true;
    const char *method = options->method ? options->method : "GET";
    if (!is_free_of_blanks(url->authority) || !is_free_of_blanks(url->target)) {
        fprintf(stderr, "tinyweb: a URL has no blanks: write %%20 for each\n");
        is_good = false;
    }
    if (method[0] == '\0' || !is_free_of_blanks(slice_from_string(method))) {
        fprintf(stderr, "tinyweb: -X wants a method such as HEAD\n");
        is_good = false;
    }
    for (size_t i = 0; i < options->header_count; i++)
        is_good = check_header(options->headers[i]) && is_good;
    return is_good;
}

static bool is_host(const char *header)
{
    return slice_equal_nocase(slice_of(header, strcspn(header, ":")), SLICE_LITERAL("Host"));
}

static void write_head(const struct explain_options *options, const struct url *url, FILE *out)
{
    bool has_host = false;
    bool is_whole = url->target.len > 0 && url->target.data[0] != '?';
    fprintf(out, "%s %s%.*s HTTP/1.1\r\n", options->method ? options->method : "GET",
            is_whole ? "" : "/", SLICE_PRINTF(url->target));
    for (size_t i = 0; i < options->header_count; i++)
        has_host = has_host || is_host(options->headers[i]);
    if (!has_host && url->authority.len > 0)
        fprintf(out, "Host: %.*s\r\n", SLICE_PRINTF(url->authority));
    else if (!has_host)
        fputs("Host: localhost\r\n", out);
    for (size_t i = 0; i < options->header_count; i++)
        fprintf(out, "%s\r\n", options->headers[i]);
    fputs("\r\n", out);
}

int explain_request(const struct explain_options *options, char **ret_request)
{
    struct url url = url_of(options);
    char *text = NULL;
    size_t len = 0;
    if (!check(options, &url))
        return -EINVAL;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return -ENOMEM;
    write_head(options, &url, out);
    if (fclose(out) != 0) {
        free(text);
        return -ENOMEM;
    }
    *ret_request = text;
    return 0;
}
