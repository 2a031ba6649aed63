/* SPDX-License-Identifier: MIT */
/* trouble.c - terminal and log. */

#include "process/trouble.h"

#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX 1024

void trouble_report(const struct trouble *trouble, int err, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args); /* cut when longer */
    va_end(args);

    if (trouble->also) {
        char whole[TEXT_MAX + 128];
        (void)snprintf(whole, sizeof(whole), "%s%s%s", text, err ? ": " : "",
                       err ? strerror(abs(err)) : "");
        trouble->also(trouble->context, whole);
    }
    if (trouble->is_starting)
        fprintf(stderr, "tinyweb: %s%s%s\n", text, err ? ": " : "", err ? strerror(abs(err)) : "");
    /* Not twice on the terminal; before it is opened the log goes there too. */
    if (!trouble->is_starting || (!trouble->log_is_terminal && log_fd() != STDERR_FILENO))
        log_error_errno(LOG_PROCESS, err, "%s", text);
}

void trouble_pass_on(const struct trouble *trouble, const char *text)
{
    if (trouble->also)
        trouble->also(trouble->context, text);
}
