/* SPDX-License-Identifier: MIT */
/*
 * counted.h - an object with counted references, shared between a cache and the output that still
 * sends from it. One thread only: the count is not atomic.
 *
 * Embed it first; the maker holds the first reference. Whoever drops the last one calls release.
 */
#ifndef TINYWEB_BASE_COUNTED_H
#define TINYWEB_BASE_COUNTED_H

#include <assert.h>
#include <stdint.h>

struct counted {
    uint32_t references;
    void (*release)(struct counted *object);
};

static inline void counted_init(struct counted *object, void (*release)(struct counted *object))
{
    *object = (struct counted){.references = 1, .release = release};
}

static inline void counted_ref(struct counted *object)
{
    object->references++;
}

static inline void counted_unref(struct counted *object)
{
    if (!object)
        return;
    assert(object->references > 0);
    if (--object->references == 0)
        object->release(object);
}

#endif
