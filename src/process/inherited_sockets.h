/* SPDX-License-Identifier: MIT */
/*
 * inherited_sockets.h - listening sockets that whoever started the program has opened for it.
 *
 * The environment variable TINYWEB_LISTEN_FDS names them: "4;5". That is how a new program takes
 * over from an old one without closing the port, and how tests need not guess free ports.
 */
#ifndef TINYWEB_PROCESS_INHERITED_SOCKETS_H
#define TINYWEB_PROCESS_INHERITED_SOCKETS_H

#include "base/address.h"
#include "base/macros.h"
#include "process/trouble.h"

#define INHERITED_VARIABLE "TINYWEB_LISTEN_FDS"
#define INHERITED_MAX 256

struct inherited_socket {
    int fd; /* -1: taken */
    struct address addr;
};

struct inherited_sockets {
    unsigned count;
    struct inherited_socket items[INHERITED_MAX];
};

/*
 * From the text of the variable; NULL: there is none. Every number has to be a listening TCP
 * socket, above 2, and stand there once. All that are wrong are reported, then -EINVAL.
 */
MUST_CHECK int inherited_parse(const char *text, const struct trouble *trouble,
                               struct inherited_sockets *ret_sockets);

/*
 * Socket activation (sd_listen_fds(3)): add what the service manager has passed, @count numbers
 * from 3 on, if @pid is ours. Their names do not matter: an address is enough. Both are texts of
 * the environment, NULL: none. Errors as above.
 */
MUST_CHECK int inherited_activated(const char *pid, const char *count,
                                   const struct trouble *trouble,
                                   struct inherited_sockets *sockets);

/* Add one. The descriptor is taken, on failure too. 0, -EINVAL, -ENOSPC, -errno. */
MUST_CHECK int inherited_add(struct inherited_sockets *sockets, int fd);

/* The descriptor that listens on @addr, the caller's from now on; -1: none. */
int inherited_take(struct inherited_sockets *sockets, const struct address *addr);

/* Close what nobody took, with a warning for each. */
void inherited_close_rest(struct inherited_sockets *sockets);

#endif
