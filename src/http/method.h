/* SPDX-License-Identifier: MIT */
/* method.h - the methods TinyWeb knows (RFC 9110 section 9, IANA registry). */
#ifndef TINYWEB_HTTP_METHOD_H
#define TINYWEB_HTTP_METHOD_H

#include "base/slice.h"

enum http_method {
    METHOD_UNKNOWN, /* answered by 501 */
    METHOD_GET,
    METHOD_HEAD,
    METHOD_OPTIONS,
    METHOD_POST,
    METHOD_PUT,
    METHOD_DELETE,
    METHOD_PATCH,
    METHOD_TRACE,
    METHOD_CONNECT,
    METHOD_PURGE, /* of no RFC: to a cache, which is to forget its target */
    METHOD_COUNT
};

/* Case-sensitive. */
enum http_method method_from_name(struct slice name);
const char *method_name(enum http_method method);

/* To ask twice does no more than to ask once (RFC 9110 section 9.2.2). */
bool method_is_idempotent(enum http_method method);

#endif
