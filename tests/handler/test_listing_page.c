/* SPDX-License-Identifier: MIT */
/* test_listing_page.c - names, sizes and dates, and the three forms of a listing. */
#include "support/unit.h"

#include "handler/listing_page.h"

#include <stdlib.h>

#define NAME_LEN_MAX 255

static char space[256 * 1024];
static struct writer w;
static struct listing_entry *rows[4];
static struct listing_entries entries;
static struct listing_page page;

static int set_up(void **state)
{
    w = writer_on(space, sizeof(space));
    entries = (struct listing_entries){.rows = rows, .limit = 100};
    page = (struct listing_page){.entries = &entries};
    return 0;
}

static int tear_down(void **state)
{
    for (size_t i = 0; i < entries.count; i++)
        free(rows[i]);
    return 0;
}

static void add(struct slice name, bool is_directory)
{
    struct listing_entry *entry = malloc(sizeof(*entry) + name.len + 1);

    *entry = (struct listing_entry){.size = is_directory ? 0 : 2048,
                                    .mtime = 784111777,
                                    .name_len = (uint16_t)name.len,
                                    .is_directory = is_directory,
                                    .is_utf8 = true};
    memcpy(entry->name, name.data, name.len);
    entry->name[name.len] = '\0';
    rows[entries.count++] = entry;
    entries.directories += is_directory;
    entries.total_size += entry->size;
}

static void expect(const char *text)
{
    assert_false(w.overflow);
    space[w.len] = '\0';
    assert_string_equal(space, text);
    w.len = 0;
}

static void expect_inside(const char *text)
{
    space[w.len] = '\0';
    if (!strstr(space, text))
        fail_msg("no '%s' in '%s'", text, space);
}

static void expect_name(const char *name, const char *shown)
{
    listing_write_name(&w, slice_from_string(name));
    expect(shown);
}

static void names_show_what_cannot_be_seen(void **state)
{
    expect_name("", "");
    expect_name("plain.txt", "plain.txt");
    expect_name("\xe4\xb8\xad", "\xe4\xb8\xad");
    expect_name("a\nb", "a\xe2\x90\x8a"
                        "b");
    expect_name("\x01\x1f\x7f", "\xe2\x90\x81\xe2\x90\x9f\xe2\x90\xa1");
    expect_name("\xe9t\xe9\n", "\\xe9t\\xe9\xe2\x90\x8a");
    expect_name("\xe4\xb8", "\\xe4\\xb8");
    listing_write_name(&w, slice_of("a\0", 2));
    expect("a\xe2\x90\x80");
}

static void expect_time(int64_t seconds, const char *text)
{
    listing_write_time(&w, seconds);
    expect(text);
}

static void times_are_of_rfc_3339(void **state)
{
    expect_time(0, "1970-01-01T00:00:00Z");
    expect_time(784111777, "1994-11-06T08:49:37Z");
    expect_time(-1, "1969-12-31T23:59:59Z");
    expect_time(951782400, "2000-02-29T00:00:00Z");
    expect_time(INT64_MAX, "9999-12-31T23:59:59Z");
    expect_time(INT64_MIN, "0000-01-01T00:00:00Z");
}

static void write_rows(const struct listing_format_ops *format)
{
    for (size_t i = 0; i < entries.count; i++)
        format->write_row(&w, &page, i);
}

static void text_is_a_name_a_line(void **state)
{
    add(SLICE_LITERAL("dir"), true);
    add(SLICE_LITERAL("a\nb"), false);
    listing_text.write_head(&w, &page);
    write_rows(&listing_text);
    listing_text.write_tail(&w, &page);
    expect("dir/\na\xe2\x90\x8a"
           "b\n");
}

static void json_is_an_array_of_objects(void **state)
{
    add(SLICE_LITERAL("dir"), true);
    add(SLICE_LITERAL("q\"b\\n\n</\x7f"), false);
    listing_json.write_head(&w, &page);
    write_rows(&listing_json);
    listing_json.write_tail(&w, &page);
    expect("[\n{\"name\":\"dir\",\"type\":\"directory\",\"mtime\":\"1994-11-06T08:49:37Z\"},\n"
           "{\"name\":\"q\\\"b\\\\n\\u000a</\x7f\",\"type\":\"file\",\"size\":2048,"
           "\"mtime\":\"1994-11-06T08:49:37Z\"}\n]\n");
}

static void json_of_nothing_is_an_empty_array(void **state)
{
    listing_json.write_head(&w, &page);
    listing_json.write_tail(&w, &page);
    expect("[\n]\n");
}

static void expect_link(const char *name, bool is_directory, const char *link)
{
    add(slice_from_string(name), is_directory);
    listing_html.write_row(&w, &page, entries.count - 1);
    expect_inside(link);
    w.len = 0;
    free(rows[--entries.count]);
}

static void html_links_are_escaped_for_a_url_and_names_for_html(void **state)
{
    expect_link("a b", false, "<td><a href=\"a%20b\">a b</a><td>2.0 KiB<td>1994-11-06 08:49\n");
    expect_link("dir", true, "<tr class=\"d\"><td><a href=\"dir/\">dir/</a><td><td>");
    expect_link("<script>", false, "href=\"%3Cscript%3E\">&lt;script&gt;</a>");
    expect_link("a&b\"c'", false, "href=\"a%26b%22c%27\">a&amp;b&quot;c&#39;</a>");
    expect_link("50%?#", false, "href=\"50%25%3F%23\">50%?#</a>");
    expect_link("javascript:alert(1)", false, "href=\"./javascript:alert(1)\">");
    expect_link("a\nb", false,
                "href=\"a%0Ab\">a\xe2\x90\x8a"
                "b</a>");
}

