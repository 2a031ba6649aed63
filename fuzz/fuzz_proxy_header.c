/* SPDX-License-Identifier: MIT */
/* fuzz_proxy_header.c - a PROXY header: no part of one decides otherwise than the whole, and no
 * byte behind one is looked at. */

#include "net/proxy_header.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = slice_of((const char *)data, MIN(size, (size_t)2 * PROXY_HEADER_SIZE_MAX));
    struct proxy_header header;
    enum proxy_header_result result = proxy_header_parse(bytes, &header);
    size_t len = bytes.len;

    (void)proxy_header_problem(result);
    if (result == PROXY_HEADER_COMPLETE) {
        struct proxy_header alone;

        check(header.len > 0 && header.len <= bytes.len && header.len <= PROXY_HEADER_SIZE_MAX);
        check(header.client.any.sa_family == AF_UNSPEC || header.client.any.sa_family == AF_INET ||
              header.client.any.sa_family == AF_INET6);
        check(proxy_header_parse(slice_of(bytes.data, header.len), &alone) ==
              PROXY_HEADER_COMPLETE);
        check(alone.len == header.len && address_equal(&alone.client, &header.client));
        len = header.len;
    }
    if (result == PROXY_HEADER_INCOMPLETE)
        check(bytes.len < PROXY_HEADER_SIZE_MAX);
    /* All shorter parts may be one, or say already what the whole says. */
    for (size_t part = 0; part < MIN(len, (size_t)256); part++) {
        enum proxy_header_result early = proxy_header_parse(slice_of(bytes.data, part), &header);

        check(early == PROXY_HEADER_INCOMPLETE ||
              (early == result && result != PROXY_HEADER_COMPLETE));
    }
    return 0;
}
