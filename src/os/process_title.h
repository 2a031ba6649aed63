/* SPDX-License-Identifier: MIT */
/*
 * process_title.h - what ps(1) shows as the command line of this process.
 *
 * The kernel shows the memory that once held arguments and environment, and nothing else may be
 * shown without rights; so the room is what these two took, and a longer title is cut.
 */
#ifndef TINYWEB_OS_PROCESS_TITLE_H
#define TINYWEB_OS_PROCESS_TITLE_H

#include "base/macros.h"

#include <stddef.h>

struct process_title {
    char *start; /* NULL: no room; title_set does nothing */
    size_t size;
    char **arguments; /* the moved ones; owned */
    char **environment;
};

/*
 * First thing in main: moves arguments and environment to the heap. Returns the moved arguments,
 * to be used instead of @argv; on a lack of memory @argv itself, with a title that does nothing.
 */
char **title_init(struct process_title *title, int argc, char **argv);
/* Last thing in main: from here on there is no environment. */
void title_done(struct process_title *title);

void title_set(struct process_title *title, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
