/* SPDX-License-Identifier: MIT */
/* representation.c - header lines of a file, in front of its bytes where those are in memory. */
#include "http/representation.h"

#include "http/common_lines.h"
#include "http/cors.h"
#include "http/entity_tag.h"
#include "http/http_date.h"
#include "http/site_lines.h"

#include <stdlib.h>

/* Of a type and its charset; what is longer is absurd, and not sent. */
#define TYPE_LENGTH_MAX 160

/* `lines` is there only when they cannot stand in front of the body. */
struct owned_representation {
    struct representation rep;
    char etag[ENTITY_TAG_SIZE];
    char lines[];
};

/* What stands before the ready lines of a whole answer: this, the date, and a line of the
 * connection. */
static const char front_start[] = "HTTP/1.1 200 OK\r\nServer: TinyWeb\r\nDate: ";

#define FRONT_SIZE (sizeof(front_start) - 1 + HTTP_DATE_SIZE + sizeof("\r\n") - 1)
#define FRONT_SIZE_MAX (FRONT_SIZE + CONNECTION_LINE_SIZE)

static void free_representation(void *attachment)
{
    free(attachment);
}

void representation_write_type(struct writer *w, struct slice type, struct slice charset)
{
    writer_slice(w, type);
    if (charset.len > 0 && mime_type_wants_charset(type) && slice_find(type, ';') < 0) {
        writer_literal(w, "; charset=");
        writer_slice(w, charset);
    }
}

static struct slice since(const struct writer *w, size_t start)
{
    return slice_of(w->data + start, w->len - start);
}

static void write_type_line(struct writer *w, struct representation *rep, struct slice type,
                            struct slice charset)
{
    const size_t name_len = sizeof("Content-Type: ") - 1;
    size_t start = w->len;

    writer_literal(w, "Content-Type: ");
    representation_write_type(w, type, charset);
    rep->type = slice_of(w->data + start + name_len, w->len - start - name_len);
    writer_literal(w, "\r\n");
    rep->type_line = since(w, start);
}

static void write_validator_lines(struct writer *w, struct representation *rep,
                                  const struct site_config *site, struct slice path)
{
    char date[HTTP_DATE_SIZE];
    size_t start = w->len;
    size_t vary_start;

    if (rep->validators.mtime >= 0) {
        http_date_format(date, rep->validators.mtime);
        writer_literal(w, "Last-Modified: ");
        writer_append(w, date, sizeof(date));
        writer_literal(w, "\r\n");
    }
    if (rep->validators.etag.len > 0) {
        writer_literal(w, "ETag: ");
        writer_slice(w, rep->validators.etag);
        writer_literal(w, "\r\n");
    }
    vary_start = w->len;
    if (rep->is_negotiated && cors_depends_on_request(site))
        writer_literal(w, "Vary: Accept-Encoding, Origin\r\n");
    else if (rep->is_negotiated)
        writer_literal(w, "Vary: Accept-Encoding\r\n");
    else if (cors_depends_on_request(site))
        writer_literal(w, "Vary: Origin\r\n");
    rep->vary_line = since(w, vary_start);
    site_lines_write_of_file(w, site, path, rep->type);
    site_lines_write(w, site);
    rep->validator_lines = since(w, start);
}

/* @own, which the file's name says, was applied first. */
static void write_codings(struct writer *w, enum content_coding own, enum content_coding sibling)
{
    if (own == CODING_IDENTITY && sibling == CODING_IDENTITY)
        return;
    writer_literal(w, "Content-Encoding: ");
    if (own != CODING_IDENTITY)
        writer_slice(w, coding_name(own));
    if (own != CODING_IDENTITY && sibling != CODING_IDENTITY)
        writer_literal(w, ", ");
    if (sibling != CODING_IDENTITY)
        writer_slice(w, coding_name(sibling));
    writer_literal(w, "\r\n");
}

static void write_other_lines(struct writer *w, struct representation *rep,
                              const struct site_config *site, enum content_coding own)
{
    size_t start = w->len;

    write_codings(w, own, rep->coding);
    rep->is_encoded = w->len > start;
    writer_literal(w, "Accept-Ranges: bytes\r\n");
    if (!site_lines_decide(site, "X-Content-Type-Options"))
        writer_literal(w, "X-Content-Type-Options: nosniff\r\n");
    rep->other_lines = since(w, start);
}

/* What a head is written from. */
struct source {
    const struct open_file *file;
    const struct site_config *site;
    struct slice path; /* of the file before it was encoded */
    struct slice type, charset;
};

static void write_lines(struct writer *w, struct representation *rep, const struct source *source)
{
    size_t start = w->len;

    write_content_length(w, source->file->size);
    rep->length_line = since(w, start);
    write_type_line(w, rep, source->type, source->charset);
    write_validator_lines(w, rep, source->site, source->path);
    write_other_lines(w, rep, source->site, coding_of_file(source->path));
    writer_literal(w, "\r\n");
}

/* The text was at @from and is at @to now. */
static void move_slices(struct representation *rep, const char *from, char *to)
{
    struct slice *slices[] = {&rep->type,        &rep->length_line,
                              &rep->type_line,   &rep->validator_lines,
                              &rep->other_lines, &rep->vary_line};

    for (size_t i = 0; i < COUNT_OF(slices); i++)
        slices[i]->data = to + (slices[i]->data - from);
}

