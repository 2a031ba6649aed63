/* SPDX-License-Identifier: MIT */
/* conn_ref.h - how to name a connection to someone who may answer when it is gone. */
#ifndef TINYWEB_NET_CONN_REF_H
#define TINYWEB_NET_CONN_REF_H

#include <stdint.h>

/* From connpool_ref(), for connpool_get(). */
struct conn_ref {
    uint32_t index, generation;
};

#endif
