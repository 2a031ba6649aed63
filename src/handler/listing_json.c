/* SPDX-License-Identifier: MIT */
/* listing_json.c - an array of objects (RFC 8259), one a line. */
#include "handler/listing_page.h"

static size_t bracket_size(const struct listing_page *page)
{
    (void)page;
    return sizeof("\n]\n");
}

static void write_head(struct writer *w, const struct listing_page *page)
{
    (void)page;
    writer_char(w, '[');
}

static void write_row(struct writer *w, const struct listing_page *page, size_t number)
{
    const struct listing_entry *entry = page->entries->rows[number];

    if (number > 0)
        writer_char(w, ',');
    writer_literal(w, "\n{\"name\":");
    writer_json_string(w, listing_entry_name(entry));
    if (entry->is_directory) {
        writer_literal(w, ",\"type\":\"directory\"");
    } else {
        writer_literal(w, ",\"type\":\"file\",\"size\":");
        writer_number(w, entry->size);
    }
    writer_literal(w, ",\"mtime\":\"");
    listing_write_time(w, entry->mtime);
    writer_literal(w, "\"}");
}

static void write_tail(struct writer *w, const struct listing_page *page)
{
    (void)page;
    writer_literal(w, "\n]\n");
}

const struct listing_format_ops listing_json = {
    .type = {"application/json", sizeof("application/json") - 1},
    .only_utf8 = true,
    .head_size = bracket_size,
    .tail_size = bracket_size,
    .write_head = write_head,
    .write_row = write_row,
    .write_tail = write_tail,
};
