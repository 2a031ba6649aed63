/* SPDX-License-Identifier: MIT */
/* password_hash.h - compares a password with a hash of crypt(3). */
#ifndef TINYWEB_OS_PASSWORD_HASH_H
#define TINYWEB_OS_PASSWORD_HASH_H

#include "base/macros.h"

/*
 * 1 when @hash is that of @password, 0 when it is not; -ENOMEM, or -ENOSYS when the program was built
 * without libcrypt. Takes 50 ms and more, on purpose, and some kinds of hashes many MiB: for a
 * thread. In constant time as far as the comparison goes.
 */
MUST_CHECK int password_hash_check(const char *password, const char *hash);

#endif
