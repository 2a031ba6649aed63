/* SPDX-License-Identifier: MIT */
/* cache_policy.c - looks at the parts of a file's name. */
#include "http/cache_policy.h"

#include "base/macros.h"

#define HASH_LENGTH_MIN 8
/* A name that is a hash from its start on wants to be longer. */
#define WHOLE_HASH_LENGTH_MIN 16

static const char for_ever[] = "public, max-age=31536000, immutable";
static const char ask_first[] = "no-cache";
static const char keep_and_ask[] = "max-age=0, must-revalidate";

/* Extensions of what pages load. */
static const char *const asset_extensions[] = {
    "js",   "mjs", "css", "map",  "wasm", "woff2", "woff", "ttf", "otf",  "png", "jpg",
    "jpeg", "gif", "svg", "webp", "avif", "jxl",   "ico",  "mp4", "webm", "mp3", "ogg",
};

/* Names that must stay the same while their content changes. */
static const char *const changing_names[] = {
    "sw.js",          "service-worker.js",   "serviceworker.js",
    "ngsw-worker.js", "ngsw.json",           "firebase-messaging-sw.js",
    "manifest.json",  "asset-manifest.json", "registersw.js",
};

static bool is_among(const char *const *names, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal_nocase(slice_from_string(names[i]), name))
            return true;
    }
    return false;
}

static bool is_letter(char c)
{
    c = ascii_lower(c);
    return c >= 'a' && c <= 'z';
}

struct part_traits {
    bool is_word; /* letters, digits and "_" alone */
    bool is_hex;  /* in lower case */
    bool has_capital;
    unsigned digits, letters;
    unsigned changes; /* between digits and others */
};

static struct part_traits look_at(struct slice part)
{
    struct part_traits traits = {.is_hex = true, .is_word = true};

    for (size_t i = 0; i < part.len; i++) {
        char c = part.data[i];
        bool is_digit = ascii_is_digit(c);

        traits.digits += is_digit;
        traits.letters += is_letter(c);
        traits.has_capital = traits.has_capital || (c >= 'A' && c <= 'Z');
        traits.is_hex = traits.is_hex && (is_digit || (c >= 'a' && c <= 'f'));
        traits.is_word = traits.is_word && (is_digit || is_letter(c) || c == '_');
        if (i > 0 && is_digit != ascii_is_digit(part.data[i - 1]))
            traits.changes++;
    }
    return traits;
}

/* Words have no digits, or one or two in a place ("bootstrap5", "MyView3D"); dates and versions are
 * digits alone. */
static bool is_hash(struct slice part, bool is_first)
{
    struct part_traits traits = look_at(part);

    if (part.len < (is_first ? WHOLE_HASH_LENGTH_MIN : HASH_LENGTH_MIN) || !traits.is_word ||
        traits.digits == 0 || traits.letters == 0)
        return false;
    return traits.is_hex ||
           (!is_first && traits.has_capital && traits.digits >= 2 && traits.changes >= 3);
}

static struct slice name_of(struct slice path)
{
    return slice_from(path, (size_t)(slice_find_last(path, '/') + 1));
}

bool cache_policy_is_hashed(struct slice path)
{
    struct slice name = name_of(path);
    ptrdiff_t dot = slice_find_last(name, '.');
    size_t start = 0;

    if (dot <= 0 ||
        !is_among(asset_extensions, COUNT_OF(asset_extensions), slice_from(name, (size_t)dot + 1)))
        return false;
    for (size_t i = 0; i <= (size_t)dot; i++) {
        if (name.data[i] != '.' && name.data[i] != '-')
            continue;
        if (is_hash(slice_of(name.data + start, i - start), start == 0))
            return true;
        start = i + 1;
    }
    return false;
}

const char *cache_policy_of(struct slice path, struct slice type)
{
    struct slice name = name_of(path);

    if (is_among(changing_names, COUNT_OF(changing_names), name) ||
        slice_starts_with(type, SLICE_LITERAL("text/html")) ||
        slice_starts_with(type, SLICE_LITERAL("application/xhtml+xml")) ||
        slice_starts_with(type, SLICE_LITERAL("application/manifest+json")))
        return ask_first;
    return cache_policy_is_hashed(path) ? for_ever : keep_and_ask;
}
