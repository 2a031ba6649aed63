/* SPDX-License-Identifier: MIT */
/* entity_tag.h - the validators of a file: its entity tag and its Last-Modified (RFC 9110 section
 * 8.8). */
#ifndef TINYWEB_HTTP_ENTITY_TAG_H
#define TINYWEB_HTTP_ENTITY_TAG_H

#include "config/config.h"
#include "file/content_coding.h"
#include "file/open_file.h"

/* Two numbers of 16 digits, one of 8, a coding, and what is between them. */
#define ENTITY_TAG_SIZE 56

/*
 * Write the strong tag of @file, whose bytes are of @coding, or nothing. By ETAG_MTIME it is size
 * and time of change to the nanosecond, never the inode, which differs between replicas. By
 * ETAG_HASH it is a hash of the bytes, or where those are too many, size and time. A file whose
 * time says nothing (up to 2 January 1980: images of containers, packages and archives are often
 * made so) has a hash by ETAG_MTIME too, and no tag where there can be no hash: size alone would
 * keep an old copy for ever. What
 * was compressed here at @level (else 0) may be as long as what others made, and not the same.
 */
struct slice entity_tag_write(char out[ENTITY_TAG_SIZE], const struct open_file *file,
                              enum content_coding coding, enum etag_kind kind, unsigned level);

/* The time for Last-Modified, or -1: it says nothing (see above), or is later than @now. */
time_t last_modified_of(const struct open_file *file, time_t now);

#endif
