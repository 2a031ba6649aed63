/* SPDX-License-Identifier: MIT */
/* build_info.h - `-V`: how this program was built. */
#ifndef TINYWEB_TOOL_BUILD_INFO_H
#define TINYWEB_TOOL_BUILD_INFO_H

#include <stdio.h>

void build_info_print(FILE *out);

#endif
