/* SPDX-License-Identifier: MIT */
/* listing_readme.h - the text that a directory says about itself. */
#ifndef TINYWEB_HANDLER_LISTING_README_H
#define TINYWEB_HANDLER_LISTING_README_H

#include "handler/listing_entries.h"

/* Of a longer one only the beginning is shown. */
#define LISTING_README_MAX (64U * 1024)

struct listing_readme {
    struct slice name; /* borrowed from the entries; empty: there is none to be shown */
    char *text;        /* owned, UTF-8 */
    size_t len;
    bool is_cut;
};

/* The better of two names of files, without case: README.md, README.txt, README. NULL is none. */
const struct listing_entry *listing_readme_choose(const struct listing_entry *a,
                                                  const struct listing_entry *b);

/* Read the file @entry (NULL: there is none) of the directory @path below @root_fd, if it is text
 * in UTF-8 that may be read; else *@ret_readme is empty. */
void listing_readme_read(struct listing_readme *ret_readme, const struct listing_entry *entry,
                         int root_fd, const char *path);
void listing_readme_done(struct listing_readme *readme);

#endif
