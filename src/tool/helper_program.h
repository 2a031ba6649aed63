/* SPDX-License-Identifier: MIT */
/* helper_program.h - programs of others that the terminal's user may have: a browser, a QR code. */
#ifndef TINYWEB_TOOL_HELPER_PROGRAM_H
#define TINYWEB_TOOL_HELPER_PROGRAM_H

#include "base/macros.h"

#define HELPER_ARGUMENTS_MAX 8

/*
 * Run @arguments[0], found in PATH, as the grandchild of nobody: it is not waited for, nor is it a
 * child of this process. Its standard input is empty, its standard output is ours. 0; -ENOENT:
 * there is no such program; else -errno.
 */
MUST_CHECK int helper_start(const char *const arguments[]);

/* The same, and wait for its end: 0, or -EIO when it failed. */
MUST_CHECK int helper_run(const char *const arguments[]);

#endif
