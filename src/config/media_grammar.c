/* SPDX-License-Identifier: MIT */
/* media_grammar.c - the grammar of media types and their extensions. */

#include "config/media_grammar.h"

static bool is_token_char(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ascii_is_digit(c))
        return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

bool media_is_token(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_token_char(text.data[i]))
            return false;
    }
    return text.len > 0;
}

bool media_is_type(struct slice text)
{
    ptrdiff_t slash = slice_find(text, '/');
    return slash > 0 && media_is_token(slice_of(text.data, (size_t)slash)) &&
           media_is_token(slice_from(text, (size_t)slash + 1));
}

bool media_is_extension(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c <= 0x20 || c == 0x7f || strchr("/{};\"'#\\", c))
            return false;
    }
    return text.len > 0 && text.data[0] != '.';
}
