/* SPDX-License-Identifier: MIT */
/* live_summary.c - counts lines, and sorts at the end. */
#include "tool/live_summary.h"

#include <inttypes.h>
#include <stdlib.h>

/* Of the paths that were missing most often. */
#define MISSING_SHOWN 5

static void set_text(struct summary_target *target, struct slice text)
{
    size_t len = MIN(text.len, sizeof(target->text) - 1);

    if (len > 0)
        memcpy(target->text, text.data, len);
    target->text[len] = '\0';
}

static void count_missing(struct live_summary *summary, struct slice text)
{
    size_t len = MIN(text.len, (size_t)SUMMARY_TARGET_SIZE - 1);

    for (size_t i = 0; i < summary->missing_count; i++) {
        struct summary_target *target = &summary->missing[i];

        if (slice_equal(slice_from_string(target->text), slice_of(text.data, len))) {
            target->value++;
            return;
        }
    }
    if (summary->missing_count == SUMMARY_MISSING_MAX)
        return;
    set_text(&summary->missing[summary->missing_count], text);
    summary->missing[summary->missing_count++].value = 1;
}

void live_summary_add(struct live_summary *summary, const struct live_line *line)
{
    summary->requests++;
    summary->bytes += line->bytes;
    summary->classes[line->status < 600 ? line->status / 100 : 0]++;
    histogram_add(&summary->durations, line->duration_ms, 1);
    if (summary->requests == 1 || line->duration_ms > summary->slowest.value) {
        set_text(&summary->slowest, line->target);
        summary->slowest.value = line->duration_ms;
    }
    if (line->status == 404)
        count_missing(summary, line->target);
}

static int by_count(const void *a, const void *b)
{
    const struct summary_target *x = a, *y = b;

    return (x->value < y->value) - (x->value > y->value);
}

static void print_value(FILE *out, uint64_t value, void (*write)(struct writer *w, uint64_t value))
{
    char space[32];
    struct writer w = writer_on(space, sizeof(space));

    write(&w, value);
    fprintf(out, "%.*s", (int)w.len, w.data);
}

static void print_durations(const struct live_summary *summary, FILE *out)
{
    struct histogram_copy copy = {0};

    histogram_copy_add(&copy, &summary->durations);
    fputs("half within ", out);
    print_value(out, histogram_quantile(&copy, 0.5), live_write_duration);
    fputs(", 99 % within ", out);
    print_value(out, histogram_quantile(&copy, 0.99), live_write_duration);
    fputs(", the slowest in ", out);
    print_value(out, summary->slowest.value, live_write_duration);
    fprintf(out, ": %s\n", summary->slowest.text);
}

static void print_missing(const struct live_summary *summary, FILE *out)
{
    struct summary_target sorted[SUMMARY_MISSING_MAX];

    if (summary->missing_count == 0)
        return;
    memcpy(sorted, summary->missing, summary->missing_count * sizeof(sorted[0]));
    qsort(sorted, summary->missing_count, sizeof(sorted[0]), by_count);
    fputs("not found:", out);
    for (size_t i = 0; i < MIN(summary->missing_count, (size_t)MISSING_SHOWN); i++)
        fprintf(out, "%s %" PRIu64 "x %s", i > 0 ? "," : "", sorted[i].value, sorted[i].text);
    if (summary->missing_count > MISSING_SHOWN)
        fprintf(out, ", and %zu more", summary->missing_count - MISSING_SHOWN);
    fputc('\n', out);
}

void live_summary_print(const struct live_summary *summary, uint64_t seconds, FILE *out)
{
    static const char *const names[] = {
        "unanswered", "informed", "answered", "redirected or unchanged", "refused", "failed"};
    static const unsigned order[] = {2, 3, 4, 5, 0};
    const char *separator = ": ";

    fprintf(out, "%" PRIu64 " request%s in %" PRIu64 " s, ", summary->requests,
            summary->requests == 1 ? "" : "s", seconds);
    print_value(out, summary->bytes, writer_size);
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        if (summary->classes[order[i]] == 0)
            continue;
        fprintf(out, "%s%" PRIu64 " %s", separator, summary->classes[order[i]], names[order[i]]);
        separator = ", ";
    }
    fputc('\n', out);
    if (summary->requests == 0)
        return;
    print_durations(summary, out);
    print_missing(summary, out);
}
