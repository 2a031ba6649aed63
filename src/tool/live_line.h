/* SPDX-License-Identifier: MIT */
/* live_line.h - a line of the access log, read back, and shown to whoever sits at the terminal. */
#ifndef TINYWEB_TOOL_LIVE_LINE_H
#define TINYWEB_TOOL_LIVE_LINE_H

#include "base/macros.h"
#include "base/slice.h"
#include "base/writer.h"

#include <stdbool.h>
#include <stdint.h>

/* What is shown of it; slices point into the line. */
struct live_line {
    struct slice host;
    struct slice method, target; /* of the request, escaped as in the log; empty: there was none */
    unsigned status;             /* 0: no answer */
    uint64_t bytes;
    uint64_t duration_ms;
    struct slice reason;
    struct slice range; /* behind it, of a part of a file: "0-99", "0-99,+2"; empty: the whole */
};

/* False: @text, without its newline, is no line of http/access_line.h. */
MUST_CHECK bool live_line_parse(struct slice text, struct live_line *ret_line);

/* "10:15:42  304  GET        0 B   <1 ms  /a.png  unchanged", with a newline. @clock: "10:15:42". */
void live_line_write(struct writer *w, const struct live_line *line, const char *clock,
                     bool has_colours);

/* "<1 ms", "12 ms", "3.4 s". */
void live_write_duration(struct writer *w, uint64_t ms);

#endif
