/* SPDX-License-Identifier: MIT */
/* descriptors.h - closes all descriptors that a new process was not meant to have. */
#ifndef TINYWEB_OS_DESCRIPTORS_H
#define TINYWEB_OS_DESCRIPTORS_H

#include "base/macros.h"

#include <stddef.h>

/* All but 0, 1, 2 and the @count in @keep, which is put in order; entries of -1 are ignored.
 * 0 or -errno. */
MUST_CHECK int descriptors_close_others(int *keep, size_t count);

/* One that is good for nothing but to be closed when there are no others left; -1: there is none. */
int descriptors_reserve(void);

#endif
