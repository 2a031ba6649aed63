/* SPDX-License-Identifier: MIT */
/*
 * path_glob.h - a pattern of decoded paths: of file names ("*.css") or of whole ones ("/img/" "**").
 *
 * "*" stands for any bytes but "/", "**" for any bytes at all, "?" for one byte but "/"; a segment
 * that is "**" may also be missing. A pattern that starts with "/" is one of whole paths. Matching takes time in proportion
 * to the path alone, whatever the pattern: one bit a step, all steps at once.
 */
#ifndef TINYWEB_HTTP_PATH_GLOB_H
#define TINYWEB_HTTP_PATH_GLOB_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes of a pattern, so that its steps and the end have a bit each. */
#define PATH_GLOB_LENGTH_MAX 62

struct path_glob {
    uint64_t steps[256]; /* that a byte takes to the next one */
    uint64_t any_in_segment, any;
    uint64_t missing_segment; /* a "**" in front of a "/", at the start of a segment */
    uint64_t end;
    bool is_whole_path;
};

/* False: the pattern is too long. */
MUST_CHECK bool path_glob_compile(struct path_glob *glob, struct slice pattern);

/* @name as path_decode gives it. */
bool path_glob_matches(const struct path_glob *glob, struct slice name);

#endif
