/* SPDX-License-Identifier: MIT */
/* json_text.h - the pieces of JSON (RFC 8259) that the tools print. */
#ifndef TINYWEB_TOOL_JSON_TEXT_H
#define TINYWEB_TOOL_JSON_TEXT_H

#include "base/slice.h"

#include <stdbool.h>
#include <stdio.h>

/* A string with its quotes; bytes that are no UTF-8 become "?". NULL data: null. */
void json_string(struct slice text, FILE *out);

/* "name": and a string, behind a comma unless @is_first. */
void json_member(const char *name, struct slice text, bool is_first, FILE *out);

#endif
