/* SPDX-License-Identifier: MIT */
/* listing_text.c - one name a line; directories end in "/". */
#include "handler/listing_page.h"

static size_t no_size(const struct listing_page *page)
{
    (void)page;
    return 0;
}

static void write_nothing(struct writer *w, const struct listing_page *page)
{
    (void)w;
    (void)page;
}

static void write_row(struct writer *w, const struct listing_page *page, size_t number)
{
    const struct listing_entry *entry = page->entries->rows[number];

    listing_write_name(w, listing_entry_name(entry)); /* a line feed would be another line */
    if (entry->is_directory)
        writer_char(w, '/');
    writer_char(w, '\n');
}

const struct listing_format_ops listing_text = {
    .type = {"text/plain; charset=utf-8", sizeof("text/plain; charset=utf-8") - 1},
    .only_utf8 = true,
    .head_size = no_size,
    .tail_size = no_size,
    .write_head = write_nothing,
    .write_row = write_row,
    .write_tail = write_nothing,
};
