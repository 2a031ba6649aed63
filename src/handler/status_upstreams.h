/* SPDX-License-Identifier: MIT */
/* status_upstreams.h - the servers of upstreams, in each format; nothing where there are none. */
#ifndef TINYWEB_HANDLER_STATUS_UPSTREAMS_H
#define TINYWEB_HANDLER_STATUS_UPSTREAMS_H

#include "base/writer.h"
#include "upstream/upstreams.h"

/* Of each server, at most. */
#define STATUS_SERVER_SIZE 6144U

/* @upstreams may be NULL, @now_ms is of the loop. */
size_t status_server_count(const struct upstreams *upstreams);
void status_upstreams_html(struct writer *w, const struct upstreams *upstreams, int64_t now_ms);
void status_upstreams_json(struct writer *w, const struct upstreams *upstreams, int64_t now_ms);
void status_upstreams_metrics(struct writer *w, const struct upstreams *upstreams, int64_t now_ms);

#endif
