/* SPDX-License-Identifier: MIT */
/*
 * entry.h - one stored reply as the bytes of a file: a head of fixed size, texts, the content.
 *
 *     head   magic, lengths, times, checksum        ENTRY_HEAD_SIZE bytes, little-endian
 *     texts  key, choice, etag, field lines         one after the other, without anything between
 *     content                                       to the end of the file
 *
 * The head is written last, so a file whose writing was cut off never has a valid one. It is valid
 * when magic, lengths and checksum (of head and texts) agree with each other and with the size of
 * the file; what fails that is not there.
 */
#ifndef TINYWEB_CACHE_ENTRY_H
#define TINYWEB_CACHE_ENTRY_H

#include "base/writer.h"
#include "http/freshness.h"

#include <sys/types.h>

#define ENTRY_HEAD_SIZE 96
/* Of all texts together. */
#define ENTRY_TEXT_MAX 65536U

enum entry_kind {
    ENTRY_REPLY = 1,
    /* There is a reply for each choice among the fields of Vary, under names of their own: `choice`
     * has the names of those fields, `variation` is part of the names. No content. */
    ENTRY_VARIES = 2,
};

struct cache_entry {
    enum entry_kind kind;
    unsigned status;
    uint64_t variation; /* of ENTRY_VARIES, and of its replies: those of another one are void */
    uint64_t content_length;
    struct freshness freshness;
    time_t last_modified; /* -1: none */
    /* Borrowed. */
    struct slice key;    /* what was asked for */
    struct slice choice; /* vary.h: of a reply the values, "" without Vary; else the names */
    struct slice etag;
    struct slice lines; /* field lines as they are sent, each with its CRLF */
};

/* Bytes of head and texts: where the content starts. */
size_t entry_front_size(const struct cache_entry *entry);

/* @w: of entry_front_size() bytes. The texts behind a head that is not valid yet. */
void entry_write_front(const struct cache_entry *entry, struct writer *w);

/* The head for the texts that entry_write_front has written, when content_length is known. */
void entry_write_head(const struct cache_entry *entry, char out[ENTRY_HEAD_SIZE]);

/* How many bytes entry_parse needs of a file that starts with @head, of ENTRY_HEAD_SIZE bytes at
 * least; or -EBADMSG. */
MUST_CHECK ssize_t entry_front_needed(struct slice head);

/*
 * @front: the start of a file of @file_size bytes, with head and texts at least; *@ret_entry borrows
 * from it. 0, or -EBADMSG: it is none, or broken.
 */
MUST_CHECK int entry_parse(struct slice front, uint64_t file_size, struct cache_entry *ret_entry);

#endif
