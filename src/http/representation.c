/* SPDX-License-Identifier: MIT */
/* representation.c - header lines of a file, in front of its bytes where those are in memory. */
#include "http/representation.h"

#include "http/http_date.h"

#include <stdlib.h>

/* Two numbers of 16 digits, one of 8, and what is between them. */
#define ETAG_SIZE 48

/* `lines` is there only when they cannot stand in front of the body. */
struct owned_representation {
    struct representation rep;
    char etag[ETAG_SIZE];
    char lines[];
};

static const char head_start[] = "HTTP/1.1 200 OK\r\nServer: TinyWeb\r\nDate: ";

static void free_representation(void *attachment)
{
    free(attachment);
}

/* Size and time of change, to the nanosecond; never the inode, which differs between replicas. */
static struct slice write_etag(char *out, const struct open_file *file)
{
    struct writer w = writer_on(out, ETAG_SIZE);

    writer_char(&w, '"');
    writer_hex(&w, file->size);
    writer_char(&w, '-');
    writer_hex(&w, (uint64_t)file->mtime.tv_sec);
    writer_char(&w, '.');
    writer_hex(&w, (uint64_t)file->mtime.tv_nsec);
    writer_char(&w, '"');
    return writer_content(&w);
}

void representation_write_type(struct writer *w, struct slice type, struct slice charset)
{
    writer_slice(w, type);
    if (charset.len > 0 && mime_type_is_text(type) && slice_find(type, ';') < 0) {
        writer_literal(w, "; charset=");
        writer_slice(w, charset);
    }
}

static struct slice since(const struct writer *w, size_t start)
{
    return slice_of(w->data + start, w->len - start);
}

static void write_lines(struct writer *w, struct representation *rep, struct slice type,
                        struct slice charset, uint64_t size)
{
    char date[HTTP_DATE_SIZE];
    size_t start = w->len;
    const size_t name_len = sizeof("Content-Type: ") - 1;

    writer_literal(w, "Content-Length: ");
    writer_number(w, size);
    writer_literal(w, "\r\n");
    rep->length_line = since(w, start);

    start = w->len;
    writer_literal(w, "Content-Type: ");
    representation_write_type(w, type, charset);
    rep->type = slice_of(w->data + start + name_len, w->len - start - name_len);
    writer_literal(w, "\r\n");
    rep->type_line = since(w, start);

    start = w->len;
    if (rep->validators.mtime >= 0) {
        http_date_format(date, rep->validators.mtime);
        writer_literal(w, "Last-Modified: ");
        writer_append(w, date, sizeof(date));
        writer_literal(w, "\r\n");
    }
    writer_literal(w, "ETag: ");
    writer_slice(w, rep->validators.etag);
    writer_literal(w, "\r\n");
    rep->validator_lines = since(w, start);

    start = w->len;
    writer_literal(w, "Accept-Ranges: bytes\r\nX-Content-Type-Options: nosniff\r\n");
    rep->other_lines = since(w, start);
}

/* The head of a 200, whose slices are still in @w. */
static void write_head(struct writer *w, struct representation *rep, struct slice type,
                       struct slice charset, uint64_t size)
{
    writer_literal(w, head_start);
    rep->whole_date = w->data + w->len;
    http_date_format(rep->whole_date, rep->whole_date_time);
    w->len += HTTP_DATE_SIZE;
    writer_literal(w, "\r\n");
    write_lines(w, rep, type, charset, size);
    writer_literal(w, "\r\n");
}

/* The text was at @from and is at @to now. */
static void move_slices(struct representation *rep, const char *from, char *to)
{
    struct slice *slices[] = {&rep->type, &rep->length_line, &rep->type_line, &rep->validator_lines,
                              &rep->other_lines};

    for (size_t i = 0; i < COUNT_OF(slices); i++)
        slices[i]->data = to + (slices[i]->data - from);
    rep->whole_date = to + (rep->whole_date - from);
}

static struct owned_representation *create(struct open_file *file, const struct writer *head,
                                           const struct representation *rep)
{
    bool fits = file->body && head->len <= file->headroom;
    struct owned_representation *owned = malloc(sizeof(*owned) + (fits ? 0 : head->len));
    char *place;

    if (!owned)
        return NULL;
    owned->rep = *rep;
    place = fits ? file->body - head->len : owned->lines;
    memcpy(place, head->data, head->len);
    move_slices(&owned->rep, head->data, place);
    if (fits)
        owned->rep.whole = slice_of(place, head->len + (size_t)file->size);
    memcpy(owned->etag, rep->validators.etag.data, rep->validators.etag.len);
    owned->rep.validators.etag.data = owned->etag;
    return owned;
}

static struct owned_representation *make(struct open_file *file, time_t now,
                                         const struct representation_settings *settings)
{
    struct representation rep = {.whole_date_time = now};
    struct slice path = slice_of(file->path, file->path_len);
    char etag[ETAG_SIZE];
    char text[REPRESENTATION_HEADROOM];
    struct writer w = writer_on(text, sizeof(text));

    rep.validators.etag = write_etag(etag, file);
    /* Never later than the Date of the answer (RFC 9110 section 8.8.2.1); -1 says none. */
    rep.validators.mtime = file->mtime.tv_sec >= 0 && file->mtime.tv_sec <= now ? file->mtime.tv_sec
                                                                                : -1;
    write_head(&w, &rep, mime_types_lookup(settings->mime_types, path), settings->charset,
               file->size);
    if (w.overflow) { /* only a type of absurd length can do this */
        w = writer_on(text, sizeof(text));
        write_head(&w, &rep, SLICE_LITERAL("application/octet-stream"), slice_of(NULL, 0),
                   file->size);
    }
    return create(file, &w, &rep);
}

const struct representation *representation_of(struct open_file *file, time_t now,
                                               const struct representation_settings *settings)
{
    struct owned_representation *owned = file->attachment;

    if (LIKELY(owned != NULL))
        return &owned->rep;
    owned = make(file, now, settings);
    if (!owned)
        return NULL;
    file->attachment = owned;
    file->free_attachment = free_representation;
    return &owned->rep;
}

struct slice representation_whole(const struct open_file *file, time_t now, const char *date)
{
    struct representation *rep = file->attachment;

    if (rep->whole.len == 0)
        return rep->whole;
    if (UNLIKELY(rep->whole_date_time != now)) {
        if (!open_file_is_unshared(file))
            return slice_of(NULL, 0);
        memcpy(rep->whole_date, date, HTTP_DATE_SIZE);
        rep->whole_date_time = now;
    }
    return rep->whole;
}
