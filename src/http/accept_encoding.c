/* SPDX-License-Identifier: MIT */
/* accept_encoding.c - a list of codings with weights, and the choice. */
#include "http/accept_encoding.h"

#define WEIGHT_MAX 1000
/* Below everything that a client names. */
#define WEIGHT_UNMENTIONED 1

/* What the lists say; a coding or "*" that they do not name has no bit. */
struct reading {
    unsigned named;
    uint16_t weight[CODING_COUNT];
    bool has_star;
    uint16_t star;
};

/* qvalue (RFC 9110 section 12.4.2): "0" or "1", a dot and up to three digits, not above 1. */
static bool read_weight(struct slice text, uint16_t *ret_weight)
{
    unsigned weight;
    unsigned unit = WEIGHT_MAX / 10;

    if (text.len == 0 || text.len > 5 || (text.data[0] != '0' && text.data[0] != '1') ||
        (text.len > 1 && text.data[1] != '.'))
        return false;
    weight = text.data[0] == '1' ? WEIGHT_MAX : 0;
    for (size_t i = 2; i < text.len; i++) {
        if (!ascii_is_digit(text.data[i]))
            return false;
        weight += unit * (unsigned)(text.data[i] - '0');
        unit /= 10;
    }
    *ret_weight = (uint16_t)weight;
    return weight <= WEIGHT_MAX;
}

/* "gzip" or "gzip ; q=0.5". */
static bool read_member(struct slice text, struct slice *ret_name, uint16_t *ret_weight)
{
    struct slice parameter;

    *ret_weight = WEIGHT_MAX;
    if (!slice_next(&text, ';', ret_name))
        return false;
    *ret_name = slice_trim(*ret_name);
    if (!text.data)
        return ret_name->len > 0;
    parameter = slice_trim(text);
    if (parameter.len < 2 || ascii_lower(parameter.data[0]) != 'q' || parameter.data[1] != '=')
        return false;
    return read_weight(slice_from(parameter, 2), ret_weight);
}

static void note_member(struct reading *reading, struct slice name, uint16_t weight)
{
    enum content_coding coding;

    if (slice_equal(name, SLICE_LITERAL("*"))) {
        if (!reading->has_star)
            reading->star = weight;
        reading->has_star = true;
        return;
    }
    coding = coding_from_name(name);
    if (coding == CODING_COUNT || (reading->named & BIT(coding)))
        return;
    reading->named |= BIT(coding);
    reading->weight[coding] = weight;
}

static uint16_t weight_of(const struct reading *reading, enum content_coding coding)
{
    if (reading->named & BIT(coding))
        return reading->weight[coding];
    if (reading->has_star)
        return reading->star;
    return coding == CODING_IDENTITY ? WEIGHT_UNMENTIONED : 0;
}

void accept_encoding_read(const struct header_table *headers, struct coding_weights *ret_weights)
{
    struct reading reading = {0};
    unsigned position = 0;
    struct slice line;
    struct slice member;

    while (header_table_next(headers, HEADER_ACCEPT_ENCODING, &position, &line)) {
        while (slice_next(&line, ',', &member)) {
            struct slice name;
            uint16_t weight;

            if (read_member(member, &name, &weight))
                note_member(&reading, name, weight);
        }
    }
    for (unsigned coding = 0; coding < CODING_COUNT; coding++)
        ret_weights->weight[coding] = weight_of(&reading, (enum content_coding)coding);
}

enum content_coding accept_encoding_choose(const struct coding_weights *weights, unsigned available)
{
    enum content_coding best = CODING_COUNT;
    uint16_t best_weight = 1;

    available |= BIT(CODING_IDENTITY);
    for (unsigned coding = 0; coding < CODING_COUNT; coding++) {
        if ((available & BIT(coding)) && weights->weight[coding] >= best_weight) {
            best = (enum content_coding)coding;
            best_weight = weights->weight[coding];
        }
    }
    return best;
}
