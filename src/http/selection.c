/* SPDX-License-Identifier: MIT */
/* selection.c - looks for siblings, chooses one, and refuses one that is out of date. */
#include "http/selection.h"

#include "base/log.h"
#include "http/accept_encoding.h"

#include <errno.h>
#include <limits.h>

static struct slice path_of(const struct open_file *file)
{
    return slice_of(file->path, file->path_len);
}

static int represent(struct http_context *http, struct response *resp, enum content_coding coding,
                     bool is_negotiated)
{
    resp->rep = representation_of(
        resp->file, loop_wall_seconds(http->loop),
        &(struct representation_traits){resp->site->config, coding, is_negotiated},
        &http->representation);
    return resp->rep ? 0 : -ENOMEM;
}

/* The representation of the file itself, whose lines say whether it is negotiated. When that has
 * changed, it is made anew, together with the bytes that it stands in front of. */
static int represent_identity(struct http_context *http, struct response *resp, bool is_negotiated)
{
    int err = represent(http, resp, CODING_IDENTITY, is_negotiated);
    struct open_file *former = resp->file;

    if (err || resp->rep->is_negotiated == is_negotiated)
        return err;
    file_cache_forget(http->files, former);
    err = file_cache_get(http->files, &resp->site->root, path_of(former), loop_now_ms(http->loop),
                         &resp->file);
    if (err)
        resp->file = former;
    else
        open_file_unref(former);
    return err ? err : represent(http, resp, CODING_IDENTITY, is_negotiated);
}

/* Compared by the second: tools that keep the time of a file often cut its fraction. A file of no
 * bytes is of no coding. */
static bool is_usable(const struct open_file *sibling, const struct open_file *original)
{
    return sibling->size > 0 && sibling->mtime.tv_sec >= original->mtime.tv_sec;
}

static void report_unusable(const struct open_file *sibling, struct open_file *original,
                            enum content_coding coding)
{
    char name[256];
    struct writer w = writer_on(name, sizeof(name));

    if (!representation_first_complaint(original, coding))
        return;
    writer_log_escaped(&w, path_of(sibling));
    log_warn(LOG_HTTP, "'%.*s' is not sent: it is %s", SLICE_PRINTF(writer_content(&w)),
             sibling->size == 0 ? "empty" : "older than the file it was made from");
}

/* Send the sibling in place of the file. False: it cannot be sent. */
static bool take_sibling(struct http_context *http, struct response *resp,
                         enum content_coding coding)
{
    struct open_file *original = resp->file;
    const struct representation *original_rep = resp->rep;
    struct open_file *sibling;
    char name[PATH_MAX];
    struct writer w = writer_on(name, sizeof(name));

    writer_slice(&w, path_of(original));
    writer_slice(&w, coding_suffix(coding));
    if (w.overflow || file_cache_get_variant(http->files, &resp->site->root, writer_content(&w),
                                             coding, loop_now_ms(http->loop), &sibling) != 0)
        return false;
    if (!is_usable(sibling, original)) {
        report_unusable(sibling, original, coding);
        open_file_unref(sibling);
        return false;
    }
    resp->file = sibling;
    if (represent(http, resp, coding, true) != 0) {
        open_file_unref(sibling);
        resp->file = original;
        resp->rep = original_rep;
        return false;
    }
    open_file_unref(original);
    return true;
}

int selection_make(struct http_context *http, const struct request *req, struct response *resp)
{
    struct coding_weights weights;
    unsigned siblings = 0;
    int err;

    if (resp->site->config->precompressed)
        siblings = siblings_find(http->siblings, &resp->site->root, path_of(resp->file),
                                 loop_now_ms(http->loop));
    err = represent_identity(http, resp, siblings != 0);
    if (err)
        return err;
    if (siblings == 0) {
        representation_settle(resp->file);
        return 0;
    }
    accept_encoding_read(&req->headers, &weights);
    for (;;) {
        enum content_coding coding = accept_encoding_choose(&weights, siblings);

        if (coding == CODING_IDENTITY)
            return 0;
        if (coding == CODING_COUNT)
            return 406;
        if (take_sibling(http, resp, coding))
            return 0;
        siblings &= ~BIT(coding);
    }
}
