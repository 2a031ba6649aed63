/* SPDX-License-Identifier: MIT */
/* main.c - placeholder until the command line exists. */

#include <stdio.h>

int main(void)
{
    puts("tinyweb " PACKAGE_VERSION);
    return 0;
}
