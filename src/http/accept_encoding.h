/* SPDX-License-Identifier: MIT */
/* accept_encoding.h - which content codings a client takes, and how much it likes them (RFC 9110
 * section 12.5.3). */
#ifndef TINYWEB_HTTP_ACCEPT_ENCODING_H
#define TINYWEB_HTTP_ACCEPT_ENCODING_H

#include "file/content_coding.h"
#include "http/header_table.h"

/* In thousandths; 0: not acceptable. */
struct coding_weights {
    uint16_t weight[CODING_COUNT];
};

/*
 * Read the lists of all Accept-Encoding lines. Without the field nothing but identity is taken to
 * be wanted: what does not say that it can decode is left alone. Identity is acceptable unless it
 * is refused by "identity;q=0", or by "*;q=0" without a word on identity; not mentioned at all it
 * is liked least. List members that are not of the grammar are left out, of a coding that stands
 * there twice the first one counts.
 */
void accept_encoding_read(const struct header_table *headers, struct coding_weights *ret_weights);

/*
 * The coding to send, of those whose bits are set in @available (identity always is available):
 * the one with the largest weight, of several the last in the order of enum content_coding.
 * CODING_COUNT: none is acceptable, not even identity.
 */
enum content_coding accept_encoding_choose(const struct coding_weights *weights,
                                           unsigned available);

#endif
