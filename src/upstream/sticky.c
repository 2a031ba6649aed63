/* SPDX-License-Identifier: MIT */
/* sticky.c - sixteen hexadecimal digits. */
#include "upstream/sticky.h"

#include "base/hash.h"
#include "base/number.h"
#include "http/cookie.h"

#include <inttypes.h>

#define DIGITS 16
#define STICKY_SEED UINT64_C(0x737469636b79)

uint64_t sticky_id(const struct upstream_config *upstream,
                   const struct upstream_server_config *server, struct slice address)
{
    uint64_t hash = hash_bytes(STICKY_SEED, slice_from_string(upstream->name));
    if (server->label)
        hash = hash_bytes(hash, slice_from_string(server->label));
    if (!server->label || server->host) /* a name has several */
        hash = hash_bytes(hash, address);
    return hash | 1;
}

uint64_t sticky_read(const struct upstream_config *upstream, const struct request *req)
{
    struct slice value;
    uint64_t id = 0;
    if (LIKELY(!upstream->sticky_cookie) || !req ||
        !cookie_find(&req->headers, slice_from_string(upstream->sticky_cookie), &value) ||
        value.len != DIGITS)
        return 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] != ascii_lower(value.data[i]))
            return 0;
    }
    return number_parse_hex(value, UINT64_MAX, &id) == 0 ? id : 0;
}

void sticky_write(struct writer *w, const struct upstream_config *upstream, uint64_t id,
                  bool is_secure, bool is_kept)
{
    writer_format(w, "Set-Cookie: %s=%016" PRIx64 "; Path=/; HttpOnly; SameSite=Lax",
                  upstream->sticky_cookie, id);
    if (upstream->sticky_age_ms > 0)
        writer_format(w, "; Max-Age=%u", MAX(upstream->sticky_age_ms / 1000, 1U));
    if (is_secure)
        writer_literal(w, "; Secure");
    writer_literal(w, "\r\n");
    if (is_kept)
        writer_literal(w, "Cache-Control: private\r\n");
}
