/* SPDX-License-Identifier: MIT */
/*
 * listeners.h - the listening sockets of one configuration.
 *
 * Each set owns descriptors of its own; after a reload two sets may refer to the same socket, so
 * that no connection waiting in its queue is lost.
 */
#ifndef TINYWEB_PROCESS_LISTENERS_H
#define TINYWEB_PROCESS_LISTENERS_H

#include "base/address.h"
#include "config/config.h"
#include "process/inherited_sockets.h"
#include "process/trouble.h"

struct listener {
    struct address configured;
    struct address actual; /* with the real port where 0 was asked for */
    bool is_taken_over;    /* by a later set */
};

struct listeners {
    size_t count;
    struct listener *items;
    int *fds; /* in the same order, as the server wants them */
};

/*
 * All addresses of @config: taken from @old (NULL: none), else from @inherited, else bound.
 * All are tried and every failure is reported; then nothing stays open. 0 or -errno.
 */
MUST_CHECK int listeners_open(struct listeners *set, const struct config *config,
                              struct listeners *old, struct inherited_sockets *inherited,
                              const struct trouble *trouble);
/* Close the descriptors; the addresses stay known. */
void listeners_close(struct listeners *set);
void listeners_done(struct listeners *set);

/* "127.0.0.1:8080, [::1]:8080" for the log, cut where it does not fit. */
void listeners_describe(const struct listeners *set, char *out, size_t size);

#endif
