/* SPDX-License-Identifier: MIT */
/*
 * config_environment.c - from the name of a variable to a section and a key.
 *
 * Names are compared with what each section and key would be called, so that nothing has to be
 * taken apart; a name that fits two of them is refused.
 */

#include "config/config_environment.h"

#include "config/config_origin.h"
#include "config/config_schema.h"
#include "config/config_sections.h"
#include "config/ini_scanner.h"
#include "config/suggestion.h"

#include <stdlib.h>

#define PREFIX "TINYWEB_"

/* "location " and a name. */
#define SECTION_SIZE (INI_NAME_MAX + 16)

/* What a variable stands for. */
struct meaning {
    char section[SECTION_SIZE], key[INI_NAME_MAX + 1];
};

struct lookup {
    struct config_store *store;
    struct slice rest; /* of the name, behind the prefix */
    struct config_place place;
    struct meaning found;
    unsigned count; /* of meanings */
    bool is_section_known;
    struct suggestion suggestion;
    char best[2 * SUGGESTION_WORD_MAX];
};

static char spelled(char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    return (c >= 'A' && c <= 'Z') || ascii_is_digit(c) ? c : '_';
}

/* Whether @name starts with what @text is spelled like, and a "_". */
static bool starts_like(struct slice name, struct slice text)
{
    if (name.len <= text.len || name.data[text.len] != '_')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (name.data[i] != spelled(text.data[i]))
            return false;
    }
    return true;
}

static bool is_field(const struct directive *row)
{
    return row->type == CFG_HEADERS || row->type == CFG_SET_HEADERS;
}

/* @key is in lower case: "error_page_404". Makes it one that the section has. */
static bool find_key(struct slice kind, char *key)
{
    struct slice member;
    const struct directive *row = schema_find(kind, slice_from_string(key), &member);
    for (char *c = key; *c && !row; c++) {
        if (*c != '_')
            continue;
        *c = '.';
        row = schema_find(kind, slice_from_string(key), &member);
        if (!row)
            *c = '_';
    }
    for (char *c = strchr(key, '.'); row && is_field(row) && c && *c; c++) {
        if (*c == '_')
            *c = '-';
    }
    return row != NULL;
}

static void suggest_key(struct lookup *lookup, struct slice section, struct slice kind)
{
    for (size_t i = 0; i < schema_count(); i++) {
        char name[sizeof(lookup->best)];
        struct slice member;
        const struct directive *row = schema_row(i);
        if (schema_find(kind, slice_from_string(row->key), &member) != row)
            continue;
        int len = snprintf(name, sizeof(name), "%.*s_%.*s", SLICE_PRINTF(section),
                           (int)strcspn(row->key, "."), row->key);
        unsigned before = lookup->suggestion.best ? lookup->suggestion.best_distance : ~0U;
        for (char *c = name; *c; c++)
            *c = spelled(*c);
        suggestion_try(&lookup->suggestion, slice_of(name, MIN((size_t)len, sizeof(name) - 1)),
                       lookup->best);
        if (lookup->suggestion.best && lookup->suggestion.best_distance < before)
            memcpy(lookup->best, name, sizeof(name));
    }
}

/* @section is "server" or "host www". */
static void try_section(struct lookup *lookup, const char *section)
{
    struct meaning meaning;
    struct slice label, text = slice_from_string(section), kind = section_kind(text, &label);
    if (!starts_like(lookup->rest, text))
        return;
    struct slice key = slice_from(lookup->rest, text.len + 1);
    if (!lookup->is_section_known)
        lookup->suggestion.best = NULL; /* of other sections */
    lookup->is_section_known = true;
    if (key.len > INI_NAME_MAX)
        return;
    for (size_t i = 0; i < key.len; i++)
        meaning.key[i] = ascii_lower(key.data[i]);
    meaning.key[key.len] = '\0';
    if (!find_key(kind, meaning.key)) {
        suggest_key(lookup, text, kind);
        return;
    }
    (void)snprintf(meaning.section, sizeof(meaning.section), "%s", section);
    if (lookup->count++ > 0)
        report_error(lookup->store->report, lookup->place,
                     "means %s of [%s] and %s of [%s]: give one of them another name",
                     lookup->found.key, lookup->found.section, meaning.key, meaning.section);
    lookup->found = meaning;
}

