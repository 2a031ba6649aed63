/* SPDX-License-Identifier: MIT */
/* natural_order.h - the order in which people expect names: a2 before a10, B beside b. */
#ifndef TINYWEB_BASE_NATURAL_ORDER_H
#define TINYWEB_BASE_NATURAL_ORDER_H

#include "base/slice.h"

/*
 * < 0, 0, > 0. Runs of digits compare as numbers of any length, other bytes without ASCII case.
 * Names that differ in case or leading zeros only are ordered by their bytes, so 0 means equal.
 */
int natural_compare(struct slice a, struct slice b);

#endif
