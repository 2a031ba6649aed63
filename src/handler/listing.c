/* SPDX-License-Identifier: MIT */
/* listing.c - READ the directory, SORT it, MEASURE its text: one step of one listing a turn. */
#include "handler/listing.h"

#include "base/hash.h"
#include "handler/errno_answer.h"
#include "handler/listing_page.h"
#include "handler/listing_readme.h"
#include "handler/listing_sort.h"
#include "http/error_response.h"
#include "http/site_lines.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* Each of them is a fraction of a millisecond, from a warm cache. */
#define READ_STEP 256
#define SORT_STEP 2048
#define MEASURE_STEP 1024
/* Of rendered text that is given at once. */
#define PIECE_SIZE (64U * 1024)
/* All listings of a worker hold at most this much; more are told to come back. */
#define MEMORY_MAX ((size_t)256 << 20)

enum listing_state {
    LISTING_READING,   /* names and what fstatat tells of them */
    LISTING_SORTING,   /* by name, size or date */
    LISTING_MEASURING, /* rendered for the first time */
    LISTING_READY,     /* answered: rendered again as it is sent */
};

static const struct listing_format_ops *const formats[] = {
    [LISTING_HTML] = &listing_html,
    [LISTING_JSON] = &listing_json,
    [LISTING_TEXT] = &listing_text,
};
static_assert(COUNT_OF(formats) == LISTING_FORMAT_COUNT, "each has its functions");

struct listings {
    struct http_context *http;
    struct task task;
    struct list_node jobs; /* that are not ready, in turn */
    struct listing_memory memory;
    char piece
        []; /* PIECE_SIZE, of whichever is being sent: pages that are touched by listings alone */
};

struct listing {
    struct pending pending;
    struct listings *listings;
    struct list_node node; /* of listings->jobs */
    enum listing_state state;
    int err; /* why it is none */
    const struct listing_format_ops *format;
    bool shows_readme;
    struct listing_entries entries;
    struct listing_sort sort;
    const struct listing_entry *best_readme; /* NULL: none so far */
    struct listing_readme readme;
    struct listing_page page;

    /* The text: head, rows, tail. */
    char *head, *tail;
    size_t head_len, tail_len;
    uint64_t length, hash; /* so far */
    size_t row;            /* the next to be rendered */
    size_t sent_head, sent_tail;
    char etag[32]; /* terminated; "": none */
    char name[];   /* req->name, terminated: what the client sees; the path is the end of it */
};

static void free_listing(struct listing *listing)
{
    list_remove(&listing->node);
    listing_readme_done(&listing->readme);
    listing_entries_done(&listing->entries);
    free(listing->head);
    free(listing->tail);
    free(listing);
}

static void measure(struct listing *listing, struct slice text)
{
    listing->length += text.len;
    listing->hash = hash_bytes(listing->hash, text);
}

/* What stands around the rows; the caller frees it. NULL: out of memory. */
static char *render(struct listing *listing, size_t size,
                    void (*write)(struct writer *w, const struct listing_page *page),
                    size_t *ret_len)
{
    char *text = malloc(size + 1);
    struct writer w = writer_on(text, size);
    char *fitting;

    if (!text)
        return NULL;
    write(&w, &listing->page);
    measure(listing, writer_content(&w));
    *ret_len = w.len;
    fitting = realloc(text, w.len + 1); /* it may wait for a slow client */
    return fitting ? fitting : text;
}

/* Length 0: it does not fit, which no name of a file reaches. */
static size_t render_row(const struct listing *listing, size_t number, char row[LISTING_ROW_MAX])
{
    struct writer w = writer_on(row, LISTING_ROW_MAX);

    listing->format->write_row(&w, &listing->page, number);
    return w.overflow ? 0 : w.len;
}

static int begin_sorting(struct listing *listing)
{
    listing->state = LISTING_SORTING;
    return listing_sort_init(&listing->sort, &listing->entries, &listing->page.query);
}

/* More names; a README among them is noticed while it is at hand. */
static int read_entries(struct listing *listing)
{
    struct listing_entries *entries = &listing->entries;
    size_t number = entries->count;
    int result = listing_entries_read(entries, READ_STEP);

    for (; listing->shows_readme && number < entries->count; number++)
        listing->best_readme = listing_readme_choose(listing->best_readme, entries->rows[number]);
    return result;
}

