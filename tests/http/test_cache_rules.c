/* SPDX-License-Identifier: MIT */
/* test_cache_rules.c - what is kept, what is used, what is thrown away (RFC 9111). */
#include "support/unit.h"

#include "http/cache_rules.h"
#include "http/header_lines.h"

#define NOW 1000000000 /* Sun, 09 Sep 2001 01:46:40 GMT */

static const struct cache_rules strict;

struct row {
    const char *request, *reply;
    enum http_method method;
    unsigned status;
    enum store_verdict verdict;
};

static enum store_verdict judge(const struct cache_rules *rules, const struct row *row,
                                struct freshness *freshness)
{
    struct header_lines request, reply;
    struct caching_fields fields;

    header_lines_read(&request, row->request);
    header_lines_read(&reply, row->reply);
    caching_fields_read(&reply.table, NOW, &fields);
    return cache_rules_store(rules,
                             &(struct store_question){
                                 .method = row->method,
                                 .request = &request.table,
                                 .status = row->status,
                                 .fields = &fields,
                                 .times = &(struct exchange_times){NOW, NOW},
                             },
                             freshness);
}

static void check(const struct cache_rules *rules, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct freshness freshness;
        enum store_verdict got = judge(rules, &rows[i], &freshness);

        if (got != rows[i].verdict)
            fail_msg("%u '%s' to '%s': %s, expected %s", rows[i].status, rows[i].reply,
                     rows[i].request, store_verdict_name(got), store_verdict_name(rows[i].verdict));
    }
}

static void only_what_may_be_kept_is_kept(void **state)
{
    static const struct row rows[] = {
        {"", "Cache-Control: max-age=60", METHOD_GET, 200, STORE_YES},
        {"", "Cache-Control: max-age=60", METHOD_GET, 302, STORE_YES},
        {"", "Cache-Control: max-age=60", METHOD_GET, 404, STORE_YES},
        {"", "Cache-Control: max-age=60", METHOD_GET, 503, STORE_YES},
        {"", "Cache-Control: max-age=60", METHOD_GET, 299, STORE_YES},
        {"", "Cache-Control: max-age=60", METHOD_HEAD, 200, STORE_NOT_GET},
        {"", "Cache-Control: max-age=60", METHOD_POST, 200, STORE_NOT_GET},
        {"", "Cache-Control: max-age=60", METHOD_UNKNOWN, 200, STORE_NOT_GET},
        {"", "Cache-Control: max-age=60", METHOD_GET, 206, STORE_NOT_WHOLE},
        {"", "Cache-Control: max-age=60", METHOD_GET, 304, STORE_NOT_WHOLE},
        {"", "Cache-Control: max-age=60", METHOD_GET, 101, STORE_NOT_WHOLE},
        {"", "Cache-Control: max-age=60, no-store", METHOD_GET, 200, STORE_FORBIDDEN},
        {"", "Cache-Control: max-age=60\nCache-Control: NO-STORE", METHOD_GET, 200,
         STORE_FORBIDDEN},
        {"", "Cache-Control: max-age=60, xno-store", METHOD_GET, 200, STORE_YES},
        {"", "Cache-Control: max-age=60, no-store, must-understand", METHOD_GET, 200, STORE_YES},
        {"", "Cache-Control: max-age=60, no-store, must-understand", METHOD_GET, 299,
         STORE_FORBIDDEN},
        {"Cache-Control: no-store", "Cache-Control: max-age=60", METHOD_GET, 200, STORE_FORBIDDEN},
        {"", "Cache-Control: max-age=60, private", METHOD_GET, 200, STORE_PRIVATE},
        {"", "Cache-Control: max-age=60, private=\"x\"", METHOD_GET, 200, STORE_PRIVATE},
        {"", "Cache-Control: max-age=60\nSet-Cookie: a=b", METHOD_GET, 200, STORE_COOKIE},
        {"", "Cache-Control: max-age=60\nVary: *", METHOD_GET, 200, STORE_VARIES_ON_ALL},
        {"", "Cache-Control: max-age=60\nVary: a, *", METHOD_GET, 200, STORE_VARIES_ON_ALL},
        {"", "Cache-Control: max-age=60\nVary: accept", METHOD_GET, 200, STORE_YES},
        {"Cookie: a=b", "Cache-Control: max-age=60", METHOD_GET, 200, STORE_YES},
    };
    check(&strict, rows, COUNT_OF(rows));
}

