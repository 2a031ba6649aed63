/* SPDX-License-Identifier: MIT */
/*
 * control_text.h - what is said over the control socket, as text in packets.
 *
 * A request is one word of `-s`, and what it is about, if the table of signals says so. The answer is any
 * number of lines ("-" and a text), then its end ("=0": done, "=1": not done). Neither side believes the
 * other: what is not of this form is refused.
 */
#ifndef TINYWEB_PROCESS_CONTROL_TEXT_H
#define TINYWEB_PROCESS_CONTROL_TEXT_H

#include "base/slice.h"
#include "os/signal_manager.h"

#include <stdbool.h>

#define CONTROL_WORD_MAX 16
#define CONTROL_PACKET_MAX 1024

/* The row of the signal table whose word the request is; NULL: it is none. Behind a blank there is what it
 * is about, without blanks and control characters: *@ret_argument, else empty. */
const struct sig_row *control_parse_request(struct slice packet, struct slice *ret_argument);

struct control_answer {
    bool is_end;
    bool is_done;      /* of the end */
    struct slice text; /* of a line, printable; borrowed from the packet */
};

/* False: it is not of the form. */
MUST_CHECK bool control_parse_answer(struct slice packet, struct control_answer *ret_answer);

/* A line as a packet, cut where it does not fit, control characters replaced; returns its length. */
size_t control_format_line(const char *text, char packet[CONTROL_PACKET_MAX]);

#endif
