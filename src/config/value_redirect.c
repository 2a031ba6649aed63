/* SPDX-License-Identifier: MIT */
/* value_redirect.c - where a redirect leads, and what must not stand there. */

#include "base/number.h"
#include "config/value_list.h"
#include "config/value_route.h"

#include <stdlib.h>

static bool is_target_start(struct slice target)
{
    if (slice_starts_with(target, SLICE_LITERAL("http://")))
        return target.len > strlen("http://");
    if (slice_starts_with(target, SLICE_LITERAL("https://")))
        return target.len > strlen("https://");
    return target.len > 0 && target.data[0] == '/' &&
           !slice_starts_with(target, SLICE_LITERAL("//"));
}

/* What may stand in a Location field as it is (RFC 3986 appendix A). */
static bool is_url_text(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= 0x20 || text.data[i] >= 0x7f || strchr("\"<>\\^`{|}", text.data[i]))
            return false;
    }
    return true;
}

/* The tail is a path: it must not become a part of a host's name, of a query or of a segment. */
static const char *problem_of_target(struct slice target)
{
    if (!is_target_start(target))
        return "starts neither with one \"/\" nor with http:// or https://";
    if (!is_url_text(target))
        return "has bytes that a URL escapes as %HH";
    ptrdiff_t dollar = slice_find(target, '$');
    if (dollar < 0)
        return NULL;
    struct slice rest = slice_from(target, (size_t)dollar);
    struct slice before = slice_of(target.data, (size_t)dollar);
    if (!slice_equal(rest, SLICE_LITERAL(REDIRECT_TAIL)))
        return "has a \"$\" that is not the $tail at its end";
    if (before.data[before.len - 1] != '/' || slice_find(before, '?') >= 0 ||
        slice_find(before, '#') >= 0 || slice_ends_with(before, SLICE_LITERAL("://")))
        return "needs a \"/\" of its path before $tail";
    return NULL;
}

void redirect_free(struct redirect_config *redirect)
{
    free(redirect->target);
    *redirect = (struct redirect_config){.target = NULL};
}

void redirect_store(const struct config_value *value, struct config_report *report,
                    struct location_config *location)
{
    struct slice rest = value->text, code, target, more;
    uint64_t status = 0;
    if (!list_next_word(&rest, &code) || !list_next_word(&rest, &target) ||
        list_next_word(&rest, &more) || number_parse(code, 308, &status) != 0 ||
        (status != 301 && status != 302 && status != 307 && status != 308)) {
        value_report_expected(value, report);
        return;
    }
    const char *problem = problem_of_target(target);
    if (problem) {
        report_error(report, value->place, "redirect: \"%.*s\" %s", REPORT_VALUE(target), problem);
        return;
    }
    bool has_tail = slice_ends_with(target, SLICE_LITERAL(REDIRECT_TAIL));
    if (has_tail)
        target.len -= strlen(REDIRECT_TAIL);
    redirect_free(&location->redirect);
    char *copy = report_copy(report, target);
    if (copy)
        location->redirect = (struct redirect_config){(unsigned)status, copy, has_tail};
}
