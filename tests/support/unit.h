/* SPDX-License-Identifier: MIT */
/* unit.h - cmocka with what it wants included before it; the first include of every unit test. */
#ifndef SUPPORT_UNIT_H
#define SUPPORT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Every cmocka test takes a state that few of them use. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#endif
