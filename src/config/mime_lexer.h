/* SPDX-License-Identifier: MIT */
/* mime_lexer.h - cuts a file of media types into words and marks. */
#ifndef TINYWEB_CONFIG_MIME_LEXER_H
#define TINYWEB_CONFIG_MIME_LEXER_H

#include "base/slice.h"

enum mime_token_kind {
    MIME_WORD,
    MIME_OPEN,      /* "{" */
    MIME_CLOSE,     /* "}" */
    MIME_SEMICOLON, /* ";" */
    MIME_NEWLINE,
    MIME_BAD, /* a quote that its line does not close */
    MIME_END,
};

struct mime_token {
    enum mime_token_kind kind;
    struct slice text; /* of a word: without its quotes */
    unsigned line, column;
};

struct mime_lexer {
    struct slice rest;
    const char *line_start;
    unsigned line;
};

void mime_lexer_init(struct mime_lexer *lexer, struct slice text);
struct mime_token mime_lexer_next(struct mime_lexer *lexer);

#endif
