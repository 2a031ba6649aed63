/* SPDX-License-Identifier: MIT */
/* status.c - the table of status codes: reason phrases and whole status lines. */
#include "http/status.h"

#include "base/macros.h"

#define FIRST_STATUS 100

struct row {
    const char *reason;
    struct slice line;
};

#define LINE(status, reason) "HTTP/1.1 " #status " " reason "\r\n"
#define ROW(status, reason)                                                                        \
    [(status)-FIRST_STATUS] = {reason, {LINE(status, reason), sizeof(LINE(status, reason)) - 1}}

/* The registry of IANA, but for what only WebDAV and its like use. */
static const struct row rows[] = {
    ROW(100, "Continue"),
    ROW(101, "Switching Protocols"),
    ROW(103, "Early Hints"),
    ROW(200, "OK"),
    ROW(201, "Created"),
    ROW(202, "Accepted"),
    ROW(203, "Non-Authoritative Information"),
    ROW(204, "No Content"),
    ROW(205, "Reset Content"),
    ROW(206, "Partial Content"),
    ROW(300, "Multiple Choices"),
    ROW(301, "Moved Permanently"),
    ROW(302, "Found"),
    ROW(303, "See Other"),
    ROW(304, "Not Modified"),
    ROW(307, "Temporary Redirect"),
    ROW(308, "Permanent Redirect"),
    ROW(400, "Bad Request"),
    ROW(401, "Unauthorized"),
    ROW(402, "Payment Required"),
    ROW(403, "Forbidden"),
    ROW(404, "Not Found"),
    ROW(405, "Method Not Allowed"),
    ROW(406, "Not Acceptable"),
    ROW(407, "Proxy Authentication Required"),
    ROW(408, "Request Timeout"),
    ROW(409, "Conflict"),
    ROW(410, "Gone"),
    ROW(411, "Length Required"),
    ROW(412, "Precondition Failed"),
    ROW(413, "Content Too Large"),
    ROW(414, "URI Too Long"),
    ROW(415, "Unsupported Media Type"),
    ROW(416, "Range Not Satisfiable"),
    ROW(417, "Expectation Failed"),
    ROW(421, "Misdirected Request"),
    ROW(422, "Unprocessable Content"),
    ROW(425, "Too Early"),
    ROW(426, "Upgrade Required"),
    ROW(428, "Precondition Required"),
    ROW(429, "Too Many Requests"),
    ROW(431, "Request Header Fields Too Large"),
    ROW(451, "Unavailable For Legal Reasons"),
    ROW(500, "Internal Server Error"),
    ROW(501, "Not Implemented"),
    ROW(502, "Bad Gateway"),
    ROW(503, "Service Unavailable"),
    ROW(504, "Gateway Timeout"),
    ROW(505, "HTTP Version Not Supported"),
    ROW(507, "Insufficient Storage"),
    ROW(508, "Loop Detected"),
    ROW(511, "Network Authentication Required"),
};

static const struct row *row_of(unsigned status)
{
    static const struct row unknown = {"Unknown", {"", 0}};

    if (status < FIRST_STATUS || status - FIRST_STATUS >= COUNT_OF(rows) ||
        !rows[status - FIRST_STATUS].reason)
        return &unknown;
    return &rows[status - FIRST_STATUS];
}

const char *status_reason(unsigned status)
{
    return row_of(status)->reason;
}

struct slice status_line(unsigned status)
{
    return row_of(status)->line;
}

bool status_has_content(unsigned status)
{
    return status >= 200 && status != 204 && status != 304;
}
