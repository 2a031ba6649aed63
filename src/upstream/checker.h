/* SPDX-License-Identifier: MIT */
/*
 * checker.h - asks the servers of a group whether they work (`check`), whoever else asks them for what.
 *
 * All workers are ready to, and for each check the first one that moves on the time of the next one in the
 * shared memory makes it. So there is one check an interval, and none is missed when a worker dies.
 */
#ifndef TINYWEB_UPSTREAM_CHECKER_H
#define TINYWEB_UPSTREAM_CHECKER_H

#include "upstream/group.h"

struct checker;

/* Of a group with `clients` and config->check; the first checks are made at once. 0 or -ENOMEM. */
MUST_CHECK int checker_create(struct upstream_group *group, struct checker **ret_checker);
/* Before the group and its clients. NULL is fine. */
void checker_destroy(struct checker *checker);

/* Others go on with it: a worker that leaves, with a configuration that may be a former one. */
void checker_stop(struct checker *checker);

/* What an answer tells: pure. 404, and 503 with a field X-Drain, ask for no new work. */
enum check_result check_result_of(const struct upstream_config *config, unsigned status,
                                  bool has_drain_field);

#endif