static void what_one_who_has_shown_who_he_is_gets_is_not_for_others_unless_it_says_so(void **state)
{
    static const struct row rows[] = {
        {"Authorization: a", "Cache-Control: max-age=60", METHOD_GET, 200, STORE_AUTHORIZED},
        {"Authorization: ", "Cache-Control: max-age=60", METHOD_GET, 200, STORE_AUTHORIZED},
        {"Authorization: a", "Cache-Control: max-age=60, public", METHOD_GET, 200, STORE_YES},
        {"Authorization: a", "Cache-Control: s-maxage=60", METHOD_GET, 200, STORE_YES},
        {"Authorization: a", "Cache-Control: max-age=60, must-revalidate", METHOD_GET, 200,
         STORE_YES},
        {"Authorization: a", "Cache-Control: max-age=60, proxy-revalidate", METHOD_GET, 200,
         STORE_AUTHORIZED},
        {"Authorization: a", "Cache-Control: public, private, max-age=1", METHOD_GET, 200,
         STORE_PRIVATE},
    };
    check(&strict, rows, COUNT_OF(rows));
}

static void what_can_never_be_used_is_not_kept(void **state)
{
    static const struct row rows[] = {
        {"", "", METHOD_GET, 200, STORE_USELESS},
        {"", "ETag: \"a\"", METHOD_GET, 200, STORE_USELESS},
        {"", "Cache-Control: public", METHOD_GET, 200, STORE_USELESS},
        {"", "Cache-Control: max-age=0", METHOD_GET, 200, STORE_USELESS},
        {"", "Cache-Control: max-age=0\nETag: \"a\"", METHOD_GET, 200, STORE_YES},
        {"", "Cache-Control: no-cache\nETag: \"a\"", METHOD_GET, 200, STORE_YES},
        {"", "Cache-Control: no-cache", METHOD_GET, 200, STORE_USELESS},
        {"", "Cache-Control: max-age=60, no-cache", METHOD_GET, 200, STORE_USELESS},
        {"", "Cache-Control: max-age=0, stale-while-revalidate=9", METHOD_GET, 200, STORE_YES},
        {"", "Cache-Control: max-age=0, stale-if-error=9", METHOD_GET, 200, STORE_YES},
        {"", "Cache-Control: max-age=60\nAge: 60", METHOD_GET, 200, STORE_USELESS},
        {"", "Cache-Control: max-age=60\nAge: 59", METHOD_GET, 200, STORE_YES},
        {"", "Expires: 0", METHOD_GET, 200, STORE_USELESS},
        {"", "Expires: Sun, 09 Sep 2001 01:47:40 GMT", METHOD_GET, 200, STORE_YES},
        {"", "Last-Modified: Sun, 09 Sep 2001 01:30:00 GMT", METHOD_GET, 200, STORE_USELESS},
    };
    check(&strict, rows, COUNT_OF(rows));
}

static void an_administrator_may_allow_more(void **state)
{
    static const struct cache_rules generous = {
        .keeps_cookies = true, .uses_heuristic = true, .errors_s = 5};
    static const struct row rows[] = {
        {"", "Cache-Control: max-age=60\nSet-Cookie: a=b", METHOD_GET, 200, STORE_YES},
        {"", "Last-Modified: Sun, 09 Sep 2001 01:30:00 GMT", METHOD_GET, 200, STORE_YES},
        {"", "", METHOD_GET, 404, STORE_YES},
        {"", "", METHOD_GET, 410, STORE_YES},
        {"", "Cache-Control: max-age=0", METHOD_GET, 404, STORE_USELESS},
        {"", "Cache-Control: no-store", METHOD_GET, 404, STORE_FORBIDDEN},
        {"", "", METHOD_GET, 403, STORE_USELESS},
        {"", "", METHOD_GET, 500, STORE_USELESS},
        {"", "", METHOD_GET, 502, STORE_USELESS},
        {"", "", METHOD_GET, 200, STORE_USELESS},
    };
    struct freshness freshness;

    check(&generous, rows, COUNT_OF(rows));
    assert_int_equal(judge(&generous, &rows[2], &freshness), STORE_YES);
    assert_int_equal(freshness.lifetime, 5);
    assert_int_equal(judge(&strict, &rows[2], &freshness), STORE_USELESS);
}

