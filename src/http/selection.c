/* SPDX-License-Identifier: MIT */
/* selection.c - looks for siblings, chooses one, and refuses one that is out of date; else takes what
 * was compressed here. */
#include "http/selection.h"

#include "base/log.h"
#include "http/accept_encoding.h"
#include "http/compressor.h"

#include <errno.h>
#include <limits.h>

static struct slice path_of(const struct open_file *file)
{
    return slice_of(file->path, file->path_len);
}

static int represent(struct http_context *http, struct response *resp,
                     const struct representation_traits *traits)
{
    resp->rep = representation_of(resp->file, loop_wall_seconds(http->loop), traits,
                                  &http->representation);
    return resp->rep ? 0 : -ENOMEM;
}

/* The representation of the file itself, whose lines say whether it is negotiated. When that has
 * changed, it is made anew, together with the bytes that it stands in front of. */
static int represent_identity(struct http_context *http, struct response *resp, bool has_siblings)
{
    const struct representation_traits traits = {.site = resp->site->config,
                                                 .is_negotiated = has_siblings};
    int err = represent(http, resp, &traits);
    struct open_file *former = resp->file;

    if (err || resp->rep->is_negotiated == (has_siblings || resp->rep->is_compressible))
        return err;
    file_cache_forget(http->files, former);
    err = file_cache_get(http->files, &resp->site->root, path_of(former), loop_now_ms(http->loop),
                         &resp->file);
    if (err)
        resp->file = former;
    else
        open_file_unref(former);
    return err ? err : represent(http, resp, &traits);
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

/* Send @other, whose reference it takes, in place of the file. False: there is no memory. */
static bool replace_file(struct http_context *http, struct response *resp, struct open_file *other,
                         enum content_coding coding, bool is_made)
{
    struct open_file *original = resp->file;
    const struct representation *original_rep = resp->rep;
    const struct representation_traits traits = {
        .site = resp->site->config, .coding = coding, .is_negotiated = true, .is_made = is_made};

    resp->file = other;
    if (represent(http, resp, &traits) != 0) {
        open_file_unref(other);
        resp->file = original;
        resp->rep = original_rep;
        return false;
    }
    open_file_unref(original);
    return true;
}

/* False: it cannot be sent. */
static bool take_sibling(struct http_context *http, struct response *resp,
                         enum content_coding coding)
{
    struct open_file *original = resp->file;
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
    return replace_file(http, resp, sibling, coding, false);
}

/* 0; SELECTION_WAIT; -EAGAIN: it cannot be sent now; or -EFBIG: it is not worth it. */
static int take_made(struct http_context *http, struct response *resp,
                     const struct selection_made *made)
{
    struct open_file *file = made->file;

    if (file)
        open_file_ref(file);
    else
        file = compressor_find(http->compressor, &resp->site->root, resp->file,
                               loop_now_ms(http->loop));
    if (file)
        return replace_file(http, resp, file, CODING_GZIP, true) ? 0 : -EAGAIN;
    if (resp->rep->is_incompressible || !open_file_is_kept(resp->file))
        return -EFBIG; /* without a cache it would be done for each request */
    return made->may_wait ? SELECTION_WAIT : -EAGAIN;
}

int selection_make(struct http_context *http, const struct request *req,
                   const struct selection_made *made, struct response *resp)
{
    struct coding_weights weights;
    unsigned siblings = 0, compressed;
    int err;

    if (resp->site->config->precompressed)
        siblings = siblings_find(http->siblings, &resp->site->root, path_of(resp->file),
                                 loop_now_ms(http->loop));
    err = represent_identity(http, resp, siblings != 0);
    if (err)
        return err;
    if (!resp->rep->is_negotiated) {
        representation_settle(resp->file);
        return 0;
    }
    compressed = resp->rep->is_compressible ? BIT(CODING_GZIP) : 0;
    accept_encoding_read(&req->headers, &weights);
    for (;;) {
        enum content_coding coding = accept_encoding_choose(&weights, siblings | compressed);

        if (coding == CODING_IDENTITY)
            return 0;
        if (coding == CODING_COUNT)
            return err == -EAGAIN ? err : 406;
        if ((siblings & BIT(coding)) && take_sibling(http, resp, coding))
            return 0;
        siblings &= ~BIT(coding);
        if (compressed & BIT(coding)) {
            err = take_made(http, resp, made);
            if (err >= 0)
                return err;
            compressed = 0;
        }
    }
}
