/* SPDX-License-Identifier: MIT */
/* errno_answer.c - the errors that say something about the request, or about this moment. */
#include "handler/errno_answer.h"

#include "http/error_response.h"

#include <errno.h>

struct row {
    int err;
    unsigned status;
    const char *reason;
};

void errno_answer(struct http_context *http, struct response *resp, int err)
{
    static const struct row rows[] = {
        {-ENOENT, 404, "not-found"},       {-ENOTDIR, 404, "not-found"},
        {-ENAMETOOLONG, 404, "not-found"}, {-ELOOP, 404, "symlink-loop"},
        {-EXDEV, 404, "symlink"},          {-EACCES, 403, "permission"},
        {-EPERM, 403, "permission"},       {-ENXIO, 403, "not-a-file"},
        {-ENODEV, 403, "not-a-file"},      {-EMFILE, 503, "out-of-files"},
        {-ENFILE, 503, "out-of-files"},    {-ENOMEM, 503, "out-of-memory"},
        {-EAGAIN, 503, "file-changing"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].err == err) {
            if (err == -EMFILE || err == -ENFILE)
                limit_log_note(&http->limit_log, LIMIT_OPEN_FILES, NULL, loop_now_ms(http->loop));
            else if (err == -ENOMEM)
                limit_log_note(&http->limit_log, LIMIT_MEMORY, NULL, loop_now_ms(http->loop));
            if (rows[i].status == 503)
                writer_literal(&resp->headers, "Retry-After: 1\r\n");
            error_response(http, resp, rows[i].status, rows[i].reason);
            return;
        }
    }
    error_response(http, resp, 500, "io-error");
}
