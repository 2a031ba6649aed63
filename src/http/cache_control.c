/* SPDX-License-Identifier: MIT */
/* cache_control.c - cuts the list into directives, and looks each up. */

#include "http/cache_control.h"

#include <errno.h>

#define NAME(s)                                                                                    \
    {                                                                                              \
        s, sizeof(s) - 1                                                                           \
    }
static const struct slice names[] = {
    [CC_MAX_AGE] = NAME("max-age"),
    [CC_S_MAXAGE] = NAME("s-maxage"),
    [CC_STALE_WHILE_REVALIDATE] = NAME("stale-while-revalidate"),
    [CC_STALE_IF_ERROR] = NAME("stale-if-error"),
    [CC_MAX_STALE] = NAME("max-stale"),
    [CC_MIN_FRESH] = NAME("min-fresh"),
    [CC_NO_STORE] = NAME("no-store"),
    [CC_NO_CACHE] = NAME("no-cache"),
    [CC_PRIVATE] = NAME("private"),
    [CC_PUBLIC] = NAME("public"),
    [CC_MUST_REVALIDATE] = NAME("must-revalidate"),
    [CC_PROXY_REVALIDATE] = NAME("proxy-revalidate"),
    [CC_MUST_UNDERSTAND] = NAME("must-understand"),
    [CC_ONLY_IF_CACHED] = NAME("only-if-cached"),
    [CC_NO_TRANSFORM] = NAME("no-transform"),
};
static_assert(COUNT_OF(names) == CC_COUNT, "each directive has a name");

int delta_seconds_parse(struct slice text, uint32_t *ret_seconds)
{
    uint64_t value = 0;

    if (text.len == 0)
        return -EINVAL;
    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_is_digit(text.data[i]))
            return -EINVAL;
        value = MIN(value * 10 + (uint64_t)(text.data[i] - '0'), DELTA_SECONDS_MAX);
    }
    *ret_seconds = (uint32_t)value;
    return 0;
}

/* The piece up to the next comma outside of quotes (RFC 9110 section 5.6.4). */
static bool next_member(struct slice *rest, struct slice *ret_member)
{
    bool is_quoted = false;
    size_t end = 0;

    if (!rest->data)
        return false;
    for (; end < rest->len && (is_quoted || rest->data[end] != ','); end++) {
        if (rest->data[end] == '"')
            is_quoted = !is_quoted;
        else if (is_quoted && rest->data[end] == '\\' && end + 1 < rest->len)
            end++;
    }
    *ret_member = slice_trim(slice_of(rest->data, end));
    *rest = end < rest->len ? slice_from(*rest, end + 1) : slice_of(NULL, 0);
    return true;
}

static int number_of(struct slice argument, uint32_t *ret_seconds)
{
    size_t len = argument.len;

    if (len >= 2 && argument.data[0] == '"' && argument.data[len - 1] == '"')
        argument = slice_of(argument.data + 1, len - 2);
    return delta_seconds_parse(argument, ret_seconds);
}

static void add_seconds(struct cache_control *control, enum cache_directive directive,
                        struct slice argument, bool has_argument)
{
    uint32_t seconds = 0;
    bool is_broken = false;

    if (directive == CC_MAX_STALE && !has_argument)
        seconds = DELTA_SECONDS_MAX;
    else if (number_of(argument, &seconds) != 0)
        is_broken = true;
    if (cache_control_has(control, directive) && control->seconds[directive] != seconds)
        is_broken = true;
    if (is_broken || (control->broken & BIT(directive)) != 0) {
        control->broken |= BIT(directive);
        seconds = 0;
    }
    control->seconds[directive] = seconds;
    control->present |= BIT(directive);
}

static void add_member(struct cache_control *control, struct slice member)
{
    ptrdiff_t equals = slice_find(member, '=');
    bool has_argument = equals != -1;
    struct slice name = has_argument ? slice_of(member.data, (size_t)equals) : member;
    struct slice argument = has_argument ? slice_from(member, (size_t)equals + 1) : slice_of("", 0);

    for (unsigned i = 0; i < CC_COUNT; i++) {
        if (!slice_equal_nocase(name, names[i]))
            continue;
        if (i < CC_SECONDS_COUNT)
            add_seconds(control, (enum cache_directive)i, argument, has_argument);
        else
            control->present |= BIT(i);
    }
}

void cache_control_add(struct cache_control *control, struct slice value)
{
    struct slice member;

    while (next_member(&value, &member))
        add_member(control, member);
}
