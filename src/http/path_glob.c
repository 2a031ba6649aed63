/* SPDX-License-Identifier: MIT */
/* path_glob.c - a machine of at most 63 states, which are the bits of a word. */
#include "http/path_glob.h"

static size_t star_count(struct slice text)
{
    size_t count = 0;

    while (count < text.len && text.data[count] == '*')
        count++;
    return count;
}

/* Of "**" and "/" at @at, 0 when something else stands there. */
static size_t missing_segment_length(struct slice pattern, size_t at)
{
    size_t stars = star_count(slice_from(pattern, at));

    return stars > 1 && at + stars < pattern.len && pattern.data[at + stars] == '/' ? stars + 1 : 0;
}

static void add_byte(struct path_glob *glob, char c, uint64_t step)
{
    if (c != '?') {
        glob->steps[(unsigned char)c] |= step;
        return;
    }
    for (unsigned byte = 0; byte < 256; byte++)
        glob->steps[byte] |= byte == '/' ? 0 : step;
}

bool path_glob_compile(struct path_glob *glob, struct slice pattern)
{
    bool starts_segment = true;
    uint64_t step = 1;

    if (pattern.len > PATH_GLOB_LENGTH_MAX)
        return false;
    *glob = (struct path_glob){.is_whole_path = pattern.len > 0 && pattern.data[0] == '/'};
    for (size_t at = glob->is_whole_path; at < pattern.len; step <<= 1) {
        size_t missing = starts_segment ? missing_segment_length(pattern, at) : 0;
        size_t stars;

        while (missing > 0 && missing_segment_length(pattern, at + missing) > 0) {
            at += missing; /* one of them says it all */
            missing = missing_segment_length(pattern, at);
        }
        stars = star_count(slice_from(pattern, at));
        if (stars == 0) {
            add_byte(glob, pattern.data[at], step);
            starts_segment = pattern.data[at] == '/';
            at++;
            continue;
        }
        at += stars;
        if (stars == 1)
            glob->any_in_segment |= step;
        else
            glob->any |= step;
        if (missing > 0)
            glob->missing_segment |= step;
        starts_segment = false;
    }
    glob->end = step;
    return true;
}

/* With the states that are reached without a byte. */
static uint64_t enter(const struct path_glob *glob, uint64_t states)
{
    states |= (states & glob->missing_segment) << 2;
    states |= (states & (glob->any_in_segment | glob->any)) << 1;
    return states;
}

bool path_glob_matches(const struct path_glob *glob, struct slice name)
{
    struct slice text = glob->is_whole_path
                            ? name
                            : slice_from(name, (size_t)(slice_find_last(name, '/') + 1));
    uint64_t states = enter(glob, 1);

    for (size_t i = 0; i < text.len && states != 0; i++) {
        unsigned char c = (unsigned char)text.data[i];
        uint64_t stay = states & (c == '/' ? glob->any : glob->any | glob->any_in_segment);

        states = enter(glob, (states & glob->steps[c]) << 1) | stay | stay << 1;
    }
    return (states & glob->end) != 0;
}
