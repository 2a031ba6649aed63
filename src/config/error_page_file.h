/* SPDX-License-Identifier: MIT */
/*
 * error_page_file.h - the pages of `error_page.NNN`: below the root, or a file that is read now.
 *
 * A value is first only noted, because what a leading "/" means depends on the root, which may
 * be set later in the file or by an override.
 */
#ifndef TINYWEB_CONFIG_ERROR_PAGE_FILE_H
#define TINYWEB_CONFIG_ERROR_PAGE_FILE_H

#include "config/config_value.h"

/* Note the value, in the place of a former one for the same status. Takes @path: the text made
 * absolute, or NULL for the built-in page. Mistakes in the status are reported. */
void error_page_store(const struct config_value *value, char *path, struct config_report *report,
                      struct site_config *site);

/* Decide what the page of a site is, once its root is known and real; @place is for messages.
 * A file is read once for all of @config. */
void error_page_resolve(struct error_page_config *page, const char *root, struct config *config,
                        struct config_place place, struct config_report *report);

void error_pages_free(struct site_config *site);
void page_files_free(struct config *config);

#endif
