/* SPDX-License-Identifier: MIT */
/*
 * fuzz_forwarded.c - the first byte chooses the field, then each line is a field line: what a
 * trusted proxy adds at the right decides, whatever stands on its left.
 */

#include "http/forwarded.h"

#include <stdlib.h>

#define LINES_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

static struct address parsed(const char *text)
{
    struct address addr;

    check(address_parse_host(slice_from_string(text), &addr) == 0);
    return addr;
}

static void add_line(struct header_table *table, enum header_id field, struct slice line)
{
    struct slice name = field == HEADER_FORWARDED ? SLICE_LITERAL("Forwarded")
                                                  : SLICE_LITERAL("X-Forwarded-For");

    check(header_table_add(table, name, line) == 0);
}

/* The last line with an element behind it that names an untrusted client. */
static void check_appended(const struct header_table *table, enum header_id field,
                           const struct network_list *trusted, const struct address *proxy)
{
    static char text[1 << 16];
    static const char addition[] = ", for=203.0.113.7";
    struct slice added = slice_of(addition, sizeof(addition) - 1);
    struct header *last = &table->rows[table->count - 1];
    struct slice former = last->value;
    const struct address expected = parsed("203.0.113.7");
    struct address client;

    if (field != HEADER_FORWARDED)
        added = SLICE_LITERAL(", 203.0.113.7");
    if (former.len + added.len > sizeof(text))
        return;
    if (former.len > 0)
        memcpy(text, former.data, former.len);
    memcpy(text + former.len, added.data, added.len);
    last->value = slice_of(text, former.len + added.len);
    client = forwarded_client(table, field, proxy, trusted);
    check(address_equal(&client, &expected));
    last->value = former;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of((const char *)data, size);
    struct header rows[LINES_MAX];
    struct header_table table;
    struct network network;
    const struct network_list trusted = {.items = &network, .count = 1};
    const struct address proxy = parsed("10.0.0.1"), stranger = parsed("192.0.2.1");
    enum header_id field = HEADER_X_FORWARDED_FOR;
    struct address client;
    struct slice line;

    check(network_parse(SLICE_LITERAL("10.0.0.0/8"), &network) == 0);
    if (size == 0)
        return 0;
    if (rest.data[0] == 'F')
        field = HEADER_FORWARDED;
    rest = slice_from(rest, 1);
    header_table_init(&table, rows, LINES_MAX);
    if (rest.len == 0)
        return 0;
    while (table.count < LINES_MAX && slice_next(&rest, '\n', &line))
        add_line(&table, field, line);

    client = forwarded_client(&table, field, &stranger, &trusted);
    check(address_equal(&client, &stranger));
    client = forwarded_client(&table, field, &proxy, &trusted);
    check(client.any.sa_family == AF_INET || client.any.sa_family == AF_INET6);
    check_appended(&table, field, &trusted, &proxy);
    return 0;
}
