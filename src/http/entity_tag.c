/* SPDX-License-Identifier: MIT */
/* entity_tag.c - from size, time or bytes of a file to a tag. */
#include "http/entity_tag.h"

#include "base/writer.h"
#include "file/content_hash.h"

/* 1980-01-02 00:00:00 UTC: the first day of ZIP's calendar, in whatever time zone. */
#define TELLING_MTIME 315619200

static bool has_telling_mtime(const struct open_file *file)
{
    return file->mtime.tv_sec > TELLING_MTIME;
}

static bool write_hash(struct writer *w, const struct open_file *file)
{
    struct content_hash hash;

    if (content_hash_of(file, &hash) != 0)
        return false;
    writer_hex(w, hash.high);
    writer_char(w, '-');
    writer_hex(w, hash.low);
    return true;
}

static bool write_mtime(struct writer *w, const struct open_file *file)
{
    if (!has_telling_mtime(file))
        return false;
    writer_hex(w, file->size);
    writer_char(w, '-');
    writer_hex(w, (uint64_t)file->mtime.tv_sec);
    writer_char(w, '.');
    writer_hex(w, (uint64_t)file->mtime.tv_nsec);
    return true;
}

struct slice entity_tag_write(char out[ENTITY_TAG_SIZE], const struct open_file *file,
                              enum content_coding coding, enum etag_kind kind, unsigned level)
{
    struct writer w = writer_on(out, ENTITY_TAG_SIZE);
    bool wants_hash = kind == ETAG_HASH || !has_telling_mtime(file);

    if (kind == ETAG_OFF)
        return slice_of(NULL, 0);
    writer_char(&w, '"');
    if (!(wants_hash && write_hash(&w, file)) && !write_mtime(&w, file))
        return slice_of(NULL, 0);
    if (coding != CODING_IDENTITY) { /* two codings are two tags (section 8.8.3.3) */
        writer_char(&w, '-');
        writer_slice(&w, slice_from(coding_suffix(coding), 1));
        if (level > 0)
            writer_number(&w, level);
    }
    writer_char(&w, '"');
    return writer_content(&w);
}

time_t last_modified_of(const struct open_file *file, time_t now)
{
    return has_telling_mtime(file) && file->mtime.tv_sec <= now ? file->mtime.tv_sec : -1;
}
