/* SPDX-License-Identifier: MIT */
/*
 * config_files.h - the configuration file, and those that `include` names, in the order in which
 * they count: each file before those that it includes, and these sorted by name.
 */
#ifndef TINYWEB_CONFIG_CONFIG_FILES_H
#define TINYWEB_CONFIG_CONFIG_FILES_H

#include "config/config_file.h"
#include "config/value_expand.h"

#include <sys/types.h>

/* How many files may include each other, and be read at all. */
#define INCLUDE_DEPTH_MAX 8
#define INCLUDE_FILES_MAX 1000

struct config_input {
    const char *name; /* for messages, kept by the configuration */
    char *folder;     /* absolute; relative paths start there */
    size_t parent;    /* the number of the file that includes it; its own of the first */
    unsigned depth;   /* 1: the first */
    bool is_read;
    dev_t device;
    ino_t inode;
    struct config_entries entries; /* without `include` */
};

struct config_files {
    struct config_input *items;
    size_t count;
};

/*
 * Read @path and what it includes. Files that are missing, include themselves or are too many are
 * reported where they are named; those that are named twice are read once. What was included is
 * noted in @config. False: there is no file to go on with, which is reported. Done in any case.
 */
MUST_CHECK bool config_files_load(const char *path, environment_list environment,
                                  struct config *config, struct config_report *report,
                                  struct config_files *ret_files);
void config_files_done(struct config_files *files);

#endif
