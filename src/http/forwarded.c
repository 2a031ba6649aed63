/* SPDX-License-Identifier: MIT */
/*
 * forwarded.c - elements are cut off at the right, so that nothing on the left of an element, such
 * as a quote that is never closed, can change what it says.
 */
#include "http/forwarded.h"

#include "base/number.h"
#include "http/char_class.h"

#define PORT_MAX 65535

static bool parse_port(struct slice text, struct address *addr)
{
    uint64_t port;

    if (number_parse(text, PORT_MAX, &port) != 0)
        return false;
    address_set_port(addr, (uint16_t)port);
    return true;
}

/* Behind "_", in place of a name or a port (RFC 7239 section 6.3). */
static bool is_obfuscated(struct slice text)
{
    if (text.len < 2 || text.data[0] != '_')
        return false;
    for (size_t i = 1; i < text.len; i++) {
        if (!char_is(text.data[i], CHAR_TOKEN) || strchr("!#$%&'*+^`|~", text.data[i]))
            return false;
    }
    return true;
}

/* Nothing, or a colon and a port, which may be obfuscated. */
static bool parse_rest(struct slice rest, struct address *addr)
{
    if (rest.len == 0)
        return true;
    if (rest.data[0] != ':')
        return false;
    rest = slice_from(rest, 1);
    return is_obfuscated(rest) || parse_port(rest, addr);
}

/* "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]", "[2001:db8::1]:80" (RFC 7239 section 6); with
 * @allow_bare_v6 "2001:db8::1", too. */
static bool parse_node(struct slice text, bool allow_bare_v6, struct address *ret_addr)
{
    ptrdiff_t colon = slice_find(text, ':');
    size_t host_len = colon < 0 ? text.len : (size_t)colon;

    if (slice_starts_with(text, SLICE_LITERAL("["))) {
        ptrdiff_t end = slice_find(text, ']');

        return end > 0 &&
               address_parse_host(slice_of(text.data + 1, (size_t)end - 1), ret_addr) == 0 &&
               ret_addr->any.sa_family == AF_INET6 &&
               parse_rest(slice_from(text, (size_t)end + 1), ret_addr);
    }
    if (colon >= 0 && slice_find_last(text, ':') != colon)
        return allow_bare_v6 && address_parse_host(text, ret_addr) == 0;
    return address_parse_host(slice_of(text.data, host_len), ret_addr) == 0 &&
           parse_rest(slice_from(text, host_len), ret_addr);
}

/* Cut the last element, trimmed, off *@list. A comma within quotes parts nothing; a quote behind
 * an odd number of backslashes is none. False: the list is used up, or has an open quote. */
static bool cut_last(struct slice *list, struct slice *ret_element)
{
    size_t start = list->len;
    bool is_quoted = false;

    if (!list->data)
        return false;
    while (start > 0 && (is_quoted || list->data[start - 1] != ',')) {
        start--;
        if (list->data[start] == '"') {
            size_t escapes = 0;

            while (escapes < start && list->data[start - 1 - escapes] == '\\')
                escapes++;
            is_quoted ^= escapes % 2 == 0;
            start -= escapes;
        }
    }
    if (is_quoted)
        return false;
    *ret_element = slice_trim(slice_from(*list, start));
    *list = start > 0 ? slice_of(list->data, start - 1) : slice_of(NULL, 0);
    return true;
}

static struct slice cut_token(struct slice *rest)
{
    size_t len = 0;
    struct slice token;

    while (len < rest->len && char_is(rest->data[len], CHAR_TOKEN))
        len++;
    token = slice_of(rest->data, len);
    *rest = slice_from(*rest, len);
    return token;
}

/* What stands between the quotes, as it is written; false without a closing one. */
static bool cut_quoted(struct slice *rest, struct slice *ret_text)
{
    size_t at = 1;

    while (at < rest->len && rest->data[at] != '"')
        at += rest->data[at] == '\\' ? 2 : 1;
    if (at >= rest->len)
        return false;
    *ret_text = slice_of(rest->data + 1, at - 1);
    *rest = slice_from(*rest, at + 1);
    return true;
}

/* token "=" (token / quoted-string) */
static bool cut_pair(struct slice *rest, struct slice *ret_name, struct slice *ret_value)
{
    *ret_name = cut_token(rest);
    if (ret_name->len == 0 || rest->len < 2 || rest->data[0] != '=')
        return false;
    *rest = slice_from(*rest, 1);
    if (rest->data[0] == '"')
        return cut_quoted(rest, ret_value);
    *ret_value = cut_token(rest);
    return ret_value->len > 0;
}

/* The value of "for" in one forwarded-element; false when it breaks the grammar or has none, or
 * two. Blanks around ";" are not of the grammar, but seen. */
static bool find_for(struct slice element, struct slice *ret_for)
{
    bool is_found = false;

    for (;;) {
        struct slice name, value;

        element = slice_trim(element);
        if (element.len > 0 && element.data[0] != ';') {
            if (!cut_pair(&element, &name, &value))
                return false;
            if (slice_equal_nocase(name, SLICE_LITERAL("for"))) {
                if (is_found)
                    return false;
                is_found = true;
                *ret_for = value;
            }
            element = slice_trim(element);
        }
        if (element.len == 0)
            return is_found;
        if (element.data[0] != ';')
            return false;
        element = slice_from(element, 1);
    }
}

static bool parse_hop(enum header_id field, struct slice element, struct address *ret_hop)
{
    if (field == HEADER_FORWARDED)
        return find_for(element, &element) && parse_node(element, false, ret_hop);
    return parse_node(element, true, ret_hop);
}

/* Walk on to the left in one field line. False: the walk is over. */
static bool walk_line(struct slice line, enum header_id field, const struct network_list *trusted,
                      struct address *client)
{
    struct slice element;

    if (line.len == 0)
        return true; /* a list of nothing; the element would be no part of anything */
    while (line.data) {
        struct address hop = {.any.sa_family = AF_UNSPEC};

        if (!network_list_contains(trusted, client) || !cut_last(&line, &element))
            return false;
        if (element.len == 0)
            continue; /* lists may have empty elements (RFC 9110 section 5.6.1) */
        if (!parse_hop(field, element, &hop))
            return false;
        *client = hop;
    }
    return true;
}

struct address forwarded_client(const struct header_table *headers, enum header_id field,
                                const struct address *peer, const struct network_list *trusted)
{
    struct address client = *peer;

    if (!header_table_has(headers, field))
        return client;
    for (size_t i = headers->count; i > headers->first[field]; i--) {
        const struct header *row = &headers->rows[i - 1];

        if (row->id == field && !walk_line(row->value, field, trusted, &client))
            break;
    }
    return client;
}
