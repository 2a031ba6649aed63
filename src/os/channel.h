/* SPDX-License-Identifier: MIT */
/*
 * channel.h - typed messages between the master and one worker, over a SOCK_SEQPACKET pair.
 *
 * One message is one packet of fixed size; a descriptor may ride along (SCM_RIGHTS). Both ends
 * are non-blocking and close-on-exec. End of file means that the other process is gone, provided
 * that nobody else keeps a copy of its end: close the inherited ones in each child.
 */
#ifndef TINYWEB_OS_CHANNEL_H
#define TINYWEB_OS_CHANNEL_H

#include "base/macros.h"

#include <stdint.h>

enum chan_type {
    CHAN_NONE,       /* never sent */
    CHAN_READY,      /* worker: I serve */
    CHAN_CLOSED,     /* worker: I accept no more */
    CHAN_QUIT,       /* master: leave gracefully; value 1: take what waits in the accept queues */
    CHAN_TERM,       /* master: leave at once */
    CHAN_ERROR_LOG,  /* master: the descriptor is the error log from now on */
    CHAN_ACCESS_LOG, /* master: the descriptor is the access log from now on */
    CHAN_TYPE_COUNT
};

struct chan_message {
    uint32_t type; /* enum chan_type */
    uint32_t slot; /* of the worker it is about */
    int32_t pid;   /* of the sender */
    uint32_t value;
};

const char *chan_type_name(uint32_t type); /* "?" when unknown */

/* *@ret_ours and *@ret_theirs are the caller's. 0 or -errno. */
MUST_CHECK int chan_create(int *ret_ours, int *ret_theirs);

/* @passed_fd: -1, or a descriptor to give a copy of. -EAGAIN: the peer does not read; -EPIPE or
 * -ECONNRESET: it is gone. Never SIGPIPE. */
MUST_CHECK int chan_send(int fd, const struct chan_message *message, int passed_fd);

/*
 * One message; *@ret_fd is the descriptor that came with it, the caller's to close, or -1.
 * -EAGAIN: none waits. -EPIPE: end of file. -EBADMSG: one was there that is not of this form
 * (size, type, number of descriptors); it is dropped with all it carried, and the caller goes on.
 */
MUST_CHECK int chan_receive(int fd, struct chan_message *ret_message, int *ret_fd);

#endif
