/* SPDX-License-Identifier: MIT */
/* status_plot.c - a polyline a line, in whole units: two a sample across, a hundred up. The time
 * across grows from one minute to as long as there are samples. */
#include "handler/status_plot.h"

#include "base/macros.h"

#include <inttypes.h>

#define SAMPLES_SHOWN_MIN 60
#define HEIGHT 100

static void write_scaled(struct writer *w, uint64_t value, unsigned step, const char *const *units)
{
    double scaled = (double)value;
    unsigned unit = 0;

    while (scaled >= 9999.5 && units[unit + 1]) {
        scaled /= step;
        unit++;
    }
    if (unit > 0 && scaled < 99.95)
        writer_format(w, "%.1f%s", scaled, units[unit]);
    else
        writer_format(w, "%.0f%s", scaled, units[unit]);
}

void write_count(struct writer *w, uint64_t value)
{
    static const char *const units[] = {"", "k", "M", "G", "T", NULL};

    write_scaled(w, value, 1000, units);
}

void write_bytes(struct writer *w, uint64_t value)
{
    static const char *const units[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB", NULL};

    write_scaled(w, value, 1024, units);
}

void write_percent(struct writer *w, uint64_t value)
{
    writer_format(w, "%" PRIu64 " %%", value);
}

/* Oldest first; the one that is about to be overwritten is not looked at. */
struct window {
    uint64_t first, end;
};

static struct window window_of(const struct server_stats *stats)
{
    uint64_t end = counter_get(&stats->samples_taken);

    return (struct window){.first = end - MIN(end, (uint64_t)STATS_SAMPLES - 1), .end = end};
}

static uint64_t width_of(struct window window)
{
    return 2 * MAX(window.end - window.first, (uint64_t)SAMPLES_SHOWN_MIN);
}

static const struct stats_sample *sample_at(const struct server_stats *stats, uint64_t number)
{
    return &stats->samples[number % STATS_SAMPLES];
}

static uint64_t largest(const struct plot *plot, const struct server_stats *stats)
{
    struct window window = window_of(stats);
    uint64_t max = MAX(plot->scale_min, UINT64_C(1));

    for (uint64_t i = window.first; i < window.end; i++) {
        for (unsigned k = 0; k < plot->line_count; k++)
            max = MAX(max, plot->lines[k].value(sample_at(stats, i)));
    }
    return max;
}

static void write_line(struct writer *w, const struct plot *plot, unsigned number,
                       const struct server_stats *stats, uint64_t max)
{
    struct window window = window_of(stats);
    uint64_t x = width_of(window) - 2 * (window.end - window.first);

    writer_format(w, "<polyline class=\"l%u\" points=\"", number);
    for (uint64_t i = window.first; i < window.end; i++, x += 2) {
        /* A worker's numbers may change between two looks. */
        uint64_t value = MIN(plot->lines[number].value(sample_at(stats, i)), max);

        writer_number(w, x + 2);
        writer_char(w, ',');
        writer_number(w, HEIGHT - (uint64_t)((double)value / (double)max * HEIGHT));
        writer_char(w, ' ');
    }
    writer_literal(w, "\"/>");
}

static void write_legend(struct writer *w, const struct plot *plot,
                         const struct server_stats *stats)
{
    struct window window = window_of(stats);

    for (unsigned i = 0; i < plot->line_count; i++) {
        writer_format(w, "<span class=\"l%u\">%s <b>", i, plot->lines[i].name);
        plot->write_number(
            w, window.end > 0 ? plot->lines[i].value(sample_at(stats, window.end - 1)) : 0);
        writer_literal(w, "</b></span>");
    }
}

void plot_write(struct writer *w, const struct plot *plot, const struct server_stats *stats)
{
    uint64_t max = largest(plot, stats);
    uint64_t width = width_of(window_of(stats));

    writer_format(w, "<figure><figcaption><h2>%s</h2>", plot->title);
    write_legend(w, plot, stats);
    writer_literal(w, "<span class=\"top\">0 – ");
    plot->write_number(w, max);
    writer_format(w,
                  "</span></figcaption><svg viewBox=\"0 0 %" PRIu64
                  " %d\" preserveAspectRatio=\"none\" role=\"img\" "
                  "aria-label=\"%s in the last %" PRIu64 " seconds\">",
                  width, HEIGHT, plot->title, width / 2);
    for (unsigned i = 0; i < plot->line_count; i++)
        write_line(w, plot, i, stats, max);
    writer_literal(w, "</svg></figure>\n");
}
