/* SPDX-License-Identifier: MIT */
/* log_file.h - opens a file, FIFO or device for appending whole lines to. */
#ifndef TINYWEB_OS_LOG_FILE_H
#define TINYWEB_OS_LOG_FILE_H

#include "base/macros.h"

/*
 * Append only, created with mode 0640, close-on-exec. The last component must not be a symbolic
 * link (-ELOOP): root would create or append to whatever a stranger points it at. Never blocks,
 * also when written later: a FIFO needs no reader, and what it cannot hold is refused (-EAGAIN).
 * -EISDIR for a folder. *@ret_fd is the caller's.
 */
MUST_CHECK int log_file_open(const char *path, int *ret_fd);

/*
 * The same file, terminal or pipe as @fd (standard output, say), but by a description of its own
 * where that can be had: O_NONBLOCK is not to change for others who share it. Above the standard
 * three, close-on-exec.
 */
MUST_CHECK int log_file_reopen(int fd, int *ret_fd);

#endif
