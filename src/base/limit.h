/* SPDX-License-Identifier: MIT */
/*
 * limit.h - what a client can run into. Each is counted by its worker (counters.h) and, in the
 * names below, told in the log; a name is the directive that sets the limit, where there is one.
 */
#ifndef TINYWEB_BASE_LIMIT_H
#define TINYWEB_BASE_LIMIT_H

enum limit {
    LIMIT_HEADER_TIMEOUT,     /* no whole head in time */
    LIMIT_BODY_TIMEOUT,       /* no byte of a body in time */
    LIMIT_MIN_BODY_RATE,      /* bytes of a body came, but too few */
    LIMIT_KEEPALIVE_TIMEOUT,  /* no further request in time: the usual end */
    LIMIT_SEND_TIMEOUT,       /* the client took nothing of its answer */
    LIMIT_MIN_SEND_RATE,      /* … or too little */
    LIMIT_HEADER_SIZE,        /* 431 */
    LIMIT_HEADER_COUNT,       /* 431 */
    LIMIT_URI_SIZE,           /* 414 */
    LIMIT_BODY_SIZE,          /* 413 */
    LIMIT_KEEPALIVE_REQUESTS, /* the last answer of a connection */
    LIMIT_WORKER_CONNECTIONS, /* an idle connection made room for a new one */
    LIMIT_CLIENT_CONNECTIONS, /* refused: the address has as many as it may */
    LIMIT_CLIENT_TABLE,       /* not limited, since no more addresses are remembered */
    LIMIT_REQUEST_RATE,       /* 429 */
    LIMIT_TRUSTED_PROXY,      /* refused: proxies alone may connect there */
    LIMIT_PROXY_PROTOCOL,     /* closed: no PROXY header where one has to be, or a bad one */
    LIMIT_PASSWORD_CHECKS,    /* 503: too many passwords wait to be checked */
    LIMIT_OPEN_FILES,         /* no descriptor for a connection or a file */
    LIMIT_MEMORY,             /* a connection ended, or an answer was 503, for want of memory */
    LIMIT_COUNT
};

/* A word for logs and metrics. */
const char *limit_name(enum limit limit);

#endif
