/* SPDX-License-Identifier: MIT */
/*
 * stored.h - a file of the cache that is open: its entry, and the head of its answers, written once
 * a second.
 *
 * Attached to the open_file, and gone with it. Where the file's bytes are in memory, the head is put
 * right before the content, over the entry's own, so that both are sent as one piece.
 */
#ifndef TINYWEB_CACHE_STORED_H
#define TINYWEB_CACHE_STORED_H

#include "cache/entry.h"
#include "file/open_file.h"

struct stored {
    struct cache_entry entry; /* borrows from `front` */
    uint64_t content_at;      /* where the content starts in the file */
    time_t touched_at;        /* when its file was told last that it is used */
    /* Private. */
    char *front;
    time_t whole_time;  /* of `whole`; -1: none yet */
    struct slice whole; /* in the file's memory */
    bool is_broken;
    time_t head_time;
    size_t head_len;
    char head[]; /* with room for the lines of the entry and STORED_HEAD_ROOM */
};

/* Status line, Age, Content-Length, Cache-Status; and so much has to be free in front of files in memory,
 * for those that are to be sent in one piece. */
#define STORED_HEAD_ROOM 256

/* What @file holds; NULL: nothing that can be used, or no memory. */
struct stored *stored_of(struct open_file *file);

/* Status line and all field lines of a whole answer at @now, but for those about the connection;
 * borrowed until the next call. */
struct slice stored_head(struct stored *stored, time_t now);

/* The head of stored_head, a blank line, and the content of @file, whose entry it is, in one piece of the
 * file's memory; nothing when that cannot be had now: the content is in no memory, or what another
 * second's answer has there is still being sent. */
struct slice stored_whole(struct stored *stored, struct open_file *file, time_t now);

/* The same head into @w, with another word on @how it came to be: the parameters of Cache-Status behind the
 * name (RFC 9211); NULL: a plain hit. */
void stored_write_head(const struct stored *stored, time_t now, const char *how, struct writer *w);

/* Of that only "Age: 5\r\n" and "Cache-Status: tinyweb; hit; ttl=7\r\n". */
void stored_write_how(const struct stored *stored, time_t now, const char *how, struct writer *w);

#endif
