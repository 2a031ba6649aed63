/* SPDX-License-Identifier: MIT */
/* command_line.h - what the program was asked for. One table of options: parsing, -h and "did you
 * mean" come from it. */
#ifndef TINYWEB_TOOL_COMMAND_LINE_H
#define TINYWEB_TOOL_COMMAND_LINE_H

#include "base/macros.h"
#include "config/config.h"
#include "os/signal_manager.h"
#include "tool/one_shot.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define COMMAND_OVERRIDES_MAX 256
#define COMMAND_HEADERS_MAX 64

enum command_mode {
    COMMAND_SERVE,
    COMMAND_TEST,
    COMMAND_DUMP,
    COMMAND_EXPLAIN,
    COMMAND_SIGNAL,
    COMMAND_TOP, /* the signal `status`, again and again */
    COMMAND_VERSION,
    COMMAND_BUILD_INFO,
    COMMAND_HELP
};

struct command_line {
    enum command_mode mode;
    const char *config_path;      /* NULL: not named */
    const char *dir;              /* NULL: no one-shot */
    const struct sig_row *signal; /* of COMMAND_SIGNAL */
    bool is_foreground;
    bool is_quiet;
    struct one_shot_options one_shot; /* with dir */
    bool is_json;                     /* with COMMAND_TEST and COMMAND_EXPLAIN */
    const char *url;                  /* of COMMAND_EXPLAIN */
    const char *argument;             /* of the signal's word; NULL: none */
    const char *method;               /* of COMMAND_EXPLAIN; NULL: GET */
    const char *headers[COMMAND_HEADERS_MAX];
    size_t header_count;
    size_t override_count;
    struct config_override overrides[COMMAND_OVERRIDES_MAX];
};

/* Borrows @argv. False: it was used wrongly, which has been said on standard error (exit 2). */
MUST_CHECK bool command_parse(int argc, char **argv, struct command_line *ret_command);

void command_print_help(FILE *out);

#endif
