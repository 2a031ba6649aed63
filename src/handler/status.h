/* SPDX-License-Identifier: MIT */
/*
 * status.h - what the server does, for people, programs and Prometheus.
 *
 *     /-/  /-/status    a page that keeps itself up to date   (status_html.c)
 *     /-/status.json    the same numbers                      (status_json.c)
 *     /-/metrics        the text format of Prometheus         (status_metrics.c)
 *
 * Everything is read from the memory that all workers share, so any worker can answer for all.
 */
#ifndef TINYWEB_HANDLER_STATUS_H
#define TINYWEB_HANDLER_STATUS_H

#include "base/stats.h"
#include "http/http_context.h"

/* For http_settings.make_status. Borrows all; @workers by slot. NULL: out of memory. */
struct handler *status_create(struct http_context *http, const struct server_stats *stats,
                              const struct worker_counters *workers);

#endif
