/* SPDX-License-Identifier: MIT */
/* forward_fields.h - which fields an intermediary passes on, and which not. */
#ifndef TINYWEB_HTTP_FORWARD_FIELDS_H
#define TINYWEB_HTTP_FORWARD_FIELDS_H

#include "http/header_table.h"

/* Bits; none for a field that is passed on. */
enum forward_rule {
    FORWARD_HOP = 1,           /* of one connection: passed on neither way */
    FORWARD_OURS_UP = 2,       /* of a request: not passed on, we write it where it is due */
    FORWARD_LENGTH = 4,        /* of a reply: it tells the length, or is not passed on */
    FORWARD_TRUSTED = 8,       /* of a request: passed on where the peer is trusted */
    FORWARD_REQUEST_ID = 16,   /* not passed on where we tell it ourselves */
    FORWARD_MAX_FORWARDS = 32, /* … where we count it down */
    FORWARD_CORS = 64,         /* of a reply: not passed on where the configuration decides */
    FORWARD_CONDITION = 128,   /* of a request: by what the client has already, or for a part */
    FORWARD_DATE = 256,        /* of a reply: there is one */
};

/* By its name; "_" counts as "-", which is how the variables of CGI, and what came after it, know
 * fields apart: so nobody gets one past us. */
unsigned forward_rule_of(struct slice name);
/* The same of a line: most have an id, by which it is known at once. */
unsigned forward_rule_of_line(const struct header *line);
bool forward_name_is(struct slice name, struct slice other);

/* Connection names fields that do not go beyond it, besides those of the table. */
bool forward_has_named(const struct header_table *headers);
bool forward_is_named(const struct header_table *headers, struct slice name);

#endif
