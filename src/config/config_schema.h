/* SPDX-License-Identifier: MIT */
/*
 * config_schema.h - THE table of directives: all that is known of a key stands in its row.
 *
 * Parsing, ranges, defaults, "did you mean", -t, -T, and the check that manual and sample agree
 * are made from it. A new directive is a row here, a field in config.h, and a line in both texts.
 */
#ifndef TINYWEB_CONFIG_CONFIG_SCHEMA_H
#define TINYWEB_CONFIG_CONFIG_SCHEMA_H

#include "base/slice.h"
#include "base/writer.h"

#include <stdbool.h>
#include <stdint.h>

enum directive_type {
    CFG_BOOL,
    CFG_COUNT,      /* unsigned; `words` name special values ("auto" for 0) */
    CFG_SIZE,       /* bytes */
    CFG_DURATION,   /* milliseconds */
    CFG_CHOICE,     /* one of `words`; the first of equal value is the one that is printed */
    CFG_INCLUDES,   /* struct string_list of files that were read; files only may set it */
    CFG_NAMES,      /* struct string_list of file names */
    CFG_ADDRESSES,  /* struct server_config's listen and listen_count */
    CFG_NETWORKS,   /* struct network_list; the first of `words` stands for the empty one */
    CFG_HOST_NAMES, /* struct host_config's server_names and is_default */
    CFG_LABEL,      /* string: the name of a section */
    CFG_PREFIX,     /* string: a decoded path, normalised */
    CFG_GLOBS,      /* struct string_list; the first of `words` stands for the empty one */
    CFG_ORIGINS,    /* the same of origins */
    CFG_REDIRECT,   /* struct redirect_config */
    CFG_SITE_FILE,  /* string: a path below the root, without the leading "/" */
    CFG_USER,       /* string; the first of `words` stands for NULL, here and below */
    CFG_GROUP,
    CFG_TOKEN,         /* a token of RFC 9110 section 5.6.2 */
    CFG_MEDIA_TYPE,    /* "text/html" */
    CFG_MEDIA_TYPES,   /* struct string_list of them; "*" is every subtype */
    CFG_DIRECTORY,     /* made absolute */
    CFG_FILE,          /* made absolute */
    CFG_LOG,           /* struct log_destination: one of `words`, or a file */
    CFG_LOG_LEVEL,     /* the default level */
    CFG_MODULE_LEVELS, /* family: log_level.MODULE */
    CFG_CACHE_CONTROL, /* string; NULL, "auto" or a text */
    CFG_TEXT,          /* string of printable ASCII */
    CFG_ERROR_PAGES,   /* family: error_page.NNN */
    CFG_HEADERS,       /* family: header.NAME */
    CFG_SET_HEADERS,   /* family: set_header.NAME */
    CFG_FIELD_NAMES,   /* struct string_list; the first of `words` stands for the empty one */
    CFG_FORWARD_HOST,  /* struct forward_config's host_kind and host */
    CFG_AUTHORITY,     /* string: a host and perhaps a port; the first of `words` stands for NULL */
    CFG_SERVERS,       /* struct upstream_config's servers that have no label */
    CFG_SERVER,        /* family: server.NAME */
    CFG_WORDS,         /* the bits of some of `words`; the first of them stands alone, for 0 */
    CFG_HASH_KEY,      /* struct hash_key_config */
    CFG_TARGET,        /* string: a path with a query, as it is sent */
    CFG_STATUS_RANGE,  /* struct status_range */
};

/* What the offset of a row refers to. Rows of RECORD_SITE are those that are inherited: they stand
 * in the table for [server], and may stand in [host] and [location], too. */
enum record_kind {
    RECORD_CONFIG,
    RECORD_SITE,
    RECORD_HOST,
    RECORD_LOCATION,
    RECORD_UPSTREAM,
    RECORD_REPLY_CACHE
};

/* A word of cache_control that stands for itself. */
#define CACHE_CONTROL_AUTO 1

/* A list of them ends with a NULL word. */
struct directive_word {
    const char *word;
    unsigned value;
};

struct directive {
    const char *section;
    const char *key; /* of a family with its placeholder: "error_page.NNN" */
    enum directive_type type;
    enum record_kind record;
    size_t offset, size; /* of the field in the record */
    const char *def;     /* as it would be written; NULL: there is none */
    uint64_t min, max;   /* of numbers, in the unit of the field */
    const struct directive_word *words;
    const char *help; /* one sentence */
};

size_t schema_count(void);
const struct directive *schema_row(size_t index);
size_t schema_index(const struct directive *row);

bool directive_is_family(const struct directive *row);

/*
 * The row of a key. For a member of a family ("log_level.net") *@ret_member is the part behind
 * the dot, else it is empty. NULL when nothing has that name. Names are compared in lower case.
 */
const struct directive *schema_find(struct slice section, struct slice key,
                                    struct slice *ret_member);
bool schema_has_section(struct slice name);
/* "[server], [mime], …, [host NAME]" */
void schema_write_sections(struct writer *w);

/* [host NAME] and the like: there may be many, each with a name of its own. */
bool schema_is_named_section(struct slice name);
/* Those that inherit from [server]. */
bool schema_is_site_section(struct slice name);

/* "host" and "www" of "host www": the kind of a section and its name, empty without one. Of
 * "cache main" the kind is "cache NAME", since "cache" is another one. */
struct slice section_kind(struct slice section, struct slice *ret_name);

/* What to say for an unknown name; NULL when nothing is near. */
const char *schema_suggest_section(struct slice name);
const char *schema_suggest_key(struct slice section, struct slice key);
/* A section other than @section that knows the key; NULL without one. */
const char *schema_other_section(struct slice section, struct slice key);

#endif
