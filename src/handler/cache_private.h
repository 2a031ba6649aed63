/* SPDX-License-Identifier: MIT */
/*
 * cache_private.h - what the parts of the cache's handler share.
 *
 *   cache.c          a request: a hit, or a visitor who waits
 *   cache_shelf.c    one folder, and what was learned of keys
 *   cache_purge.c    what is no longer true
 *   cache_visitor.c  one request that has to wait: joins a fill, begins one, or goes alone
 *   cache_fill.c     one request to the upstream, for all who wait for it, and for the library
 *   cache_reply.c    what a fill makes of the head of a reply: kept or not
 *   cache_renew.c    … and of a 304
 *
 *   visitor ──► fill ──► upstream/fetch.h
 *      ▲          │
 *      └── file ◄─┴─► window of what is in no file
 */
#ifndef TINYWEB_HANDLER_CACHE_PRIVATE_H
#define TINYWEB_HANDLER_CACHE_PRIVATE_H

#include "cache/library.h"
#include "cache/sweep.h"
#include "event/thread_pool.h"
#include "handler/cache_answer.h"
#include "handler/proxy_head.h"
#include "http/access_line.h"
#include "http/cache_rules.h"
#include "http/kept_request.h"

/* One step of content. */
#define CACHE_PIECE (64U * 1024)
/* What was learned of keys that are not kept, or whose upstream fails. */
#define CACHE_MARKS 1024
#define CACHE_PASS_S 60

struct cache_mark {
    uint64_t key;
    time_t until;
    bool fails;      /* else: what comes is not kept */
    uint8_t doubled; /* how often */
};

/* One [cache NAME]. */
struct shelf {
    struct library library;
    struct cache *cache;
    struct cache_rules rules;
    struct sweep sweep;
    struct timer sweep_timer;
    struct job sweep_job; /* while it runs, `sweep` is a thread's; the threads end before this */
    time_t swept_at;
    bool has_ended_round;
    bool sweeps; /* it is this worker's to do */
    struct cache_mark marks[CACHE_MARKS];
};

/* The handler. */
struct cache {
    struct handler handler;
    struct http_context *http;
    pid_t self;
    struct list_node fills;
    struct shelf *shelves;
    size_t shelf_count;
    char *key_space;
    size_t key_size;
    struct access_upstream described; /* for the line that is being logged */
    char *head_space;                 /* of the answer that is being made */
    size_t head_size;
    char piece[]; /* CACHE_PIECE: pages that are touched by replies alone */
};

enum fill_state {
    FILL_ASKING,
    FILL_REPLYING, /* the head is known, content is coming */
    FILL_COMPLETE,
    FILL_BROKEN, /* in the middle of the content */
    FILL_STORED, /* what is in the library answers: it is still true, or better than an error */
    FILL_FAILED, /* no reply: `failure` says why */
};

struct fill {
    struct fetch_user user;
    struct list_node node; /* of cache->fills */
    struct list_node visitors;
    struct cache *cache;
    struct shelf *shelf;
    const struct http_site *site;
    struct fetch *fetch; /* NULL: over */
    struct kept_request *asked;
    struct address peer; /* for whom, at first */
    char *key;
    size_t key_len;
    struct library_place place; /* with what is stored and no longer fresh */
    bool has_claim;             /* in the table of all workers */
    bool is_void;               /* purged meanwhile */
    bool is_shared;             /* others but the first one may have the reply */
    bool has_no_room;           /* on the disk: another time it may be stored */
    bool is_conditional;        /* asked whether what is stored is still true */
    bool waits;                 /* the upstream, for those who read from the window */
    struct timer rest;          /* since nobody waits for it */
    unsigned calls;
    time_t requested_at;
    enum fill_state state;
    struct fetch_failure failure;
    struct fetch_facts facts; /* once it is over */
    const char *how;          /* of Cache-Status, of FILL_STORED */
    /* The reply: as a response to anybody. */
    unsigned status;
    bool has_content;
    uint64_t length; /* or LENGTH_UNKNOWN */
    char *head;
    size_t head_len;
    /* What is stored of it. */
    struct store_file file;
    struct cache_entry entry; /* borrows from `front` */
    char *front;
    size_t front_len;
    char *names; /* of the fields that it varies on; NULL: none */
    bool is_new_index;
    uint64_t in_file; /* bytes of content that the file has */
    uint64_t received;
    char *window; /* bytes from `in_file` … on that are in no file, up to `received` */
    size_t window_len;
};

