/* SPDX-License-Identifier: MIT */
/*
 * origin.h - a server made of what a test does, on a real socket of the loopback; the other end of what
 * upstream/ connects.
 *
 * Nothing here waits: what our side has sent is there when it has been sent.
 */
#ifndef SUPPORT_ORIGIN_H
#define SUPPORT_ORIGIN_H

#include "base/address.h"

#include <stdbool.h>

#define ORIGIN_READ_MAX ((size_t)64 << 10)

struct origin {
    int listen_fd;
    int fd; /* of the connection accepted last, -1: none */
    struct address addr;
    char received[ORIGIN_READ_MAX]; /* by the last origin_read, terminated … */
    size_t received_len;            /* … and its length, should there be NULs in it */
};

/* Listens on a port of 127.0.0.1. */
void origin_open(struct origin *origin);
void origin_close(struct origin *origin);
/* Does not listen any more; who connects is refused. */
void origin_stop(struct origin *origin);

/* The next connection that waits, which replaces the one before (that stays open: keep its descriptor).
 * False: none waits. */
bool origin_accept(struct origin *origin);
/* All that can be read now, "" for nothing; NULL: the other side has ended, or reset. */
const char *origin_read(struct origin *origin);
void origin_send(struct origin *origin, const char *text);
/* The end of our side. */
void origin_end(struct origin *origin);
/* Closes the connection, so that what was not read is a reset. */
void origin_hang_up(struct origin *origin);
void origin_reset(struct origin *origin);

#endif
