/* SPDX-License-Identifier: MIT */
/* advice_files.h - looks through a root for files that will not be sent as they are meant to be. */
#ifndef TINYWEB_TOOL_ADVICE_FILES_H
#define TINYWEB_TOOL_ADVICE_FILES_H

#include "file/mime_types.h"

#include <stdbool.h>

/* Entries of a root that are looked at: a test shall end soon. */
#define ADVICE_ENTRIES_MAX 20000

/* Files of one kind: how many there are, and the first. */
struct advice_files {
    unsigned count;
    char first[256]; /* from the root, cut if need be */
};

struct advice_findings {
    struct advice_files unreadable;
    int unreadable_error;         /* errno of the first */
    struct advice_files outdated; /* siblings older than what they were made from, or empty */
    struct advice_files untyped;
    unsigned left; /* entries that may still be looked at */
};

/* Below the directory @root_fd, with the rights of the calling process. Hidden files, which are not
 * sent, do not matter. */
void advice_files_look(int root_fd, const struct mime_types *types,
                       struct advice_findings *ret_findings);

#endif
