/* SPDX-License-Identifier: MIT */
/* config_override.c - "section.key=value", as -g has it. */

#include "config/config_override.h"

#include "config/config_schema.h"
#include "config/config_sections.h"

#include <stdlib.h>

static void report_unknown_section(struct config_store *store, const char *section,
                                   struct config_place place)
{
    const char *near = schema_suggest_section(slice_from_string(section));
    report_error(store->report, place, "unknown section \"%s\"%s%s%s", section,
                 near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* One with a name: that the file has. */
static bool is_section(const struct config_store *store, struct slice text)
{
    const struct config *config = store->config;
    struct slice name, kind = section_kind(text, &name);
    if (!schema_is_named_section(kind))
        return name.len == 0 && schema_has_section(kind);
    struct section_walk walk = {0, 0};
    const char *known_kind;
    const struct section_head *head;
    while (sections_next(config, &walk, &known_kind, &head)) {
        if (slice_starts_with(kind, slice_from_string(known_kind)) &&
            slice_equal_nocase(slice_from_string(head->name), name))
            return true;
    }
    return false;
}

/* Where the section ends in "section.key": the names of hosts may have dots of their own. */
static ptrdiff_t section_end(const struct config_store *store, struct slice text)
{
    ptrdiff_t first = slice_find(text, '.');
    for (size_t i = text.len; i > 0; i--) {
        if (text.data[i - 1] == '.' && is_section(store, slice_of(text.data, i - 1)))
            return (ptrdiff_t)i - 1;
    }
    return first;
}

void override_apply(struct config_store *store, const struct config_override *override,
                    const char *base_dir)
{
    struct config_place place = {.file = override->origin};
    struct slice text = slice_from_string(override->text);
    ptrdiff_t equals = slice_find(text, '=');
    struct slice name = slice_trim(slice_of(text.data, equals < 0 ? text.len : (size_t)equals));
    ptrdiff_t dot = section_end(store, name);
    if (equals < 0 || dot <= 0) {
        const char *section = schema_other_section(SLICE_LITERAL(""), name);
        if (section && schema_is_named_section(slice_from_string(section)))
            section = NULL; /* which of them? */
        report_error(store->report, place, "\"%.*s\" is not of the form section.key=value%s%s%s",
                     REPORT_VALUE(text), section ? ": put \"" : "", section ? section : "",
                     section ? ".\" before it" : "");
        return;
    }
    const struct entry_source source = {override->origin, base_dir, true};
    struct config_entry entry = {
        .section = report_copy_lower(store->report, slice_of(name.data, (size_t)dot)),
        .key = report_copy_lower(store->report, slice_from(name, (size_t)dot + 1)),
        .value = report_copy(store->report, slice_trim(slice_from(text, (size_t)equals + 1))),
    };
    if (entry.section && !is_section(store, slice_from_string(entry.section)))
        report_unknown_section(store, entry.section, place);
    else if (entry.section && entry.key && entry.value)
        store_entry(store, &entry, &source);
    free(entry.section);
    free(entry.key);
    free(entry.value);
}
