/* SPDX-License-Identifier: MIT */
/*
 * trouble.h - says what is wrong, to whom it concerns.
 *
 * While the server starts, somebody sits at the terminal: the message goes there, and to the
 * error log too when that is another place. Later only the log is read.
 */
#ifndef TINYWEB_PROCESS_TROUBLE_H
#define TINYWEB_PROCESS_TROUBLE_H

#include "base/macros.h"

#include <stdbool.h>

struct trouble {
    bool is_starting;
    bool log_is_terminal; /* the log goes to standard error */
    /* Who else hears it, without the name of the program; NULL: nobody. */
    void (*also)(void *context, const char *text);
    void *context;
};

/* One line; @err 0, or an errno of either sign whose text is added. */
void trouble_report(const struct trouble *trouble, int err, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* To who else hears it alone: it has been logged otherwise. */
void trouble_pass_on(const struct trouble *trouble, const char *text);

#endif
