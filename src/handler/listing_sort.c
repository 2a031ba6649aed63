/* SPDX-License-Identifier: MIT */
/* listing_sort.c - merge sort from the bottom up, which can be left and entered at any row. */
#include "handler/listing_sort.h"

#include "base/natural_order.h"

#include <errno.h>

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

int listing_compare(const struct listing_query *query, const struct listing_entry *a,
                    const struct listing_entry *b)
{
    int order = 0;

    if (a->is_directory != b->is_directory)
        return a->is_directory ? -1 : 1;
    switch (query->key) {
    case LISTING_BY_NAME:
    case LISTING_KEY_COUNT:
        order = natural_compare(listing_entry_name(a), listing_entry_name(b));
        break;
    case LISTING_BY_SIZE: order = compare_numbers((int64_t)a->size, (int64_t)b->size); break;
    case LISTING_BY_DATE: order = compare_numbers(a->mtime, b->mtime); break;
    }
    if (order == 0)
        return natural_compare(listing_entry_name(a), listing_entry_name(b));
    return query->is_descending ? -order : order;
}

int listing_sort_init(struct listing_sort *sort, struct listing_entries *entries,
                      const struct listing_query *query)
{
    struct listing_entry **spare;

    spare = listing_entries_alloc(entries, entries->count * sizeof(struct listing_entry *));
    if (!spare)
        return -ENOMEM;
    *sort = (struct listing_sort){
        .query = query, .entries = entries, .from = entries->rows, .to = spare, .width = 1};
    return 0;
}

/* The pass is over: what was merged is merged again. */
static void next_pass(struct listing_sort *sort)
{
    struct listing_entry **merged = sort->to;

    sort->to = sort->from;
    sort->from = merged;
    sort->width *= 2;
    sort->start = sort->left = sort->right = 0;
}

static void move_one(struct listing_sort *sort)
{
    size_t count = sort->entries->count;
    size_t middle = MIN(sort->start + sort->width, count);
    size_t end = MIN(middle + sort->width, count);
    size_t left = sort->start + sort->left;
    size_t right = middle + sort->right;
    struct listing_entry **to = sort->to + left + sort->right;

    if (right == end ||
        (left < middle && listing_compare(sort->query, sort->from[left], sort->from[right]) <= 0)) {
        *to = sort->from[left];
        sort->left++;
    } else {
        *to = sort->from[right];
        sort->right++;
    }
    if (sort->start + sort->left + sort->right == end) {
        sort->start = end;
        sort->left = sort->right = 0;
    }
}

bool listing_sort_step(struct listing_sort *sort, size_t count)
{
    struct listing_entries *entries = sort->entries;

    for (; sort->width < entries->count && count > 0; count--) {
        move_one(sort);
        if (sort->start == entries->count)
            next_pass(sort);
    }
    if (sort->width < entries->count)
        return true;
    if (sort->from != entries->rows) /* an odd number of passes; the spare rows lie in a block */
        memcpy(entries->rows, sort->from, entries->count * sizeof(*sort->from));
    return false;
}