static void try_sections(struct lookup *lookup)
{
    const struct config *config = lookup->store->config;
    char section[SECTION_SIZE];
    const char *last = "";
    for (size_t i = 0; i < schema_count(); i++) {
        const char *name = schema_row(i)->section;
        if (strcmp(name, last) != 0 && !schema_is_named_section(slice_from_string(name)))
            try_section(lookup, name);
        last = name;
    }
    struct section_walk walk = {0, 0};
    const char *kind;
    const struct section_head *head;
    while (sections_next(config, &walk, &kind, &head)) {
        (void)snprintf(section, sizeof(section), "%s %s", kind, head->name);
        try_section(lookup, section);
    }
}

/* Of another program that starts this one, or of this one that starts itself. */
static bool is_reserved(struct slice rest)
{
    static const char *const names[] = {"LISTEN_FDS", "READY_FD"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (slice_equal(rest, slice_from_string(names[i])))
            return true;
    }
    return false;
}

/* Kubernetes gives each container the addresses of its services: of one that is called tinyweb
 * TINYWEB_SERVICE_HOST, TINYWEB_SERVICE_PORT_HTTP, TINYWEB_PORT and TINYWEB_PORT_80_TCP. */
static bool is_service_link(struct slice rest)
{
    for (size_t i = 0; i < rest.len; i++) {
        struct slice tail = slice_from(rest, i);
        bool is_start = i == 0 || rest.data[i - 1] == '_';
        if (is_start && (slice_starts_with(tail, SLICE_LITERAL("SERVICE_HOST")) ||
                         slice_starts_with(tail, SLICE_LITERAL("SERVICE_PORT")) ||
                         slice_equal(tail, SLICE_LITERAL("PORT")) ||
                         (slice_starts_with(tail, SLICE_LITERAL("PORT_")) && tail.len > 5 &&
                          ascii_is_digit(tail.data[5]))))
            return true;
    }
    return false;
}

static void report_unknown(struct lookup *lookup)
{
    if (is_reserved(lookup->rest) || is_service_link(lookup->rest))
        return;
    if (!lookup->is_section_known) {
        suggest_key(lookup, SLICE_LITERAL("server"), SLICE_LITERAL("server"));
        suggest_key(lookup, SLICE_LITERAL("mime"), SLICE_LITERAL("mime"));
        suggest_key(lookup, SLICE_LITERAL("cache"), SLICE_LITERAL("cache"));
    }
    const char *near = lookup->suggestion.best;
    report_warning(lookup->store->report, lookup->place, "there is no such directive%s%s%s",
                   near ? ", did you mean " PREFIX : "", near ? near : "", near ? "?" : "");
}

static void apply(struct lookup *lookup, const char *value, const char *base_dir)
{
    const struct entry_source source = {lookup->place.file, base_dir, true};
    struct slice text = slice_trim(slice_from_string(value));
    struct config_entry entry = {.section = lookup->found.section, .key = lookup->found.key};
    if (!environment_is_text(text)) {
        report_error(lookup->store->report, lookup->place, "holds control bytes or no UTF-8");
        return;
    }
    entry.value = report_copy(lookup->store->report, text);
    if (entry.value)
        store_entry(lookup->store, &entry, &source);
    free(entry.value);
}

/* "environment TINYWEB_SERVER_LISTEN", kept by the configuration; NULL without memory. */
static const char *name_of_place(struct config_store *store, struct slice name)
{
    char text[256];
    (void)snprintf(text, sizeof(text), "environment %.*s", SLICE_PRINTF(name));
    return origin_name(store->config, text, store->report);
}

void environment_apply(struct config_store *store, const char *base_dir)
{
    for (environment_list entry = store->environment; entry && *entry; entry++) {
        struct slice text = slice_from_string(*entry);
        ptrdiff_t equals = slice_find(text, '=');
        if (equals < 0 || !slice_starts_with(text, SLICE_LITERAL(PREFIX)))
            continue;
        struct slice name = slice_of(text.data, (size_t)equals);
        struct lookup lookup = {.store = store, .rest = slice_from(name, strlen(PREFIX))};
        lookup.suggestion.word = lookup.rest;
        lookup.place.file = name_of_place(store, name);
        if (!lookup.place.file)
            return;
        try_sections(&lookup);
        if (lookup.count == 0)
            report_unknown(&lookup);
        else if (lookup.count == 1)
            apply(&lookup, text.data + equals + 1, base_dir);
    }
}
