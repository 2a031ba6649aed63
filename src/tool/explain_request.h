/* SPDX-License-Identifier: MIT */
/* explain_request.h - the bytes of a request out of what a person types. */
#ifndef TINYWEB_TOOL_EXPLAIN_REQUEST_H
#define TINYWEB_TOOL_EXPLAIN_REQUEST_H

#include "tool/explain.h"

/*
 * A head as a client sends it, the path as it is written; the caller frees it. The host is that of
 * a header "Host:", else of the URL, else localhost. -EINVAL: an option is no part of a request, which
 * was said on standard error; -ENOMEM.
 */
MUST_CHECK int explain_request(const struct explain_options *options, char **ret_request);

#endif
