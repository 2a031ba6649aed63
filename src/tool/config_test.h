/* SPDX-License-Identifier: MIT */
/* config_test.h - `tinyweb -t`: tells all that is wrong with a configuration, to people or to programs. */
#ifndef TINYWEB_TOOL_CONFIG_TEST_H
#define TINYWEB_TOOL_CONFIG_TEST_H

#include "base/macros.h"
#include "config/config.h"

struct config_test_options {
    const char *name; /* of the file, for the verdict; NULL: there is none */
    bool is_quiet;    /* no warnings, no success */
    bool is_json;     /* one object on standard output, nothing on standard error */
};

/*
 * Load, look for what is legal but surely wrong, tell. Returns whether it may be served: warnings
 * do not count.
 */
MUST_CHECK bool config_test(const struct config_source *source,
                            const struct config_test_options *options);

#endif
