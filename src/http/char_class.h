/* SPDX-License-Identifier: MIT */
/* char_class.h - which bytes may stand where in a request line, by one look into a table. */
#ifndef TINYWEB_HTTP_CHAR_CLASS_H
#define TINYWEB_HTTP_CHAR_CLASS_H

#include "base/macros.h"

#include <stdbool.h>

enum char_class {
    CHAR_TOKEN = BIT(0), /* tchar (RFC 9110 section 5.6.2) */
    CHAR_HOST = BIT(1),  /* of a reg-name or IPv4 address (RFC 3986 section 3.2.2) */
    CHAR_PATH = BIT(2),  /* accepted raw in a path: visible, or above ASCII, and no delimiter */
    CHAR_HIGH = BIT(3),  /* above ASCII */
    CHAR_SLASH = BIT(4),
    CHAR_DOT = BIT(5), /* one bit above the slash: request_path_parse shifts one to the other */
    CHAR_PERCENT = BIT(6),
};

extern const unsigned char char_classes[256];

static inline unsigned char_class(char c)
{
    return char_classes[(unsigned char)c];
}

static inline bool char_is(char c, enum char_class wanted)
{
    return (char_class(c) & wanted) != 0;
}

#endif
