/* SPDX-License-Identifier: MIT */
/*
 * selection.h - selects the representation of a file that a request gets (RFC 9110 section 12.1):
 * the file itself or one of its precompressed siblings.
 */
#ifndef TINYWEB_HTTP_SELECTION_H
#define TINYWEB_HTTP_SELECTION_H

#include "http/http_context.h"

/*
 * Given @resp->file: set it to the file whose bytes are to be sent, and @resp->rep to its
 * representation. Called for a file that is not settled (see representation.h).
 *
 * Returns 0; or 406 when the file has siblings and the client refuses each of them as well as the
 * file itself: that is what section 12.5.3 leaves once identity is refused, since the client says
 * that it could not use what it would get. A file without siblings is not negotiated, and its
 * Accept-Encoding is not even read. Or -errno: the file cannot be read, or memory is short;
 * @resp->rep may be NULL then.
 */
MUST_CHECK int selection_make(struct http_context *http, const struct request *req,
                              struct response *resp);

#endif
