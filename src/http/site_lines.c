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

void site_lines_write_of_file(struct writer *w, const struct site_config *site, struct slice path,
                              struct slice type)
{
    write_headers(w, site, true);
    if (!site_lines_decide(site, "Content-Disposition"))
        disposition_write(w, site, path);
    if (!site->cache_control || site_lines_decide(site, "Cache-Control"))
        return;
    write_line(w, "Cache-Control",
               strcmp(site->cache_control, "auto") == 0 ? cache_policy_of(path, type)
                                                        : site->cache_control);
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
    if (site->cache_control)
        room += sizeof("Cache-Control: \r\n") +
                MAX(strlen(site->cache_control), CACHE_POLICY_LENGTH_MAX);
    return room;
}
