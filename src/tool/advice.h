/* SPDX-License-Identifier: MIT */
/*
 * advice.h - what a configuration may say but surely does not mean, as warnings: files that the
 * workers' user cannot read, precompressed files that are out of date, ports that this user cannot
 * have, logs that everybody can read, more connections than descriptors.
 */
#ifndef TINYWEB_TOOL_ADVICE_H
#define TINYWEB_TOOL_ADVICE_H

#include "config/config_report.h"

/* As struct config_reporter's advise. Looks at the file system as the user that the workers will
 * have, which root becomes for the time of the call: for programs of one thread. */
void advice_give(const struct config *config, struct config_report *report);

#endif
