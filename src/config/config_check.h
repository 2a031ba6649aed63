/* SPDX-License-Identifier: MIT */
/* config_check.h - what one value alone cannot tell: rules across directives, and the file system. */
#ifndef TINYWEB_CONFIG_CONFIG_CHECK_H
#define TINYWEB_CONFIG_CONFIG_CHECK_H

#include "config/config.h"
#include "config/config_report.h"

/* The configuration under check, with the places its messages need. */
struct config_check {
    struct config *config;
    struct config_report *report;
    const struct config_place *places; /* one a row of the schema; file NULL: a default */
    struct config_place whole;         /* the file as such, for what is missing */
    bool is_root_named;                /* even if its value was unusable */
};

/* Rules between values; does not look at the file system. */
void check_values(const struct config_check *check);

/* Root, error pages, media types, users, folders of logs; reads the files that are included. */
void check_files(const struct config_check *check);

#endif
