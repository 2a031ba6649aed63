/* SPDX-License-Identifier: MIT */
/* live_summary.h - what there is to say when it is over: how much, how fast, and what was missing. */
#ifndef TINYWEB_TOOL_LIVE_SUMMARY_H
#define TINYWEB_TOOL_LIVE_SUMMARY_H

#include "base/histogram.h"
#include "tool/live_line.h"

#include <stdio.h>

/* Paths that were not found: the first so many are remembered, and counted. */
#define SUMMARY_MISSING_MAX 256
#define SUMMARY_TARGET_SIZE 200

struct summary_target {
    char text[SUMMARY_TARGET_SIZE]; /* terminated; a longer one is cut */
    uint64_t value;
};

/* Zeroed at the start; private. */
struct live_summary {
    uint64_t requests, bytes;
    uint64_t classes[6];        /* by status; [0]: no answer */
    struct histogram durations; /* milliseconds */
    struct summary_target slowest;
    struct summary_target missing[SUMMARY_MISSING_MAX];
    size_t missing_count;
};

void live_summary_add(struct live_summary *summary, const struct live_line *line);

/* @seconds: how long it was. Nothing to say about no requests but that. */
void live_summary_print(const struct live_summary *summary, uint64_t seconds, FILE *out);

#endif
