/* SPDX-License-Identifier: MIT */
/* method.c - the table of method names. */
#include "http/method.h"

#include "base/macros.h"

static const char *const names[] = {
    [METHOD_UNKNOWN] = "UNKNOWN", [METHOD_GET] = "GET",     [METHOD_HEAD] = "HEAD",
    [METHOD_OPTIONS] = "OPTIONS", [METHOD_POST] = "POST",   [METHOD_PUT] = "PUT",
    [METHOD_DELETE] = "DELETE",   [METHOD_PATCH] = "PATCH", [METHOD_TRACE] = "TRACE",
    [METHOD_CONNECT] = "CONNECT", [METHOD_PURGE] = "PURGE",
};
static_assert(COUNT_OF(names) == METHOD_COUNT, "a method without a name");

enum http_method method_from_name(struct slice name)
{
    for (unsigned method = METHOD_UNKNOWN + 1; method < METHOD_COUNT; method++) {
        if (slice_equal(name, slice_from_string(names[method])))
            return (enum http_method)method;
    }
    return METHOD_UNKNOWN;
}

const char *method_name(enum http_method method)
{
    return names[method];
}

bool method_is_idempotent(enum http_method method)
{
    return method != METHOD_UNKNOWN && method != METHOD_POST && method != METHOD_PATCH &&
           method != METHOD_CONNECT;
}
