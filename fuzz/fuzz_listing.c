/* SPDX-License-Identifier: MIT */
/* fuzz_listing.c - a query, an Accept field and two names, a line each: all forms of a row fit, and
 * the order of the names is one. */

#include "base/natural_order.h"
#include "base/utf8.h"
#include "handler/listing_page.h"
#include "handler/listing_sort.h"

#include <limits.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static struct listing_entry *make_entry(struct slice name)
{
    struct listing_entry *entry = malloc(sizeof(*entry) + name.len + 1);

    check(entry != NULL);
    *entry = (struct listing_entry){
        .size = name.len, .name_len = (uint16_t)name.len, .is_directory = name.len % 2};
    entry->is_utf8 = utf8_valid_length(name) == name.len;
    if (name.len > 0)
        memcpy(entry->name, name.data, name.len);
    entry->name[name.len] = '\0';
    return entry;
}

static void check_rows(const struct listing_page *page)
{
    static const struct listing_format_ops *const formats[] = {&listing_html, &listing_json,
                                                               &listing_text};
    char row[LISTING_ROW_MAX];

    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        struct writer w = writer_on(row, sizeof(row));

        formats[i]->write_row(&w, page, 0);
        check(!w.overflow && w.len > 0 && memchr(row, '\0', w.len) == NULL);
        check(i != 0 || memmem(row, w.len, "<script", 7) == NULL);
        check(i != 2 || memchr(row, '\n', w.len) == row + w.len - 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of((const char *)data, size);
    struct slice part[4] = {{NULL, 0}};
    struct header fields[1];
    struct header_table headers;
    struct listing_entry *rows[2];
    struct listing_entries entries = {.rows = rows, .count = 2};
    struct listing_page page = {.entries = &entries};

    for (size_t i = 0; i < COUNT_OF(part) && rest.data; i++)
        (void)slice_next(&rest, '\n', &part[i]);
    header_table_init(&headers, fields, 1);
    check(header_table_add(&headers, SLICE_LITERAL("Accept"), part[1]) == 0);
    page.query = listing_query_read(part[0], &headers);
    check(page.query.format < LISTING_FORMAT_COUNT && page.query.key < LISTING_KEY_COUNT);

    for (size_t i = 0; i < 2; i++) {
        size_t len = MIN(part[i + 2].len, (size_t)NAME_MAX);

        if (len > 0 && memchr(part[i + 2].data, '\0', len))
            len = 0; /* no name of a file */
        rows[i] = make_entry(slice_of(part[i + 2].data, len));
    }
    check_rows(&page);
    check(sign(listing_compare(&page.query, rows[0], rows[1])) ==
          -sign(listing_compare(&page.query, rows[1], rows[0])));
    check(natural_compare(part[2], part[2]) == 0);
    free(rows[0]);
    free(rows[1]);
    return 0;
}