enum visitor_state {
    VISITOR_NEW,
    VISITOR_WAITS,  /* for the head of a fill, or for another worker's */
    VISITOR_READS,  /* its content */
    VISITOR_STORED, /* `place` answers */
    VISITOR_ALONE,  /* is given to the proxy */
    VISITOR_FAILS,  /* `failure` */
    VISITOR_PURGES,
};

/* A request that waits. */
struct visitor {
    struct pending pending;
    struct list_node node; /* of fill->visitors */
    struct cache *cache;
    struct shelf *shelf;
    const struct http_site *site;
    const struct request *req;
    struct fill *fill; /* NULL: none */
    struct library_place place;
    const char *how;
    const char *word; /* for the access log; NULL: the cache had nothing to do with it */
    enum visitor_state state;
    struct fetch_failure failure;
    struct task soon;
    struct timer timer;
    int64_t deadline_ms; /* for waiting */
    bool leads;
    bool has_begun;
    bool was_let_down; /* a fill failed that was another one's */
    uint64_t at, end;  /* of the content, what comes next and where it stops */
    char *key;
    size_t key_len;
};

/* cache.c */
static inline struct cache *cache_of(struct handler *handler)
{
    return container_of(handler, struct cache, handler);
}

/* Borrowed until the next one is written; nothing: it is too long. */
struct slice cache_write_key(struct cache *cache, const struct request *req);
struct slice cache_write_key_of(struct cache *cache, struct slice host, struct slice path,
                                struct slice query);
struct writer cache_head_space(struct cache *cache);

/* cache_shelf.c */
/* The one of http->config->reply_caches[@number]. 0 or -errno; close it in any case. */
MUST_CHECK int shelf_open(struct cache *cache, size_t number);
void shelf_close(struct shelf *shelf);
/* NULL: nothing is known of it, or no longer. */
struct cache_mark *shelf_find_mark(struct shelf *shelf, const struct store_name *name, bool fails,
                                   time_t now);
void shelf_set_mark(struct shelf *shelf, const struct store_name *name, bool fails, time_t now);
void shelf_clear_mark(struct shelf *shelf, const struct store_name *name);

/* cache_purge.c */
void cache_answer_purge(struct visitor *visitor, struct response *resp);
/* As library.on_purged: what is being fetched is not kept. */
void cache_on_purged(struct library *library, const struct store_name *name);

/* cache_visitor.c */
/* NULL: out of memory. */
struct visitor *visitor_create(struct cache *cache, struct shelf *shelf,
                               const struct http_site *site, struct slice key);
/* The fill it waits for has news, or is over. */
void visitor_hear(struct visitor *visitor);

/* cache_fill.c */
/* Takes the reference of @place. NULL: out of memory, or it cannot be asked. @peer NULL: nobody. */
struct fill *fill_create(struct shelf *shelf, const struct http_site *site,
                         const struct request *req, struct slice key, struct library_place *place,
                         const struct address *peer, bool has_claim);
/* One that @req can join; NULL: none. */
struct fill *fill_find(struct shelf *shelf, struct slice key, const struct library_place *place,
                       const struct request *req);
void fill_join(struct fill *fill, struct visitor *visitor);
void fill_leave(struct fill *fill, struct visitor *visitor);
bool fill_suits(const struct fill *fill, const struct request *req);
/* Content from @at on, at most @room; as pending_ops.content. */
enum piece fill_read(struct fill *fill, uint64_t at, size_t room, struct slice *ret_piece);
void fill_start_again(struct fill *fill);

/* cache_reply.c */
/* Decides what the fill makes of it: its state is another one afterwards, or it was asked again. */
void fill_take_head(struct fill *fill, const struct reply *reply);
void fill_commit(struct fill *fill);
/* The lines of a reply that are kept, into @w: without its status line. False: they do not fit. */
bool fill_write_lines(const struct fill *fill, const struct header_table *headers,
                      struct writer *w);
/* The texts of @entry in one block, which it borrows from then on. NULL: they are too long. */
char *fill_write_front(struct cache_entry *entry, size_t *ret_len);

/* cache_renew.c */
/* A 304 came. False: it is about something else than what is stored. */
bool fill_take_not_modified(struct fill *fill, const struct reply *reply,
                            const struct exchange_times *times);

#endif
