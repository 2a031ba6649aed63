/* SPDX-License-Identifier: MIT */
/*
 * location_table.c - prefixes in order, each with a link to the longest one that contains it.
 *
 * In the order in which "/" comes before all other bytes, whatever lies below a prefix follows it
 * directly. So the longest prefix of a path is the last entry that is not behind the path, or one
 * of those that contain that entry: one binary search, then a short walk up.
 */
#include "http/location_table.h"

#include "http/http_context.h"

#include <errno.h>
#include <stdlib.h>

struct rule {
    struct slice prefix;
    ptrdiff_t parent; /* the first rule of the next shorter prefix, -1 for none */
    const struct path_glob *globs;
    size_t glob_count; /* 0: it takes every path */
    size_t order;
    struct http_site site;
};

struct location_table {
    size_t count;
    struct rule rules[]; /* by prefix; of one prefix those with patterns first, in file order */
};

static int rank_of(char c)
{
    return c == '/' ? 0 : (unsigned char)c + 1;
}

static size_t common_length(struct slice a, struct slice b)
{
    size_t limit = MIN(a.len, b.len), len = 0;

    while (len < limit && a.data[len] == b.data[len])
        len++;
    return len;
}

static int compare_paths(struct slice a, struct slice b, size_t common)
{
    if (common < a.len && common < b.len)
        return rank_of(a.data[common]) - rank_of(b.data[common]);
    return (a.len > b.len) - (a.len < b.len);
}

static int compare_rules(const void *left, const void *right)
{
    const struct rule *a = left, *b = right;
    int order = compare_paths(a->prefix, b->prefix, common_length(a->prefix, b->prefix));

    if (order == 0)
        order = (a->glob_count == 0) - (b->glob_count == 0);
    if (order == 0) /* of a location for one host and one for all, the former comes first */
        order = (a->site.location->host == NULL) - (b->site.location->host == NULL);
    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

/* Whether the prefix, whose bytes agree with the path's, ends where a segment of it does. */
static bool ends_at_border(struct slice prefix, struct slice path)
{
    return prefix.len == 0 || prefix.len == path.len || path.data[prefix.len] == '/';
}

static bool contains(struct slice prefix, struct slice path)
{
    return common_length(prefix, path) == prefix.len && ends_at_border(prefix, path);
}

static void link_parents(struct location_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        struct rule *rule = &table->rules[i];
        ptrdiff_t parent = (ptrdiff_t)i - 1;

        if (i > 0 && slice_equal(rule->prefix, rule[-1].prefix)) {
            rule->parent = rule[-1].parent;
            continue;
        }
        while (parent >= 0 && !contains(table->rules[parent].prefix, rule->prefix))
            parent = table->rules[parent].parent;
        while (parent > 0 &&
               slice_equal(table->rules[parent - 1].prefix, table->rules[parent].prefix))
            parent--;
        rule->parent = parent;
    }
}

int location_table_create(const struct http_context *http, const struct route_config *routes,
                          size_t count, struct path_glob *const *globs,
                          struct location_table **ret_table)
{
    struct location_table *table = calloc(1, sizeof(*table) + count * sizeof(struct rule));

    if (!table)
        return -ENOMEM;
    table->count = count;
    for (size_t i = 0; i < count; i++) {
        const struct location_config *location = routes[i].location;
        struct rule *rule = &table->rules[i];

        *rule = (struct rule){
            .prefix = slice_from_string(location->prefix ? location->prefix : ""),
            .globs = globs[location - http->config->locations],
            .glob_count = location->globs.count,
            .order = i,
        };
        http_site_init(&rule->site, http, &routes[i].site, location);
    }
    qsort(table->rules, count, sizeof(struct rule), compare_rules);
    link_parents(table);
    *ret_table = table;
    return 0;
}

void location_table_destroy(struct location_table *table)
{
    free(table);
}

static bool takes(const struct rule *rule, struct slice name)
{
    for (size_t i = 0; i < rule->glob_count; i++) {
        if (path_glob_matches(&rule->globs[i], name))
            return true;
    }
    return rule->glob_count == 0;
}

/* Of the rules with the prefix of the @first; NULL: none takes the path. */
static const struct rule *pick(const struct location_table *table, const struct rule *first,
                               struct slice name)
{
    const struct rule *end = table->rules + table->count;

    for (const struct rule *rule = first; rule < end && slice_equal(rule->prefix, first->prefix);
         rule++) {
        if (takes(rule, name))
            return rule;
    }
    return NULL;
}

/* The last rule that is not behind @name, -1 for none; *@ret_common: bytes it shares with it. */
static ptrdiff_t search(const struct location_table *table, struct slice name, size_t *ret_common)
{
    ptrdiff_t low = 0, high = (ptrdiff_t)table->count;

    while (low < high) {
        ptrdiff_t middle = low + (high - low) / 2;
        struct slice prefix = table->rules[middle].prefix;

        if (compare_paths(prefix, name, common_length(prefix, name)) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0)
        *ret_common = common_length(table->rules[low - 1].prefix, name);
    return low - 1;
}

const struct http_site *location_table_find(const struct location_table *table, struct slice name)
{
    size_t common = 0;
    ptrdiff_t at = search(table, name, &common);

    while (at > 0 && slice_equal(table->rules[at - 1].prefix, table->rules[at].prefix))
        at--;
    for (; at >= 0; at = table->rules[at].parent) {
        const struct rule *first = &table->rules[at], *rule;

        if (first->prefix.len > common || !ends_at_border(first->prefix, name))
            continue;
        rule = pick(table, first, name);
        if (rule)
            return &rule->site;
    }
    return NULL;
}
