/* SPDX-License-Identifier: MIT */
/*
 * listing_html.c - a page for people: no script, nothing fetched, plain relative links.
 *
 * The links of the breadcrumb and the parent are relative, too, so a listing works behind a proxy
 * that serves it below another path, and wget -r stays below where it began.
 */
#include "handler/listing_page.h"

/* Nearest ancestors in the breadcrumb; those above are one "…". */
#define CRUMBS_MAX 12
/* What a byte of text may become: "&quot;", "&amp;" … */
#define ESCAPED_FACTOR 6
/* "\xHH" for a byte that is no UTF-8. */
#define SHOWN_FACTOR 4
#define NAME_SPACE (256 * SHOWN_FACTOR)

static const char page_start[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' "
    "viewBox='0 0 16 16'%3E%3Cpath fill='%230f766e' d='M1 4a2 2 0 0 1 2-2h3.2l2 2H13a2 2 0 0 1 2 "
    "2v6a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2z'/%3E%3C/svg%3E\">\n"
    "<title>";

static const char style[] =
    "</title>\n"
    "<style>\n"
    ":root{--back:#fbfaf7;--card:#fff;--text:#1c2321;--soft:#5b6663;--line:#e3e0d8;"
    "--accent:#0f766e;--hover:#f1efe9;"
    "--folder:url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' "
    "viewBox='0 0 16 16'%3E%3Cpath d='M1 4a2 2 0 0 1 2-2h3.2l2 2H13a2 2 0 0 1 2 2v6a2 2 0 0 1-2 "
    "2H3a2 2 0 0 1-2-2z'/%3E%3C/svg%3E\");"
    "--file:url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 "
    "16' fill='none' stroke='%23000' stroke-width='1.3'%3E%3Cpath d='M3.5 1.7h5.3l3.7 3.7v8.9h-9z"
    "M8.6 1.9v3.7h3.7'/%3E%3C/svg%3E\")}\n"
    "@media(prefers-color-scheme:dark){:root{--back:#0f1514;--card:#161e1c;--text:#e8eeec;"
    "--soft:#98a6a2;--line:#26312e;--accent:#5eead4;--hover:#1d2725}}\n"
    "*{box-sizing:border-box}\n"
    "body{max-width:60rem;margin:0 auto;padding:clamp(1rem,4vw,3rem) clamp(.75rem,3vw,2rem);"
    "background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif;"
    "-webkit-text-size-adjust:100%}\n"
    "a{color:inherit;text-decoration:none}\n"
    "a:hover{color:var(--accent)}\n"
    "a:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:.25rem}\n"
    "h1{margin:0 .25rem;font-size:clamp(1.25rem,5vw,1.75rem);line-height:1.3;"
    "letter-spacing:-.02em;overflow-wrap:anywhere}\n"
    "h1 a{color:var(--accent)}\n"
    "h1 a:hover{text-decoration:underline}\n"
    "h1 i{margin:0 .3em;color:var(--line);font-style:normal}\n"
    "p{margin:.35rem .25rem 1.25rem;color:var(--soft);font-size:.9rem}\n"
    "p.cut{padding:.6rem .9rem;border-left:3px solid var(--accent);background:var(--hover);"
    "border-radius:.25rem;color:var(--text)}\n"
    ".box{border:1px solid var(--line);border-radius:1rem;background:var(--card);"
    "overflow:hidden}\n"
    "table{width:100%;border-collapse:collapse;table-layout:fixed}\n"
    "th{padding:.7rem 1rem;text-align:left;font-size:.8rem;font-weight:600;color:var(--soft)}\n"
    "th[aria-sort]{color:var(--accent)}\n"
    "th[aria-sort] a::after{content:\" \\2191\"}\n"
    "th[aria-sort=descending] a::after{content:\" \\2193\"}\n"
    "th:nth-child(2){width:7rem}\n"
    "th:nth-child(3){width:11rem}\n"
    "th:nth-child(n+2),td:nth-child(n+2){text-align:right}\n"
    "td{padding:0 1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.9rem;"
    "font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    "td:first-child{font-size:1rem;color:var(--text);white-space:normal;overflow-wrap:anywhere}\n"
    "td a,td span{display:block;padding:.5rem 0 .5rem 1.9rem;position:relative;"
    "unicode-bidi:plaintext;text-align:left}\n"
    "td a::before,td span::before{content:\"\";position:absolute;left:0;top:.68rem;width:1.15rem;"
    "height:1.15rem;background:var(--soft);opacity:.75;-webkit-mask:var(--file) no-repeat;"
    "mask:var(--file) no-repeat}\n"
    ".d a::before,.d span::before{background:var(--accent);opacity:1;"
    "-webkit-mask-image:var(--folder);mask-image:var(--folder)}\n"
    "tbody tr:hover{background:var(--hover)}\n"
    "h2{margin:0;padding:.7rem 1rem;border-bottom:1px solid var(--line);font-size:.9rem;"
    "color:var(--soft)}\n"
    "section{margin-top:1.5rem}\n"
    "pre{margin:0;padding:1rem;font:.85rem/1.6 ui-monospace,monospace;white-space:pre-wrap;"
    "overflow-wrap:anywhere}\n"
    "footer{margin:1.5rem .25rem 0;font-size:.85rem;color:var(--soft)}\n"
    "@media(max-width:38rem){\n"
    "thead tr{display:flex}\n"
    "th:nth-child(n){width:auto}\n"
    "th:first-child{margin-right:auto}\n"
    "th{padding:.7rem .8rem}\n"
    "tbody tr{display:grid;grid-template-columns:auto 1fr;padding:.1rem .8rem .55rem;"
    "border-top:1px solid var(--line)}\n"
    "td{padding:0;border:0;font-size:.8rem}\n"
    "td:first-child{grid-column:1/-1}\n"
    "td a,td span{padding-bottom:.1rem}\n"
    "td:nth-child(2){padding-left:1.9rem;margin-right:1em}\n"
    "td:nth-child(2):empty{display:none}\n"
    "td:nth-child(2):empty+td{padding-left:1.9rem}\n"
    "td:nth-child(3){text-align:left}\n"
    "tr.u{padding-bottom:.35rem}\n"
    "}\n"
    "</style>\n";

static const struct column {
    enum listing_key key;
    const char *title;
    bool starts_descending; /* the largest and the newest are what people look for */
} columns[] = {
    {LISTING_BY_NAME, "Name", false},
    {LISTING_BY_SIZE, "Size", true},
    {LISTING_BY_DATE, "Modified (UTC)", true},
};

/* A name to be looked at, in an element or an attribute. */
static void write_name(struct writer *w, struct slice name)
{
    char space[NAME_SPACE];
    struct writer shown = writer_on(space, sizeof(space));

    listing_write_name(&shown, name);
    writer_html_escaped(w, writer_content(&shown));
}

/* A reference to a name of this directory; "./" keeps "a:b" from being a scheme (RFC 3986 section
 * 4.2). What writer_url_escaped leaves is harmless in an attribute. */
static void write_reference(struct writer *w, const struct listing_entry *entry)
{
    struct slice name = listing_entry_name(entry);

    if (slice_find(name, ':') >= 0)
        writer_literal(w, "./");
    writer_url_escaped(w, name);
    if (entry->is_directory)
        writer_char(w, '/');
}

static size_t count_segments(struct slice path)
{
    size_t count = 0;

    for (size_t i = 0; i < path.len; i++)
        count += path.data[i] == '/';
    return count;
}

static void write_up(struct writer *w, size_t levels)
{
    writer_literal(w, "<a href=\"");
    if (levels == 0)
        writer_literal(w, "./");
    for (size_t i = 0; i < levels; i++)
        writer_literal(w, "../");
    writer_literal(w, "\">");
}

/* The root, the way down, and where we are, which is no link. */
static void write_breadcrumb(struct writer *w, struct slice path)
{
    size_t left = count_segments(path); /* levels from the current part down to here */
    struct slice rest = path;
    struct slice name;

    writer_literal(w, "<h1>");
    if (left <= CRUMBS_MAX) {
        write_up(w, left);
        writer_literal(w, "Home</a>");
    } else {
        writer_literal(w, "…");
    }
    while (left > 0 && slice_next(&rest, '/', &name)) {
        left--;
        if (left >= CRUMBS_MAX)
            continue;
        writer_literal(w, "<i>/</i>");
        if (left > 0)
            write_up(w, left);
        write_name(w, name);
        if (left > 0)
            writer_literal(w, "</a>");
    }
    writer_literal(w, "</h1>\n");
}

static void write_count(struct writer *w, size_t count, const char *one, const char *many)
{
    writer_number(w, count);
    writer_char(w, ' ');
    writer_string(w, count == 1 ? one : many);
}

static void write_summary(struct writer *w, const struct listing_entries *entries)
{
    size_t files = entries->count - entries->directories;

    writer_literal(w, "<p>");
    if (entries->count == 0)
        writer_literal(w, "This folder is empty.");
    if (entries->directories > 0)
        write_count(w, entries->directories, "folder", "folders");
    if (entries->directories > 0 && files > 0)
        writer_literal(w, ", ");
    if (files > 0) {
        write_count(w, files, "file", "files");
        writer_literal(w, ", ");
        writer_size(w, entries->total_size);
    }
    writer_literal(w, "</p>\n");
    if (!entries->is_cut)
        return;
    writer_literal(w, "<p class=\"cut\" role=\"note\">This folder holds more. Only ");
    write_count(w, entries->limit, "entry is", "entries are");
    writer_literal(w, " shown, and these are not the first in any order.</p>\n");
}

static void write_column(struct writer *w, const struct listing_query *query,
                         const struct column *column)
{
    bool is_current = query->key == column->key;
    bool descending = is_current ? !query->is_descending : column->starts_descending;

    writer_literal(w, "<th scope=\"col\"");
    if (is_current) {
        writer_literal(w, " aria-sort=\"");
        writer_string(w, query->is_descending ? "descending" : "ascending");
        writer_char(w, '"');
    }
    writer_literal(w, "><a rel=\"nofollow\" href=\"?sort=");
    writer_string(w, listing_key_name(column->key));
    writer_literal(w, "&amp;order=");
    writer_string(w, descending ? "desc" : "asc");
    writer_literal(w, "\">");
    writer_string(w, column->title);
    writer_literal(w, "</a>");
}

static size_t head_size(const struct listing_page *page)
{
    return sizeof(page_start) + sizeof(style) + 4096 +
           2 * page->path.len * SHOWN_FACTOR * ESCAPED_FACTOR +
           (size_t)(CRUMBS_MAX + 1) * (32 + 3 * CRUMBS_MAX);
}

static void write_head(struct writer *w, const struct listing_page *page)
{
    writer_literal(w, page_start);
    writer_literal(w, "/");
    for (struct slice rest = page->path, name; rest.len > 0 && slice_next(&rest, '/', &name);) {
        write_name(w, name);
        writer_char(w, '/');
    }
    writer_literal(w, style);
    writer_literal(w, "<main>\n");
    write_breadcrumb(w, page->path);
    write_summary(w, page->entries);
    writer_literal(w, "<div class=\"box\"><table>\n<thead><tr>");
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        write_column(w, &page->query, &columns[i]);
    writer_literal(w, "\n<tbody>\n");
    if (page->path.len > 0)
        writer_literal(w, "<tr class=\"d u\"><td><a href=\"../\">..</a><td><td>\n");
}

static void write_date(struct writer *w, int64_t mtime)
{
    char text[32];
    struct writer time = writer_on(text, sizeof(text));

    listing_write_time(&time, mtime);
    writer_append(w, text, sizeof("2000-01-01") - 1);
    writer_char(w, ' ');
    writer_append(w, text + sizeof("2000-01-01"), sizeof("12:00") - 1);
}

static void write_row(struct writer *w, const struct listing_page *page, size_t number)
{
    const struct listing_entry *entry = page->entries->rows[number];

    writer_string(w, entry->is_directory ? "<tr class=\"d\"><td>" : "<tr><td>");
    if (entry->is_utf8) {
        writer_literal(w, "<a href=\"");
        write_reference(w, entry);
        writer_literal(w, "\">");
    } else {
        writer_literal(w, "<span title=\"This name is not UTF-8 and has no address.\">");
    }
    write_name(w, listing_entry_name(entry));
    if (entry->is_directory)
        writer_char(w, '/');
    writer_string(w, entry->is_utf8 ? "</a><td>" : "</span><td>");
    if (!entry->is_directory)
        writer_size(w, entry->size);
    writer_literal(w, "<td>");
    write_date(w, entry->mtime);
    writer_char(w, '\n');
}

static size_t tail_size(const struct listing_page *page)
{
    return 1024 + NAME_SPACE * ESCAPED_FACTOR + page->readme.len * ESCAPED_FACTOR;
}

static void write_tail(struct writer *w, const struct listing_page *page)
{
    writer_literal(w, "</table></div>\n");
    if (page->readme_name.len > 0) {
        writer_literal(w, "<section class=\"box\"><h2>");
        write_name(w, page->readme_name);
        /* A line feed right behind <pre> is dropped: it may as well be ours. */
        writer_literal(w, "</h2><pre>\n");
        writer_html_escaped(w, page->readme);
        writer_string(w, page->readme_is_cut ? "\n…</pre></section>\n" : "</pre></section>\n");
    }
    writer_literal(w, "</main>\n<footer>TinyWeb</footer>\n</html>\n");
}

const struct listing_format_ops listing_html = {
    .type = {"text/html; charset=utf-8", sizeof("text/html; charset=utf-8") - 1},
    .only_utf8 = false,
    .head_size = head_size,
    .tail_size = tail_size,
    .write_head = write_head,
    .write_row = write_row,
    .write_tail = write_tail,
};
