/* SPDX-License-Identifier: MIT */
/* suggestion.h - "did you mean": the known word that is nearest to a misspelled one. */
#ifndef TINYWEB_CONFIG_SUGGESTION_H
#define TINYWEB_CONFIG_SUGGESTION_H

#include "base/slice.h"

/* Longer words are never compared. */
#define SUGGESTION_WORD_MAX 64

/*
 * Insertions, deletions, replacements and swaps of neighbours that turn @a into @b, letter case
 * ignored. SUGGESTION_WORD_MAX + 1 when one of them is too long to compare.
 */
unsigned suggestion_distance(struct slice a, struct slice b);

/* The best word seen so far. Start with a zeroed one but for `word`. */
struct suggestion {
    struct slice word; /* what was written */
    const char *best;  /* NULL: nothing is near enough */
    unsigned best_distance;
};

/* Consider @known; if it is the nearest, @shown is what to suggest (borrowed: must outlive the
 * suggestion). */
void suggestion_try(struct suggestion *suggestion, struct slice known, const char *shown);

#endif
