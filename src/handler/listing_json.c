/* SPDX-License-Identifier: MIT */
/* listing_json.c - an array of objects (RFC 8259), one a line. */
#include "handler/listing_page.h"

static size_t bracket_size(const struct listing_page *page)
{
    (void)page;
    return sizeof("\n]\n");
}

/* @text is UTF-8. */
static void write_string(struct writer *w, struct slice text)
{
    static const char digits[] = "0123456789abcdef";

    writer_char(w, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.data[i];

        if (byte < 0x20) {
            writer_literal(w, "\\u00");
            writer_char(w, digits[byte >> 4]);
            writer_char(w, digits[byte & 15]);
            continue;
        }
        if (byte == '"' || byte == '\\')
            writer_char(w, '\\');
        writer_char(w, text.data[i]);
    }
    writer_char(w, '"');
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
    write_string(w, listing_entry_name(entry));
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
