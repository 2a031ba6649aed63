/* SPDX-License-Identifier: MIT */
/* basic_credentials.h - user and password of an Authorization field (RFC 7617 section 2). */
#ifndef TINYWEB_HTTP_BASIC_CREDENTIALS_H
#define TINYWEB_HTTP_BASIC_CREDENTIALS_H

#include "base/macros.h"
#include "base/slice.h"

/* Of user, ":" and password together. */
#define BASIC_CREDENTIALS_MAX 512

struct basic_credentials {
    struct slice user, password; /* in `space`; neither has a control byte, the user no ":" */
    char space[BASIC_CREDENTIALS_MAX + 1]; /* terminated, so the password is */
};

/*
 * Read "Basic dXNlcjpwYXNz". False: another scheme, no base64, no ":", control bytes, or too long;
 * nothing means anything then. Whoever is done with it wipes @credentials.
 */
MUST_CHECK bool basic_credentials_read(struct slice authorization,
                                       struct basic_credentials *credentials);

void basic_credentials_wipe(struct basic_credentials *credentials);

#endif