static void read_readme(struct listing *listing)
{
    listing_readme_read(&listing->readme, listing->best_readme, listing->entries.root_fd,
                        listing->entries.path);
    listing->page.readme_name = listing->readme.name;
    listing->page.readme = slice_of(listing->readme.text, listing->readme.len);
    listing->page.readme_is_cut = listing->readme.is_cut;
}

static int begin_measuring(struct listing *listing)
{
    const struct listing_format_ops *format = listing->format;

    listing->state = LISTING_MEASURING;
    read_readme(listing);
    listing->head = render(listing, format->head_size(&listing->page), format->write_head,
                           &listing->head_len);
    return listing->head ? 0 : -ENOMEM;
}

static int finish_measuring(struct listing *listing)
{
    const struct listing_format_ops *format = listing->format;

    listing->tail = render(listing, format->tail_size(&listing->page), format->write_tail,
                           &listing->tail_len);
    if (!listing->tail)
        return -ENOMEM;
    listing->page.readme = slice_of(NULL, 0); /* it is in the tail */
    listing_readme_done(&listing->readme);
    listing->readme.text = NULL;
    listing->row = 0;
    listing->state = LISTING_READY;
    return 0;
}

static void measure_rows(struct listing *listing)
{
    size_t end = MIN(listing->row + MEASURE_STEP, listing->entries.count);
    char row[LISTING_ROW_MAX];

    for (; listing->row < end; listing->row++)
        measure(listing, slice_of(row, render_row(listing, listing->row, row)));
}

/* 0 or -errno, after which there will be no listing. */
static int step(struct listing *listing)
{
    int result;

    switch (listing->state) {
    case LISTING_READING:
        result = read_entries(listing);
        return result == 0 ? begin_sorting(listing) : MIN(result, 0);
    case LISTING_SORTING:
        return listing_sort_step(&listing->sort, SORT_STEP) ? 0 : begin_measuring(listing);
    case LISTING_MEASURING:
        measure_rows(listing);
        return listing->row < listing->entries.count ? 0 : finish_measuring(listing);
    case LISTING_READY: break;
    }
    return 0;
}

static void on_task(struct task *task)
{
    struct listings *listings = container_of(task, struct listings, task);
    struct listing *listing;

    if (list_is_empty(&listings->jobs))
        return;
    listing = container_of(listings->jobs.next, struct listing, node);
    list_remove(&listing->node);
    listing->err = step(listing);
    if (listing->err || listing->state == LISTING_READY)
        pending_resume(&listing->pending);
    else
        list_append(&listings->jobs, &listing->node);
    if (!list_is_empty(&listings->jobs))
        loop_post(listings->http->loop, task);
}

/* A field that the configuration decides about is not ours. */
static void write_field(struct response *resp, const char *name, const char *value)
{
    if (site_lines_decide(resp->site->config, name))
        return;
    writer_string(&resp->headers, name);
    writer_literal(&resp->headers, ": ");
    writer_string(&resp->headers, value);
    writer_literal(&resp->headers, "\r\n");
}

