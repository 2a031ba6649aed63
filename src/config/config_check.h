/* SPDX-License-Identifier: MIT */
/* config_check.h - rules between directives, which one value alone cannot break. */
#ifndef TINYWEB_CONFIG_CONFIG_CHECK_H
#define TINYWEB_CONFIG_CONFIG_CHECK_H

#include "config/config.h"
#include "config/config_report.h"
#include "config/site_settings.h"

/* Logs, standard streams and listening sockets of a process, generously. */
#define OTHER_DESCRIPTORS 32

/* The configuration under check, with the places its messages need. */
struct config_check {
    struct config *config;
    struct config_report *report;
    const struct config_place *places; /* one a row of the schema; file NULL: a default */
    const struct site_settings *settings;
    struct config_place whole; /* the file as such, for what is missing */
    bool is_root_named;        /* even if its value was unusable */
    bool is_blank;             /* there is a file, and nothing in it */
};

/* Does not look at the file system. May lower a default that a set value contradicts. */
void check_values(const struct config_check *check);

/* Where "server", "root" was set, else the file as such. */
struct config_place check_place(const struct config_check *check, const char *section,
                                const char *key);
bool check_is_set(const struct config_check *check, const char *section, const char *key);

#endif
