/* SPDX-License-Identifier: MIT */
/* options_answer.c - the same for all files: they are read. */
#include "handler/options_answer.h"

#include "http/cors.h"

void options_write_allow(struct response *resp)
{
    writer_literal(&resp->headers, "Allow: GET, HEAD, OPTIONS\r\n");
}

void options_answer(const struct request *req, struct response *resp)
{
    options_write_allow(resp);
    cors_write_preflight(&resp->headers, resp->site->config, req);
    resp->status = 204;
    resp->reason = "options";
}
