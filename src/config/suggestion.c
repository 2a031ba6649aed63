/* SPDX-License-Identifier: MIT */
/* suggestion.c - edit distance (optimal string alignment) over three rows of its matrix. */

#include "config/suggestion.h"

#include "base/macros.h"

#include <stdbool.h>

static bool same(char a, char b)
{
    return ascii_lower(a) == ascii_lower(b);
}

unsigned suggestion_distance(struct slice a, struct slice b)
{
    if (a.len > SUGGESTION_WORD_MAX || b.len > SUGGESTION_WORD_MAX)
        return SUGGESTION_WORD_MAX + 1;

    unsigned rows[3][SUGGESTION_WORD_MAX + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = (unsigned)j;

    for (size_t i = 1; i <= a.len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i - 1) % 3];
        const unsigned *two_above = rows[(i + 1) % 3]; /* i - 2, modulo 3 */
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned replace = above[j - 1] + (same(a.data[i - 1], b.data[j - 1]) ? 0U : 1U);
            row[j] = MIN(replace, MIN(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same(a.data[i - 1], b.data[j - 2]) &&
                same(a.data[i - 2], b.data[j - 1]))
                row[j] = MIN(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

void suggestion_try(struct suggestion *suggestion, struct slice known, const char *shown)
{
    struct slice word = suggestion->word;
    /* A third of the letters may be wrong: more would suggest words that have nothing in common. */
    unsigned limit = (unsigned)MAX(word.len, known.len) / 3;
    unsigned distance = suggestion_distance(word, known);
    if (distance > MAX(limit, 1U) || distance >= known.len)
        return;
    if (!suggestion->best || distance < suggestion->best_distance) {
        suggestion->best = shown;
        suggestion->best_distance = distance;
    }
}