static struct owned_representation *create(struct open_file *file, const struct writer *lines,
                                           const struct representation *rep, bool is_for_all)
{
    bool fits = file->body && FRONT_SIZE_MAX + lines->len <= file->headroom;
    struct owned_representation *owned = malloc(sizeof(*owned) + (fits ? 0 : lines->len));
    char *place;

    if (!owned)
        return NULL;
    owned->rep = *rep;
    place = fits ? file->body - lines->len : owned->lines;
    memcpy(place, lines->data, lines->len);
    move_slices(&owned->rep, lines->data, place);
    if (fits && is_for_all) /* its front is written when it is asked for */
        owned->rep.whole = slice_of(place, lines->len + (size_t)file->size);
    if (rep->validators.etag.len > 0)
        memcpy(owned->etag, rep->validators.etag.data, rep->validators.etag.len);
    owned->rep.validators.etag.data = owned->etag;
    return owned;
}

/* Among types of which the subtype may be "*". */
static bool is_among(const struct string_list *types, struct slice type)
{
    for (size_t i = 0; i < types->count; i++) {
        struct slice wanted = slice_from_string(types->items[i]);
        struct slice start = type;

        if (slice_ends_with(wanted, SLICE_LITERAL("/*"))) {
            wanted.len--;
            start.len = MIN(start.len, wanted.len);
        }
        if (slice_equal_nocase(wanted, start))
            return true;
    }
    return false;
}

static bool is_compressible(const struct source *source)
{
    const struct gzip_config *gzip = &source->site->gzip;
    const struct open_file *file = source->file;

    return gzip->is_on && coding_of_file(source->path) == CODING_IDENTITY &&
           file->size >= gzip->min_size && file->size <= gzip->max_size &&
           is_among(&gzip->types, source->type);
}

static struct owned_representation *make(struct open_file *file, time_t now,
                                         const struct representation_traits *traits,
                                         const struct representation_settings *settings)
{
    struct representation rep = {
        .coding = traits->coding,
        .is_negotiated = traits->is_negotiated,
        .is_of_the_future = file->mtime.tv_sec > now,
        .whole_time = -1,
    };
    size_t suffix_len = traits->is_made ? 0 : coding_suffix(traits->coding).len;
    struct source source = {
        .file = file,
        .site = traits->site,
        .path = slice_of(file->path, file->path_len - suffix_len),
        .charset = settings->charset,
    };
    char etag[ENTITY_TAG_SIZE];
    char text[REPRESENTATION_HEADROOM + SITE_LINES_SIZE];
    struct writer w = writer_on(text, sizeof(text));

    rep.validators.etag = entity_tag_write(etag, file, traits->coding, traits->site->etag,
                                           traits->is_made ? traits->site->gzip.level : 0);
    rep.validators.mtime = last_modified_of(file, now);
    source.type = mime_types_lookup(settings->mime_types, source.path);
    if (source.type.len + source.charset.len > TYPE_LENGTH_MAX) {
        source.type = SLICE_LITERAL("application/octet-stream");
        source.charset = slice_of(NULL, 0);
    }
    if (traits->coding == CODING_IDENTITY && is_compressible(&source))
        rep.is_compressible = rep.is_negotiated = true;
    write_lines(&w, &rep, &source);
    assert(!w.overflow);
    return create(file, &w, &rep, !cors_depends_on_request(traits->site) && !rep.is_of_the_future);
}

const struct representation *representation_of(struct open_file *file, time_t now,
                                               const struct representation_traits *traits,
                                               const struct representation_settings *settings)
{
    struct owned_representation *owned = file->attachment;

    if (LIKELY(owned != NULL))
        return &owned->rep;
    owned = make(file, now, traits, settings);
    if (!owned)
        return NULL;
    file->attachment = owned;
    file->free_attachment = free_representation;
    return &owned->rep;
}

void representation_settle(struct open_file *file)
{
    struct representation *rep = file->attachment;

    rep->settled_at = file->checks + 1;
}

void representation_set_incompressible(struct open_file *file)
{
    struct representation *rep = file->attachment;

    rep->is_incompressible = true;
}

bool representation_first_complaint(struct open_file *file, enum content_coding coding)
{
    struct representation *rep = file->attachment;
    bool is_first = (rep->complaints & BIT(coding)) == 0;

    rep->complaints |= BIT(coding);
    return is_first;
}

/* The lines stay where they are, right before the body; the front ends where they begin. */
static void write_front(struct open_file *file, struct representation *rep,
                        struct slice connection_line, const char *date)
{
    struct slice old = rep->whole;
    size_t len = FRONT_SIZE + connection_line.len;
    char *lines = file->body - (file->body - rep->length_line.data); /* the same place, writable */
    char *start = lines - len;
    struct writer w = writer_on(start, len);

    writer_literal(&w, front_start);
    writer_append(&w, date, HTTP_DATE_SIZE);
    writer_literal(&w, "\r\n");
    writer_slice(&w, connection_line);
    rep->whole = slice_of(start, (size_t)(old.data + old.len - start));
}

struct slice representation_whole(struct open_file *file, struct slice connection_line, time_t now,
                                  const char *date)
{
    struct representation *rep = file->attachment;

    if (rep->whole.len == 0)
        return rep->whole;
    if (UNLIKELY(rep->whole_time != now || rep->whole_connection != connection_line.data)) {
        if (!open_file_is_unshared(file))
            return slice_of(NULL, 0);
        write_front(file, rep, connection_line, date);
        rep->whole_time = now;
        rep->whole_connection = connection_line.data;
    }
    return rep->whole;
}
