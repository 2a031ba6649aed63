/* SPDX-License-Identifier: MIT */
/*
 * access_json.h - the text of a request in the access log: an object of JSON (RFC 8259) in a line.
 *
 *   {"time":"2026-11-24T10:15:42Z","client":"192.0.2.1","user":null,"host":"example.org",
 *    "method":"GET","target":"/a","protocol":"HTTP/1.1","status":200,"bytes":1024,"duration":0.001,
 *    "referer":null,"user_agent":"curl/8.0","request_id":null,"reason":"ok",
 *    "upstream":null,"cache":null,"coding":"br"}
 *
 * All members are there in each line, null without a value. What is no request line is the target
 * alone. Bytes that are no UTF-8 become U+FFFD, and long fields are cut.
 */
#ifndef TINYWEB_HTTP_ACCESS_JSON_H
#define TINYWEB_HTTP_ACCESS_JSON_H

#include "http/access_line.h"

/* As access_line_write. */
size_t access_json_write(struct access_line *line, const struct access_record *record, time_t now,
                         char *out);

#endif