static void a_name_without_an_address_is_no_link(void **state)
{
    add(SLICE_LITERAL("\xe9.txt"), false);
    rows[0]->is_utf8 = false;
    write_rows(&listing_html);
    expect_inside("address.\">\\xe9.txt</span><td>");
    assert_null(strstr(space, "href"));
}

static void the_longest_rows_fit(void **state)
{
    static const char bytes[] = {'"', '\n', '\'', '\xff', '&', '\x01', '\\'};
    static const struct listing_format_ops *const formats[] = {&listing_html, &listing_json,
                                                               &listing_text};
    char name[NAME_LEN_MAX];

    for (size_t i = 0; i < sizeof(bytes); i++) {
        memset(name, bytes[i], sizeof(name));
        add(slice_of(name, sizeof(name)), true);
        for (size_t k = 0; k < COUNT_OF(formats); k++) {
            w = writer_on(space, LISTING_ROW_MAX);
            formats[k]->write_row(&w, &page, 0);
            assert_false(w.overflow);
        }
        free(rows[--entries.count]);
    }
}

static void write_head_of(const char *path)
{
    page.path = slice_from_string(path);
    w = writer_on(space, listing_html.head_size(&page));
    listing_html.write_head(&w, &page);
    assert_false(w.overflow);
}

static void the_breadcrumb_leads_up_by_relative_links(void **state)
{
    write_head_of("");
    expect_inside("<title>/</title>");
    expect_inside("<h1><a href=\"./\">Home</a></h1>");
    assert_null(strstr(space, ">..<"));
    write_head_of("a/<b>/c/");
    expect_inside("<title>/a/&lt;b&gt;/c/</title>");
    expect_inside("<h1><a href=\"../../../\">Home</a><i>/</i><a href=\"../../\">a</a><i>/</i>"
                  "<a href=\"../\">&lt;b&gt;</a><i>/</i>c</h1>");
    expect_inside("<a href=\"../\">..</a>");
}

static void a_deep_path_has_a_short_breadcrumb(void **state)
{
    char path[4096];

    for (size_t i = 0; i < sizeof(path) - 2; i += 2)
        memcpy(path + i, "d/", 3);
    write_head_of(path);
    expect_inside("<h1>\xe2\x80\xa6<i>/</i><a href=\"../../../../../../../../../../../\">d</a>");
    memset(path, '"', sizeof(path));
    for (size_t i = 255; i < sizeof(path); i += 256)
        path[i] = '/';
    path[sizeof(path) - 1] = '\0';
    path[sizeof(path) - 2] = '/';
    write_head_of(path);
}

static void the_summary_counts(void **state)
{
    write_head_of("");
    expect_inside("<p>This folder is empty.</p>");
    add(SLICE_LITERAL("a"), false);
    write_head_of("");
    expect_inside("<p>1 file, 2.0 KiB</p>");
    add(SLICE_LITERAL("b"), true);
    add(SLICE_LITERAL("c"), false);
    write_head_of("");
    expect_inside("<p>1 folder, 2 files, 4.0 KiB</p>");
    assert_null(strstr(space, "Only"));
    entries.is_cut = true;
    write_head_of("");
    expect_inside("Only 100 entries are shown");
}

static void a_column_turns_its_own_order_around(void **state)
{
    page.query = (struct listing_query){.key = LISTING_BY_SIZE, .is_descending = true};
    write_head_of("");
    expect_inside("<th scope=\"col\"><a rel=\"nofollow\" href=\"?sort=name&amp;order=asc\">");
    expect_inside("<th scope=\"col\" aria-sort=\"descending\"><a rel=\"nofollow\" "
                  "href=\"?sort=size&amp;order=asc\">");
    expect_inside("href=\"?sort=date&amp;order=desc\">");
}

static void a_readme_is_shown_as_text(void **state)
{
    page.readme_name = SLICE_LITERAL("README.md");
    page.readme = SLICE_LITERAL("# <Hi> & \"bye\"");
    w = writer_on(space, listing_html.tail_size(&page));
    listing_html.write_tail(&w, &page);
    assert_false(w.overflow);
    expect_inside("<h2>README.md</h2><pre>\n# &lt;Hi&gt; &amp; &quot;bye&quot;</pre>");
    page.readme_is_cut = true;
    w = writer_on(space, listing_html.tail_size(&page));
    listing_html.write_tail(&w, &page);
    expect_inside("\n\xe2\x80\xa6</pre>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_show_what_cannot_be_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(times_are_of_rfc_3339, set_up, tear_down),
        cmocka_unit_test_setup_teardown(text_is_a_name_a_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(json_is_an_array_of_objects, set_up, tear_down),
        cmocka_unit_test_setup_teardown(json_of_nothing_is_an_empty_array, set_up, tear_down),
        cmocka_unit_test_setup_teardown(html_links_are_escaped_for_a_url_and_names_for_html, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_name_without_an_address_is_no_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_longest_rows_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_breadcrumb_leads_up_by_relative_links, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_deep_path_has_a_short_breadcrumb, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_summary_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_column_turns_its_own_order_around, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_readme_is_shown_as_text, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
