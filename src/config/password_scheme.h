/* SPDX-License-Identifier: MIT */
/* password_scheme.h - the kinds of password hashes that crypt(5) lists, and those that are good. */
#ifndef TINYWEB_CONFIG_PASSWORD_SCHEME_H
#define TINYWEB_CONFIG_PASSWORD_SCHEME_H

#include "base/slice.h"

/* NULL for a whole hash of a kind that is taken; else what is wrong with it: a phrase that never
 * holds a part of the hash. */
const char *password_scheme_problem(struct slice hash);

#endif
