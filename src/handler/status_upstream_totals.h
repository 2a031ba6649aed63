/* SPDX-License-Identifier: MIT */
/* status_upstream_totals.h - connections to upstreams and what came of requests there, of all workers. */
#ifndef TINYWEB_HANDLER_STATUS_UPSTREAM_TOTALS_H
#define TINYWEB_HANDLER_STATUS_UPSTREAM_TOTALS_H

#include "base/stats.h"
#include "base/writer.h"

void status_upstream_totals_json(struct writer *w, const struct stats_totals *totals);
void status_upstream_totals_metrics(struct writer *w, const struct stats_totals *totals);

#endif
