/* SPDX-License-Identifier: MIT */
/* mime_lexer.c - cuts a file of media types into words and marks. */

#include "config/mime_lexer.h"

void mime_lexer_init(struct mime_lexer *lexer, struct slice text)
{
    if (slice_starts_with(text, SLICE_LITERAL("\xef\xbb\xbf")))
        text = slice_from(text, 3);
    *lexer = (struct mime_lexer){.rest = text, .line_start = text.data, .line = 1};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool ends_word(char c)
{
    return is_blank(c) || c == '\n' || c == ';' || c == '{' || c == '}';
}

static void skip_blanks_and_comment(struct slice *rest)
{
    while (rest->len > 0 && is_blank(rest->data[0]))
        *rest = slice_from(*rest, 1);
    if (rest->len > 0 && rest->data[0] == '#') {
        ptrdiff_t end = slice_find(*rest, '\n');
        *rest = slice_from(*rest, end < 0 ? rest->len : (size_t)end);
    }
}

/* @rest starts with a quote. */
static void take_quoted(struct slice *rest, struct mime_token *token)
{
    struct slice behind = slice_from(*rest, 1);
    ptrdiff_t end = slice_find(behind, rest->data[0]);
    ptrdiff_t newline = slice_find(behind, '\n');
    if (end < 0 || (newline >= 0 && newline < end)) {
        token->kind = MIME_BAD;
        *rest = slice_from(behind, newline < 0 ? behind.len : (size_t)newline);
        return;
    }
    token->text = slice_of(behind.data, (size_t)end);
    *rest = slice_from(behind, (size_t)end + 1);
}

static void take_word(struct slice *rest, struct mime_token *token)
{
    size_t len = 0;
    while (len < rest->len && !ends_word(rest->data[len]))
        len++;
    token->text = slice_of(rest->data, len);
    *rest = slice_from(*rest, len);
}

struct mime_token mime_lexer_next(struct mime_lexer *lexer)
{
    struct slice *rest = &lexer->rest;
    skip_blanks_and_comment(rest);
    struct mime_token token = {.kind = MIME_END, .line = lexer->line};
    if (rest->len == 0)
        return token;

    token.column = (unsigned)(rest->data - lexer->line_start) + 1;
    token.text = slice_of(rest->data, 1);
    switch (rest->data[0]) {
    case '\n':
        token.kind = MIME_NEWLINE;
        lexer->line++;
        lexer->line_start = rest->data + 1;
        break;
    case '{': token.kind = MIME_OPEN; break;
    case '}': token.kind = MIME_CLOSE; break;
    case ';': token.kind = MIME_SEMICOLON; break;
    case '"':
    case '\'':
        token.kind = MIME_WORD;
        take_quoted(rest, &token);
        return token;
    default:
        token.kind = MIME_WORD;
        take_word(rest, &token);
        return token;
    }
    *rest = slice_from(*rest, 1);
    return token;
}
