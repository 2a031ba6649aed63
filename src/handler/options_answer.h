/* SPDX-License-Identifier: MIT */
/* options_answer.h - what may be asked for: Allow, and answers to OPTIONS. */
#ifndef TINYWEB_HANDLER_OPTIONS_ANSWER_H
#define TINYWEB_HANDLER_OPTIONS_ANSWER_H

#include "http/response.h"

/* The line of answers to OPTIONS, and of 405, which must have it (RFC 9110 section 15.5.6). */
void options_write_allow(struct response *resp);

/* 204, with what a preflight asks for. */
void options_answer(const struct request *req, struct response *resp);

#endif
