/* SPDX-License-Identifier: MIT */
/* one_shot.h - `tinyweb DIR`: a whole configuration out of the name of a folder. */
#ifndef TINYWEB_TOOL_ONE_SHOT_H
#define TINYWEB_TOOL_ONE_SHOT_H

#include "base/address.h"
#include "base/macros.h"
#include "config/config.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ONE_SHOT_OVERRIDES_MAX 9
#define ONE_SHOT_FIRST_PORT 8080
#define ONE_SHOT_LAST_PORT 8179

struct one_shot {
    char root[PATH_MAX + 16]; /* "server.root=…" */
    char listen[sizeof("server.listen=") + ADDRESS_TEXT_SIZE];
    int listen_fd; /* bound already: the caller's; -1: the address is still to be bound */
    size_t override_count;
    struct config_override overrides[ONE_SHOT_OVERRIDES_MAX];
};

/* What was asked for besides. */
struct one_shot_options {
    uint16_t port;   /* 0: the first free one of ONE_SHOT_FIRST_PORT and the following */
    bool is_lan;     /* other machines are let in */
    bool is_spa;     /* unknown paths are answered by /index.html */
    bool has_cors;   /* pages from everywhere may read */
    bool shows_qr;   /* the address as a QR code, for a telephone */
    bool opens_page; /* in the user's browser */
};

/* A free port is bound at once, so that it is still free later. Says what is wrong on standard
 * error. 0 or -errno. */
MUST_CHECK int one_shot_prepare(struct one_shot *one_shot, const char *dir,
                                const struct one_shot_options *options);

/* It serves at @addr: the addresses to type into a browser, on standard output, and whatever else
 * was asked for. */
void one_shot_announce(const char *dir, const struct address *addr,
                       const struct one_shot_options *options);

#endif
