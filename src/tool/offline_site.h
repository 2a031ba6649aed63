/* SPDX-License-Identifier: MIT */
/*
 * offline_site.h - the HTTP layer of one worker without a server around it: the same pool, protocol,
 * router and handlers answer one request that comes over a socket pair.
 */
#ifndef TINYWEB_TOOL_OFFLINE_SITE_H
#define TINYWEB_TOOL_OFFLINE_SITE_H

#include "http/http_context.h"

struct offline_site;

/* What came back. */
struct offline_reply {
    char *head; /* with its empty line, behind interim ones; terminated; the caller frees it */
    size_t head_len;
    char notes[1024]; /* what went to the error log meanwhile, one a line, without time and level */
    char reason[64];  /* of the access log; empty when it was not written in time */
};

/*
 * Opens the roots of @config and gives up root's rights for those of the workers, for good. Both
 * are borrowed until the end; @observer is told of the files that are looked for. 0 or -errno.
 */
MUST_CHECK int offline_create(const struct config *config, struct file_observer *observer,
                              struct offline_site **ret_site);
void offline_destroy(struct offline_site *site); /* NULL is fine */

struct http_context *offline_http(struct offline_site *site);

/* One request of a client on this machine; its content is not waited for. 0; -ECONNABORTED: the
 * connection ended without an answer; -ETIMEDOUT; or another -errno. */
MUST_CHECK int offline_ask(struct offline_site *site, struct slice request,
                           struct offline_reply *ret_reply);

#endif
