/* SPDX-License-Identifier: MIT */
/* listing_query.c - a handful of words, and the weights of Accept. */
#include "handler/listing_query.h"

#include "base/macros.h"

#include <assert.h>

#define QUALITY_MAX 1000

static const char *const key_names[] = {
    [LISTING_BY_NAME] = "name", [LISTING_BY_SIZE] = "size", [LISTING_BY_DATE] = "date"};
static const char *const order_names[] = {"asc", "desc"};
static const char *const format_names[] = {
    [LISTING_HTML] = "html", [LISTING_JSON] = "json", [LISTING_TEXT] = "text"};
static_assert(COUNT_OF(key_names) == LISTING_KEY_COUNT, "a name each");
static_assert(COUNT_OF(format_names) == LISTING_FORMAT_COUNT, "a name each");

/* The media range with which a format is accepted; all that count, and the exact type. */
static const char *const types[] = {[LISTING_HTML] = "text/html",
                                    [LISTING_JSON] = "application/json",
                                    [LISTING_TEXT] = "text/plain"};

struct acceptance {
    unsigned exactness; /* 0: not mentioned, 1: by any type, 2: by any subtype, 3: by itself */
    unsigned quality;   /* of the most exact range, in thousandths */
};

const char *listing_key_name(enum listing_key key)
{
    return key_names[key];
}

/* The index of @text among @words, or -1. */
static int find_word(struct slice text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(text, slice_from_string(words[i])))
            return (int)i;
    }
    return -1;
}

/* True when @field is "@name=…" with one of @words and *@choice is still free. */
static bool read_word(struct slice field, struct slice name, const char *const *words, size_t count,
                      int *choice)
{
    if (*choice >= 0 || !slice_starts_with(field, name))
        return false;
    *choice = find_word(slice_from(field, name.len), words, count);
    return *choice >= 0;
}

/* The weight of a media range: "0.5" of ";q=0.5" (RFC 9110 section 12.4.2); what is none is 1. */
static unsigned read_quality(struct slice parameters)
{
    struct slice parameter;

    while (slice_next(&parameters, ';', &parameter)) {
        unsigned quality;
        unsigned unit = QUALITY_MAX;

        parameter = slice_trim(parameter);
        if (parameter.len < 3 || ascii_lower(parameter.data[0]) != 'q' || parameter.data[1] != '=')
            continue;
        quality = parameter.data[2] == '0' ? 0 : QUALITY_MAX;
        for (size_t i = 4; i < parameter.len && i < 7 && quality < QUALITY_MAX; i++) {
            unit /= 10;
            if (ascii_is_digit(parameter.data[i]))
                quality += unit * (unsigned)(parameter.data[i] - '0');
        }
        return quality;
    }
    return QUALITY_MAX;
}

static unsigned exactness_of(struct slice range, struct slice type)
{
    struct slice group = slice_of(type.data, (size_t)slice_find(type, '/') + 1);

    if (slice_equal_nocase(range, type))
        return 3;
    if (range.len == group.len + 1 && range.data[group.len] == '*' &&
        slice_equal_nocase(slice_of(range.data, group.len), group))
        return 2;
    return slice_equal(range, SLICE_LITERAL("*/*"));
}

static void accept_range(struct slice element, struct acceptance *accepted)
{
    struct slice range = element;
    unsigned quality;

    (void)slice_next(&element, ';', &range); /* an element is not used up */
    range = slice_trim(range);
    quality = element.data ? read_quality(element) : QUALITY_MAX;
    for (size_t i = 0; i < LISTING_FORMAT_COUNT; i++) {
        unsigned exactness = exactness_of(range, slice_from_string(types[i]));

        if (exactness > accepted[i].exactness)
            accepted[i] = (struct acceptance){.exactness = exactness, .quality = quality};
    }
}

static bool is_better(const struct acceptance *a, const struct acceptance *b)
{
    if (a->quality != b->quality)
        return a->quality > b->quality;
    return a->quality > 0 && a->exactness > b->exactness;
}

static enum listing_format choose_format(const struct header_table *headers)
{
    struct acceptance accepted[LISTING_FORMAT_COUNT] = {{0}};
    enum listing_format best = LISTING_HTML;
    unsigned position = 0;
    struct slice value;
    struct slice element;

    while (header_table_next(headers, HEADER_ACCEPT, &position, &value)) {
        while (slice_next(&value, ',', &element))
            accept_range(element, accepted);
    }
    for (unsigned i = 1; i < LISTING_FORMAT_COUNT; i++) {
        if (is_better(&accepted[i], &accepted[best]))
            best = (enum listing_format)i;
    }
    return best;
}

struct listing_query listing_query_read(struct slice query, const struct header_table *headers)
{
    int key = -1;
    int order = -1;
    int format = -1;
    struct slice rest = slice_from(query, 1);
    struct slice field;

    while (rest.data && slice_next(&rest, '&', &field)) {
        (void)(read_word(field, SLICE_LITERAL("sort="), key_names, COUNT_OF(key_names), &key) ||
               read_word(field, SLICE_LITERAL("order="), order_names, COUNT_OF(order_names),
                         &order) ||
               read_word(field, SLICE_LITERAL("format="), format_names, COUNT_OF(format_names),
                         &format));
    }
    return (struct listing_query){
        .format = format >= 0 ? (enum listing_format)format : choose_format(headers),
        .key = key >= 0 ? (enum listing_key)key : LISTING_BY_NAME,
        .is_descending = order == 1,
    };
}
