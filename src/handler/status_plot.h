/* SPDX-License-Identifier: MIT */
/* status_plot.h - lines over the last minutes as SVG, and numbers as people read them. */
#ifndef TINYWEB_HANDLER_STATUS_PLOT_H
#define TINYWEB_HANDLER_STATUS_PLOT_H

#include "base/stats.h"
#include "base/writer.h"

#include <stdbool.h>

/* A value of a sample, to be drawn. */
typedef uint64_t (*sample_value)(const struct stats_sample *sample);
typedef void (*number_writer)(struct writer *w, uint64_t value);

#define PLOT_LINES_MAX 2

struct plot {
    const char *title;
    struct {
        const char *name; /* in the legend */
        sample_value value;
    } lines[PLOT_LINES_MAX];
    unsigned line_count;
    number_writer write_number;
    uint64_t scale_min; /* the top of the scale is at least this */
};

/* A <figure> of about 8 bytes a sample and line. */
void plot_write(struct writer *w, const struct plot *plot, const struct server_stats *stats);

/* "9999", "12.3k", "4.5M" … */
void write_count(struct writer *w, uint64_t value);
/* The same of 1024 and bytes: "1.5 MiB". */
void write_bytes(struct writer *w, uint64_t value);
void write_percent(struct writer *w, uint64_t value);

#endif