static void write_fields(const struct listing *listing, struct response *resp)
{
    struct writer *w = &resp->headers;

    writer_literal(w, "Vary: Accept\r\n");
    writer_string(w, resp->site->config->auth_file ? "Cache-Control: private, no-cache\r\n"
                                                   : "Cache-Control: no-cache\r\n");
    write_field(resp, "X-Content-Type-Options", "nosniff");
    if (listing->format == &listing_html) /* whatever the names in it are */
        write_field(resp, "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                    "base-uri 'none'; form-action 'none'");
    if (listing->etag[0]) {
        writer_literal(w, "ETag: ");
        writer_string(w, listing->etag);
        writer_literal(w, "\r\n");
    }
    if (listing->entries.is_cut) {
        writer_literal(w, "X-Listing-Limit: ");
        writer_number(w, listing->entries.limit);
        writer_literal(w, "\r\n");
    }
}

static void write_etag(struct listing *listing)
{
    struct writer w = writer_on(listing->etag, sizeof(listing->etag) - 1); /* which are zero */

    writer_literal(&w, "W/\"");
    writer_hex(&w, listing->hash);
    writer_char(&w, '"');
}

static void answer(struct pending *pending, const struct request *req, struct response *resp)
{
    struct listing *listing = container_of(pending, struct listing, pending);
    struct http_context *http = listing->listings->http;
    struct validators validators = {.mtime = -1};
    unsigned status = 0;

    if (listing->err) {
        errno_answer(http, resp, listing->err);
        return;
    }
    if (resp->site->config->etag != ETAG_OFF)
        write_etag(listing);
    validators.etag = slice_from_string(listing->etag);
    resp->reason = "listing";
    if (conditional_is_present(&req->headers))
        status = conditional_check(&req->headers, req->method, &validators,
                                   loop_wall_seconds(http->loop), &resp->reason);
    write_fields(listing, resp);
    if (status == 0) {
        resp->kind = CONTENT_PIECES;
        resp->length = listing->length;
        resp->text_type = listing->format->type;
    } else if (status == 304) {
        resp->status = status;
    } else {
        error_response(http, resp, status, resp->reason);
    }
}

/* Of @text, from *@sent on; the number of bytes that fit. */
static size_t copy_text(struct writer *w, const char *text, size_t len, size_t *sent)
{
    size_t part = MIN(len - *sent, w->capacity - w->len);

    writer_append(w, text + *sent, part);
    *sent += part;
    return part;
}

static void render_piece(struct listing *listing, struct writer *w)
{
    char row[LISTING_ROW_MAX];

    (void)copy_text(w, listing->head, listing->head_len, &listing->sent_head);
    if (listing->sent_head < listing->head_len)
        return;
    for (; listing->row < listing->entries.count; listing->row++) {
        size_t len = render_row(listing, listing->row, row);

        if (len > w->capacity - w->len)
            return;
        writer_append(w, row, len);
    }
    (void)copy_text(w, listing->tail, listing->tail_len, &listing->sent_tail);
}

static enum piece content(struct pending *pending, size_t room, struct slice *ret_piece)
{
    struct listing *listing = container_of(pending, struct listing, pending);
    char *space = listing->listings->piece;
    struct writer w = writer_on(space, MIN(room, PIECE_SIZE));

    render_piece(listing, &w);
    *ret_piece = writer_content(&w);
    return PIECE_GIVEN;
}

static void end(struct pending *pending)
{
    free_listing(container_of(pending, struct listing, pending));
}

static const struct pending_ops listing_ops = {.answer = answer, .content = content, .end = end};

static struct listing *create_listing(struct listings *listings, const struct request *req)
{
    struct listing *listing = calloc(1, sizeof(*listing) + req->name.len + 1);

    if (!listing)
        return NULL;
    listing->pending.ops = &listing_ops;
    listing->listings = listings;
    list_init(&listing->node);
    if (req->name.len > 0)
        memcpy(listing->name, req->name.data, req->name.len);
    listing->page = (struct listing_page){
        .path = slice_of(listing->name, req->name.len),
        .entries = &listing->entries,
        .query = listing_query_read(req->query, &req->headers),
    };
    listing->format = formats[listing->page.query.format];
    return listing;
}

void listings_answer(struct listings *listings, struct slice path, const struct request *req,
                     struct response *resp)
{
    const struct listing_config *config = &resp->site->config->listing;
    struct listing *listing = create_listing(listings, req);
    int err = -ENOMEM;

    if (listing)
        err = listing_entries_open(&listing->entries, resp->site->root.fd,
                                   listing->name + (req->name.len - path.len), config->limit,
                                   &listings->memory);
    if (err) {
        errno_answer(listings->http, resp, err);
        if (listing)
            free_listing(listing);
        return;
    }
    listing->entries.only_utf8 = listing->format->only_utf8;
    listing->shows_readme = config->shows_readme && listing->format == &listing_html;
    list_append(&listings->jobs, &listing->node);
    loop_post(listings->http->loop, &listings->task);
    resp->pending = &listing->pending;
}

struct listings *listings_create(struct http_context *http)
{
    struct listings *listings = malloc(sizeof(*listings) + PIECE_SIZE);

    if (!listings)
        return NULL;
    *listings = (struct listings){.http = http, .memory.max = MEMORY_MAX};
    task_init(&listings->task, on_task);
    list_init(&listings->jobs);
    return listings;
}

void listings_destroy(struct listings *listings)
{
    if (!listings)
        return;
    loop_unpost(&listings->task);
    free(listings);
}
