/* SPDX-License-Identifier: MIT */
/* purge.h - removes what is kept of a URL, or of all that begin alike, from the folder of a cache. */
#ifndef TINYWEB_CACHE_PURGE_H
#define TINYWEB_CACHE_PURGE_H

#include "base/writer.h"
#include "cache/purge_ring.h"

/* The key of "http://Host:80/path?query", as requests have it: into @w, which overflows when it does
 * not fit. False: it is no such URL. */
bool purge_write_key(struct slice url, struct writer *w);

/* Remove what is kept of @key, and tell all workers. True when there was something. */
bool purge_key(int dir_fd, struct purge_ring *ring, struct slice key);

/* The same for all keys that begin with @prefix: reads every file there, so it may take its time.
 * Workers forget all that they hold, and do not keep what they are just fetching. Returns the number
 * of files. */
uint64_t purge_prefix(int dir_fd, struct purge_ring *ring, struct slice prefix);

#endif
