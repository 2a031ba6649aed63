/* SPDX-License-Identifier: MIT */
/* site_lines.c - header.NAME and cache_control of the configuration as lines. */
#include "http/site_lines.h"

#include "http/cache_policy.h"
#include "http/cors.h"

static void write_line(struct writer *w, const char *name, const char *value)
{
    writer_string(w, name);
    writer_literal(w, ": ");
    writer_string(w, value);
    writer_literal(w, "\r\n");
}

static void write_headers(struct writer *w, const struct site_config *site, bool is_of_file)
{
    for (size_t i = 0; i < site->header_count; i++) {
        const struct header_config *header = &site->headers[i];

        if (header->is_of_file == is_of_file && header->value[0] != '\0')
            write_line(w, header->name, header->value);
    }
}

void site_lines_write(struct writer *w, const struct site_config *site)
{
    write_headers(w, site, false);
    cors_write_lines(w, site);
}

/* What only some may see is not for shared caches. They are not to keep answers to requests with
 * Authorization anyway (RFC 9111 section 3.5), but "public" and "must-revalidate" allow it, and some
 * go by the name of the file. */
static void write_cache_control(struct writer *w, const struct site_config *site, struct slice path,
                                struct slice type)
{
    struct slice value;

    if (site_lines_decide(site, "Cache-Control"))
        return;
    if (!site->cache_control) {
        site_lines_write_privacy(w, site);
        return;
    }
    writer_literal(w, "Cache-Control: ");
    value = slice_from_string(site->cache_control);
    if (slice_equal(value, SLICE_LITERAL("auto"))) {
        value = slice_from_string(cache_policy_of(path, type));
        if (site->auth_file) {
            writer_literal(w, "private, ");
            if (slice_starts_with(value, SLICE_LITERAL("public, ")))
                value = slice_from(value, sizeof("public, ") - 1);
        }
    }
    writer_slice(w, value);
    writer_literal(w, "\r\n");
}

void site_lines_write_of_file(struct writer *w, const struct site_config *site, struct slice path,
                              struct slice type)
{
    write_headers(w, site, true);
    if (!site_lines_decide(site, "Content-Disposition"))
        disposition_write(w, site, path);
    write_cache_control(w, site, path, type);
}

void site_lines_write_privacy(struct writer *w, const struct site_config *site)
{
    if (site->auth_file && !site_lines_decide(site, "Cache-Control"))
        writer_literal(w, "Cache-Control: private\r\n");
}

bool site_lines_decide(const struct site_config *site, const char *name)
{
    for (size_t i = 0; i < site->header_count; i++) {
        if (slice_equal_nocase(slice_from_string(site->headers[i].name), slice_from_string(name)))
            return true;
    }
    return false;
}

size_t site_lines_room(const struct site_config *site)
{
    size_t room = cors_room(site);

    for (size_t i = 0; i < site->header_count; i++)
        room += strlen(site->headers[i].name) + strlen(site->headers[i].value) + 4;
    if (site->cache_control || site->auth_file)
        room += sizeof("Cache-Control: \r\n") +
                MAX(site->cache_control ? strlen(site->cache_control) : 0,
                    (size_t)CACHE_POLICY_LENGTH_MAX);
    return room;
}
