/* SPDX-License-Identifier: MIT */
/* test_sticky.c - a client comes back to its server as long as that may be asked. */
#include "support/unit.h"

#include "upstream/group_fixture.h"
#include "upstream/sticky.h"

#include <stdlib.h>

static struct upstream_group *start(struct group_fixture *fixture, unsigned servers)
{
    for (unsigned i = 0; i < servers; i++)
        (void)group_fixture_add(fixture, 1);
    fixture->config.sticky_cookie = (char *)(uintptr_t) "srv";
    group_fixture_start(fixture);
    return fixture->group;
}

/* The index of the server that a client of server @index gets. */
static unsigned comes_to(struct upstream_group *group, unsigned index)
{
    struct upstream_server *server = group_pick_sticky(group, group->servers[index].sticky_id, 0);
    assert_non_null(server);
    server_release(server, OUTCOME_OK, 1000);
    return server->index;
}

static uint64_t read_cookie(const struct upstream_config *config, const char *line)
{
    struct header rows[1];
    struct request req;
    request_clear(&req);
    header_table_init(&req.headers, rows, COUNT_OF(rows));
    assert_int_equal(
        header_table_add(&req.headers, SLICE_LITERAL("Cookie"), slice_from_string(line)), 0);
    return sticky_read(config, &req);
}

static void what_is_written_reads_back_and_nothing_else(void **state)
{
    static const char *const bad[] = {"srv=",
                                      "srv",
                                      "srv=0123456789abcde",
                                      "srv=0123456789abcdef0",
                                      "srv=0123456789ABCDEF",
                                      "srv=0123456789abcdeg",
                                      "srv=\"0123456789abcdef\"",
                                      "SRV=0123456789abcdef",
                                      "srv=10.0.0.1:8080",
                                      "srv=0000000000000000",
                                      "srv=+123456789abcdef"};
    const struct upstream_config config = {.sticky_cookie = (char *)(uintptr_t) "srv"};
    const struct upstream_config off = {.sticky_cookie = NULL};
    assert_int_equal(read_cookie(&config, "a=b; srv=0123456789abcdef; c"), 0x0123456789abcdef);
    assert_int_equal(read_cookie(&off, "srv=0123456789abcdef"), 0);
    assert_int_equal(sticky_read(&config, NULL), 0);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(read_cookie(&config, bad[i]), 0);
}

static void the_cookie_says_for_whom_and_how_long_it_is(void **state)
{
    const struct {
        uint32_t age_ms;
        bool is_secure, is_kept;
        const char *expected;
    } rows[] = {
        {0, false, false, "Set-Cookie: srv=00000000000000ab; Path=/; HttpOnly; SameSite=Lax\r\n"},
        {3600500, false, false,
         "Set-Cookie: srv=00000000000000ab; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600\r\n"},
        {1, true, true,
         "Set-Cookie: srv=00000000000000ab; Path=/; HttpOnly; SameSite=Lax; Max-Age=1; Secure\r\n"
         "Cache-Control: private\r\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[256];
        struct writer w = writer_on(text, sizeof(text) - 1);
        const struct upstream_config config = {.sticky_cookie = (char *)(uintptr_t) "srv",
                                               .sticky_age_ms = rows[i].age_ms};
        sticky_write(&w, &config, 0xab, rows[i].is_secure, rows[i].is_kept);
        text[w.len] = '\0';
        assert_string_equal(text, rows[i].expected);
    }
}

static void each_server_has_an_id_that_is_the_same_everywhere(void **state)
{
    struct group_fixture *fixture = *state;
    struct upstream_group *group = start(fixture, 3), *other = group_fixture_other(fixture, 7);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_not_equal(group->servers[i].sticky_id, 0);
        assert_int_equal(group->servers[i].sticky_id, other->servers[i].sticky_id);
        assert_int_not_equal(group->servers[i].sticky_id, group->servers[(i + 1) % 3].sticky_id);
    }
    group_destroy(other);
}

