/* SPDX-License-Identifier: MIT */
/* config_value.h - one value between its text and its field in struct config, by its type. */
#ifndef TINYWEB_CONFIG_CONFIG_VALUE_H
#define TINYWEB_CONFIG_CONFIG_VALUE_H

#include "base/slice.h"
#include "config/config.h"
#include "config/config_report.h"
#include "config/config_schema.h"

/* One value to store, and what its messages and relative paths refer to. */
struct config_value {
    const struct directive *row;
    struct slice member; /* of a family: "404", "net" */
    struct slice text;
    struct config_place place;
    bool is_expanded;     /* not the text of the file: bytes have no columns of their own */
    const char *base_dir; /* absolute; relative paths start there */
    bool may_unset; /* an empty text takes back what was inherited: the default is in effect */
};

/*
 * @record is the struct that the rows of its kind describe (enum record_kind).
 * Parse the text and put it in the place of the former value, which is freed. Nothing changes
 * after a mistake, which is reported with what was expected. Does not look at the file system;
 * users and groups are looked up by the checks.
 */
void value_store(const struct config_value *value, struct config_report *report, void *record);

/* Free what the field of @row owns; a family's whole list. */
void value_free(const struct directive *row, void *record);

/* For the files of single types. The start of the field of a row; it has the row's size. */
static inline void *value_field(const struct directive *row, void *record)
{
    return (char *)record + row->offset;
}

static inline const void *value_field_const(const struct directive *row, const void *record)
{
    return (const char *)record + row->offset;
}

/* The number of the row's word that the text is, in any letter case. */
bool value_find_word(const struct config_value *value, unsigned *ret_number);

/* "workers: "x" is not valid, expected …". */
void value_report_expected(const struct config_value *value, struct config_report *report);

#endif
