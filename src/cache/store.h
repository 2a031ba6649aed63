/* SPDX-License-Identifier: MIT */
/*
 * store.h - the files of one cache: written beside, renamed when they are whole, removed by name.
 *
 *     <folder>/3f/1b…c9    an entry (entry.h), named by a hash of what it answers
 *     <folder>/3f/~…       what is being written
 *
 * Nothing is ever synchronised to the disk: a cache may forget. What cannot be written is not
 * stored, and for a second after an error nothing is; nobody who waits for an answer notices. A disk
 * that is slow, which all others of the worker wait for, is left alone for much longer than it has
 * taken, also by what is half written. Files are read by a file_cache with the same folder for a root.
 * All calls are for one thread.
 */
#ifndef TINYWEB_CACHE_STORE_H
#define TINYWEB_CACHE_STORE_H

#include "base/macros.h"
#include "base/siphash.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define STORE_NAME_SIZE sizeof("00/0123456789abcdef0123456789abcd")
/* What names of files start with that are not whole. In the folder where they go, since a rename
 * from one folder to another is not allowed in every sandbox. */
#define STORE_TEMP_MARK '~'
/* Nothing is stored for so long after a full disk, or another error. */
#define STORE_REST_MS 1000
/* A call that took so long was slow. After some of them in a row (one may be chance) there is none for
 * that many times as long as all have taken: so a disk costs a twentieth of the worker's time. */
#define STORE_SLOW_MS 100
#define STORE_SLOW_CALLS 5
#define STORE_SLOW_REST 20

struct store_name {
    struct siphash_tag tag;
    char text[STORE_NAME_SIZE]; /* below the folder, terminated */
};

/* Plain; its owner sets all but what is private. */
struct store {
    int dir_fd;          /* borrowed: the folder */
    uint64_t max_object; /* bytes of one file */
    uint64_t min_free;   /* bytes that are left free on its disk */
    /* Private. */
    int64_t rests_until_ms; /* nothing is begun */
    int64_t slow_until_ms;  /* nothing is written, either */
    int64_t slow_ms;        /* that `slow_calls` in a row have taken */
    unsigned slow_calls;
    int64_t space_checked_ms; /* 0: never */
    uint64_t next_temp;
};

/* One file that is being written. */
struct store_file {
    struct store *store;
    int fd;            /* for reading, too; -1: there is none */
    bool is_committed; /* it has its name */
    uint64_t size;
    struct store_name name; /* that it gets */
    char temp[48];
};

/* The name of the reply to @key; of one of several, with the @choice among them (see entry.h). Two
 * keys with one name are possible, and found out by the key in the file. */
void store_name_of(struct slice key, struct store_name *ret_name);
void store_name_of_choice(struct slice key, uint64_t variation, struct slice choice,
                          struct store_name *ret_name);
void store_name_from(struct siphash_tag tag, struct store_name *ret_name);

/* Begin a file for @name at the time @now_ms of the loop. -EAGAIN: it rests; -ENOSPC; another -errno. Then
 * *@ret_file has no descriptor. */
MUST_CHECK int store_begin(struct store *store, const struct store_name *name, int64_t now_ms,
                           struct store_file *ret_file);

/* 0; or -EFBIG, -ENOSPC, -EAGAIN (it is slow, and left alone), another -errno: what follows would have
 * a gap before it, so there is no use in going on but to read what was written. */
MUST_CHECK int store_append(struct store_file *file, struct slice bytes, int64_t now_ms);

/* Write @head over the start of the file, and give it its name. 0 or -errno. */
MUST_CHECK int store_commit(struct store_file *file, struct slice head, int64_t now_ms);

/* No longer used; without its name it is removed. Harmless without a descriptor. */
void store_close(struct store_file *file);

/* True when there was one. */
bool store_remove(const struct store *store, const struct store_name *name);

#endif
