/* SPDX-License-Identifier: MIT */
/*
 * selection.h - selects the representation of a file that a request gets (RFC 9110 section 12.1):
 * the file itself, one of its precompressed siblings, or what is made of it by compression.
 */
#ifndef TINYWEB_HTTP_SELECTION_H
#define TINYWEB_HTTP_SELECTION_H

#include "http/http_context.h"

/* What selection_make returns when the compressed form is wanted and not there. */
#define SELECTION_WAIT 1

/* What is known of the compressed form. */
struct selection_made {
    struct open_file *file; /* borrowed; NULL: look for it */
    bool may_wait;          /* false: when there is none, do without */
};

/*
 * Given @resp->file: set it to the file whose bytes are to be sent, and @resp->rep to its
 * representation. Called for a file that is not settled (see representation.h).
 *
 * Returns 0; or SELECTION_WAIT, with @resp->file as it was: compress it (compressor.h) and ask again. Or
 * 406 when there is a choice and the client refuses all of it as well as the
 * file itself: that is what section 12.5.3 leaves once identity is refused, since the client says
 * that it could not use what it would get. A file that is not negotiated is sent, and its
 * Accept-Encoding is not even read. Or -errno: the file cannot be read, or memory is short;
 * @resp->rep may be NULL then.
 */
MUST_CHECK int selection_make(struct http_context *http, const struct request *req,
                              const struct selection_made *made, struct response *resp);

#endif
