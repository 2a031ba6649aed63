/* SPDX-License-Identifier: MIT */
/* log_files.h - the two logs of one configuration, opened by the master for all its workers. */
#ifndef TINYWEB_PROCESS_LOG_FILES_H
#define TINYWEB_PROCESS_LOG_FILES_H

#include "config/config.h"
#include "process/trouble.h"

struct log_files {
    int error_fd;  /* -1: off */
    int access_fd; /* -1: off */
};

/* Every failure is reported; then nothing stays open. In a daemon the terminal is no place for a
 * log: what is destined for it goes nowhere, which is said at the start. */
MUST_CHECK int log_files_open(struct log_files *logs, const struct server_config *config,
                              const struct trouble *trouble);
void log_files_close(struct log_files *logs);

/* A syslog daemon that was started anew gets its lines again, from all who have the descriptors:
 * to be called now and then when there is one. */
bool log_files_use_syslog(const struct server_config *config);
void log_files_mend(const struct log_files *logs, const struct server_config *config);

#endif