static void a_label_stands_for_its_server_wherever_that_is(void **state)
{
    const struct upstream_config config = {.name = (char *)(uintptr_t) "app"};
    const struct upstream_config next = {.name = (char *)(uintptr_t) "api"};
    const struct upstream_server_config blue = {.label = (char *)(uintptr_t) "blue"};
    const struct upstream_server_config name = {.label = (char *)(uintptr_t) "blue",
                                                .host = (char *)(uintptr_t) "app.test"};
    const struct slice one = SLICE_LITERAL("10.0.0.1:80"), two = SLICE_LITERAL("10.0.0.2:80");
    assert_int_equal(sticky_id(&config, &blue, one), sticky_id(&config, &blue, two));
    assert_int_not_equal(sticky_id(&config, &blue, one), sticky_id(&next, &blue, one));
    /* A name may stand for several at once. */
    assert_int_not_equal(sticky_id(&config, &name, one), sticky_id(&config, &name, two));
}

static void a_client_comes_back_to_its_server(void **state)
{
    struct upstream_group *group = start(*state, 3);
    for (unsigned i = 0; i < 30; i++)
        assert_int_equal(comes_to(group, i % 5 % 3), i % 5 % 3);
    /* Whoever has none of ours is balanced. */
    unsigned counts[3] = {0};
    for (unsigned i = 0; i < 30; i++) {
        struct upstream_server *server = group_pick_sticky(group, i % 2 ? 0 : 12345, 0);
        counts[server->index]++;
        server_release(server, OUTCOME_OK, 1000);
    }
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(counts[i], 10);
}

static void it_stays_while_the_server_wants_no_new_work_but_not_when_it_is_out(void **state)
{
    struct upstream_group *group = start(*state, 3);
    _Atomic uint64_t *word = &server_entry_of(&group->servers[1])->health;
    const struct {
        struct server_health health;
        bool stays;
    } rows[] = {
        {{.order = SERVER_DRAIN}, true},
        {{.check = CHECK_DRAIN}, true},
        {{.order = SERVER_MAINT}, false},
        {{.check = CHECK_DOWN}, false},
        {{.is_ejected = true, .until_ms = INT64_C(1) << 39}, false},
        {{.order = SERVER_READY}, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        atomic_store(word, health_pack(&rows[i].health));
        for (unsigned k = 0; k < 6; k++) {
            assert_int_equal(comes_to(group, 1) == 1, rows[i].stays);
            assert_int_equal(comes_to(group, 2), 2);
        }
    }
}

static void it_goes_elsewhere_when_its_server_is_full(void **state)
{
    struct group_fixture *fixture = *state;
    group_fixture_add(fixture, 1)->max_conns = 1;
    struct upstream_group *group = start(fixture, 1);
    struct upstream_server *first = group_pick_sticky(group, group->servers[0].sticky_id, 0);
    assert_int_equal(first->index, 0);
    assert_int_equal(comes_to(group, 0), 1);
    server_release(first, OUTCOME_OK, 1000);
    assert_int_equal(comes_to(group, 0), 0);
}

static void an_address_that_its_name_has_lost_is_nobodys_any_more(void **state)
{
    struct group_fixture *fixture = *state;
    struct address addresses[2];
    (void)group_fixture_add_name(fixture, (char *)(uintptr_t) "app.test");
    struct upstream_group *group = start(fixture, 0);
    assert_int_equal(address_parse(SLICE_LITERAL("10.1.0.1"), 80, &addresses[0]), 0);
    assert_int_equal(address_parse(SLICE_LITERAL("10.1.0.2"), 80, &addresses[1]), 0);
    group_set_addresses(group, &fixture->servers[0], addresses, 2);
    uint64_t lost = group->servers[0].sticky_id, left = group->servers[1].sticky_id;
    group_set_addresses(group, &fixture->servers[0], &addresses[1], 1);
    for (unsigned i = 0; i < 4; i++) {
        struct upstream_server *server = group_pick_sticky(group, i % 2 ? lost : left, 0);
        assert_int_equal(server->index, 1);
        server_release(server, OUTCOME_OK, 1000);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, group_set_up, group_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back_and_nothing_else),
        cmocka_unit_test(the_cookie_says_for_whom_and_how_long_it_is),
        TEST(each_server_has_an_id_that_is_the_same_everywhere),
        cmocka_unit_test(a_label_stands_for_its_server_wherever_that_is),
        TEST(a_client_comes_back_to_its_server),
        TEST(it_stays_while_the_server_wants_no_new_work_but_not_when_it_is_out),
        TEST(it_goes_elsewhere_when_its_server_is_full),
        TEST(an_address_that_its_name_has_lost_is_nobodys_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
