/* SPDX-License-Identifier: MIT */
/* media_grammar.h - the grammar of media types and their extensions. */
#ifndef TINYWEB_CONFIG_MEDIA_GRAMMAR_H
#define TINYWEB_CONFIG_MEDIA_GRAMMAR_H

#include "base/slice.h"

/* 1*tchar (RFC 9110 section 5.6.2). */
bool media_is_token(struct slice text);
/* token "/" token, without parameters (RFC 9110 section 8.3.1). */
bool media_is_type(struct slice text);
/* The part of a file name behind its dot: not empty, no "/", no dot at its start, no blanks. */
bool media_is_extension(struct slice text);

#endif
