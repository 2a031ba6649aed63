/* SPDX-License-Identifier: MIT */
/*
 * mistake_text.h - a mistake of the configuration as a person reads it:
 *
 *   tinyweb.conf:3:10: workers: "900" is too large, expected auto or 1 to 256
 *       3 | workers = 900
 *         |           ^
 */
#ifndef TINYWEB_TOOL_MISTAKE_TEXT_H
#define TINYWEB_TOOL_MISTAKE_TEXT_H

#include "config/config.h"

#include <stdio.h>

/* With colours when @is_coloured. Nothing of the line can steer a terminal. */
void mistake_print(const struct config_mistake *mistake, bool is_coloured, FILE *out);

/* Whether the descriptor is a terminal whose user has not set NO_COLOR. */
bool mistake_wants_colour(int fd);

#endif
