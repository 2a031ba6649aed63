/* SPDX-License-Identifier: MIT */
/* request_id.h - the name of one request in the logs of all that handle it: X-Request-ID. */
#ifndef TINYWEB_HTTP_REQUEST_ID_H
#define TINYWEB_HTTP_REQUEST_ID_H

#include "base/siphash.h"

/* Of one that a proxy has made: short ones are hardly unique, long ones fill the log. */
#define REQUEST_ID_SIZE_MIN 8
#define REQUEST_ID_SIZE_MAX 128
/* Its field with the CRLF. */
#define REQUEST_ID_LINE_MAX (sizeof("X-Request-ID: \r\n") + REQUEST_ID_SIZE_MAX)
/* Of ours: 128 random bits in hexadecimal digits. */
#define REQUEST_ID_SIZE 32

/* Of the length above, and of letters, digits and -._~:/+=@ alone, so that it can be written
 * anywhere as it is. */
bool request_id_is_sound(struct slice text);

/* Makes them without a system call each: a counter, hashed. One a worker. */
struct request_id_source {
    struct siphash_key key; /* random, so that nobody can tell others from one */
    uint64_t count;
};

/* Write REQUEST_ID_SIZE bytes, without a terminator. */
void request_id_make(struct request_id_source *source, char *out);

#endif