static void fresh_is_used_and_stale_only_within_its_window(void **state)
{
    static const struct freshness freshness = {
        .stored_at = NOW, .age = 5, .lifetime = 15, .swr = 3};
    static const struct cache_control nothing;

    assert_int_equal(cache_rules_reuse(&strict, &freshness, &nothing, NOW + 9), REUSE_FRESH);
    assert_int_equal(cache_rules_reuse(&strict, &freshness, &nothing, NOW + 10), REUSE_WHILE);
    assert_int_equal(cache_rules_reuse(&strict, &freshness, &nothing, NOW + 12), REUSE_WHILE);
    assert_int_equal(cache_rules_reuse(&strict, &freshness, &nothing, NOW + 13), REUSE_NOT);
}

static void clients_may_ask_for_more_only_where_they_are_heard(void **state)
{
    static const struct cache_rules obedient = {.obeys_clients = true};
    static const struct freshness freshness = {.stored_at = NOW, .age = 5, .lifetime = 15};
    static const struct {
        const char *line;
        enum reuse reuse;
    } rows[] = {
        {"Cache-Control: no-cache", REUSE_NOT},       {"Cache-Control: max-age=4", REUSE_NOT},
        {"Cache-Control: max-age=5", REUSE_FRESH},    {"Cache-Control: max-age=x", REUSE_NOT},
        {"Cache-Control: min-fresh=10", REUSE_FRESH}, {"Cache-Control: min-fresh=11", REUSE_NOT},
        {"Cache-Control: no-store", REUSE_FRESH},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct header_lines request;
        struct cache_control control;

        header_lines_read(&request, rows[i].line);
        cache_request_read(&request.table, &control);
        assert_int_equal(cache_rules_reuse(&strict, &freshness, &control, NOW), REUSE_FRESH);
        if (cache_rules_reuse(&obedient, &freshness, &control, NOW) != rows[i].reuse)
            fail_msg("%s", rows[i].line);
    }
}

static void what_may_have_changed_is_thrown_away(void **state)
{
    assert_true(cache_rules_invalidate(METHOD_POST, 200));
    assert_true(cache_rules_invalidate(METHOD_PUT, 204));
    assert_true(cache_rules_invalidate(METHOD_DELETE, 303));
    assert_true(cache_rules_invalidate(METHOD_PATCH, 201));
    assert_true(cache_rules_invalidate(METHOD_UNKNOWN, 200));
    assert_false(cache_rules_invalidate(METHOD_POST, 400));
    assert_false(cache_rules_invalidate(METHOD_POST, 500));
    assert_false(cache_rules_invalidate(METHOD_GET, 200));
    assert_false(cache_rules_invalidate(METHOD_HEAD, 200));
    assert_false(cache_rules_invalidate(METHOD_OPTIONS, 200));
    assert_false(cache_rules_invalidate(METHOD_TRACE, 200));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_may_be_kept_is_kept),
        cmocka_unit_test(what_one_who_has_shown_who_he_is_gets_is_not_for_others_unless_it_says_so),
        cmocka_unit_test(what_can_never_be_used_is_not_kept),
        cmocka_unit_test(an_administrator_may_allow_more),
        cmocka_unit_test(fresh_is_used_and_stale_only_within_its_window),
        cmocka_unit_test(clients_may_ask_for_more_only_where_they_are_heard),
        cmocka_unit_test(what_may_have_changed_is_thrown_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
