/* SPDX-License-Identifier: MIT */
/* test_server_order.c - an admin names servers, and workers obey. */
#include "support/unit.h"

#include "upstream/group_fixture.h"
#include "upstream/server_order.h"

#include <stdlib.h>

struct orders {
    struct config config;
    struct name_table *names;
    struct server_walk all;
};

/* Two servers, one of them with a label, and a name with two addresses. */
static void start(struct group_fixture *fixture, struct orders *orders)
{
    struct address addresses[2];
    group_fixture_add(fixture, 1)->text = (char *)(uintptr_t) "10.0.0.0:80";
    group_fixture_add(fixture, 1)->label = (char *)(uintptr_t) "blue";
    struct upstream_server_config *name = group_fixture_add_name(fixture,
                                                                 (char *)(uintptr_t) "app.test");
    name->text = (char *)(uintptr_t) "app.test:80";
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(
            address_parse(i == 0 ? SLICE_LITERAL("10.1.0.1") : SLICE_LITERAL("10.1.0.2"), 80,
                          &addresses[i]),
            0);
    group_fixture_start(fixture);
    group_set_addresses(fixture->group, name, addresses, 2);

    *orders = (struct orders){.config = {.upstreams = &fixture->config, .upstream_count = 1}};
    orders->names = calloc(1, sizeof(*orders->names));
    assert_non_null(orders->names);
    nametable_begin(orders->names, (const char *const[]){"app.test"}, 1);
    assert_true(nametable_publish(orders->names, "app.test", addresses, 2));
    orders->all = (struct server_walk){.config = &orders->config, .names = orders->names};
}

static int give(struct group_fixture *fixture, const struct orders *orders, const char *name,
                enum server_order order)
{
    return serverorder_give(&orders->all, fixture->table, slice_from_string(name), order,
                            loop_now_ms(fixture->loop));
}

/* A letter for each server that gets work: a, b for the first two, c and d for the addresses of the name. */
static const char *asked(const struct group_fixture *fixture)
{
    static char text[8];
    bool is_asked[4] = {false};
    size_t len = 0;
    for (unsigned i = 0; i < 40; i++) {
        struct upstream_server *server = group_pick(fixture->group, 0, 0);
        if (!server)
            continue;
        static const char *const names[] = {"10.0.0.0:80", "blue", "10.1.0.1:80", "10.1.0.2:80"};
        for (size_t k = 0; k < COUNT_OF(names); k++)
            is_asked[k] = is_asked[k] || strcmp(server->name, names[k]) == 0;
        server_release(server, OUTCOME_OK, 1000);
    }
    for (size_t k = 0; k < COUNT_OF(is_asked); k++) {
        if (is_asked[k])
            text[len++] = (char)('a' + k);
    }
    text[len] = '\0';
    return text;
}

static void all_servers_are_walked_by_their_names(void **state)
{
    struct group_fixture *fixture = *state;
    struct orders orders;
    struct walked_server server;
    static const char *const names[] = {"10.0.0.0:80", "blue", "app.test:80", "10.1.0.1:80",
                                        "10.1.0.2:80"};
    start(fixture, &orders);
    struct server_walk walk = orders.all;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_true(serverwalk_next(&walk, &server));
        assert_string_equal(server.name, names[i]);
        assert_int_equal(server.is_name, i == 2);
        assert_true(servertable_lookup(fixture->table, server.key) >= 0); /* as the group has it */
    }
    assert_false(serverwalk_next(&walk, &server));
    free(orders.names);
}

static void a_server_has_its_label_and_its_address_as_names(void **state)
{
    struct group_fixture *fixture = *state;
    struct orders orders;
    start(fixture, &orders);
    assert_string_equal(asked(fixture), "abcd");
    assert_int_equal(give(fixture, &orders, "app/blue", SERVER_MAINT), 1);
    assert_string_equal(asked(fixture), "acd");
    assert_int_equal(give(fixture, &orders, "APP/10.0.0.1:80", SERVER_READY), 1);
    assert_string_equal(asked(fixture), "abcd");
    assert_int_equal(give(fixture, &orders, "app/10.0.0.0:80", SERVER_DRAIN), 1);
    assert_string_equal(asked(fixture), "bcd");
    free(orders.names);
}

static void an_order_for_a_name_is_for_all_its_addresses_also_those_to_come(void **state)
{
    struct group_fixture *fixture = *state;
    struct orders orders;
    struct address later;
    start(fixture, &orders);
    assert_int_equal(give(fixture, &orders, "app/app.test:80", SERVER_MAINT), 1);
    assert_string_equal(asked(fixture), "ab");
    assert_int_equal(address_parse(SLICE_LITERAL("10.1.0.2"), 80, &later), 0);
    group_set_addresses(fixture->group, &fixture->servers[2], &later, 0);
    group_set_addresses(fixture->group, &fixture->servers[2], &later, 1);
    assert_string_equal(asked(fixture), "ab");
    assert_int_equal(give(fixture, &orders, "app/app.test:80", SERVER_READY), 3);
    assert_string_equal(asked(fixture), "abd");
    free(orders.names);
}

static void one_address_of_a_name_can_be_out(void **state)
{
    struct group_fixture *fixture = *state;
    struct orders orders;
    start(fixture, &orders);
    assert_int_equal(give(fixture, &orders, "app/10.1.0.1:80", SERVER_MAINT), 1);
    assert_string_equal(asked(fixture), "abd");
    assert_int_equal(give(fixture, &orders, "app/app.test:80", SERVER_DRAIN), 1);
    assert_string_equal(asked(fixture), "ab");
    /* A name that is ready has no address that is not. */
    assert_int_equal(give(fixture, &orders, "app/app.test:80", SERVER_READY), 3);
    assert_string_equal(asked(fixture), "abcd");
    free(orders.names);
}

static void who_is_drained_is_asked_when_nobody_else_can_be_and_who_is_out_never(void **state)
{
    struct group_fixture *fixture = *state;
    struct orders orders;
    start(fixture, &orders);
    assert_int_equal(give(fixture, &orders, "app/app.test:80", SERVER_MAINT), 1);
    assert_int_equal(give(fixture, &orders, "app/blue", SERVER_MAINT), 1);
    assert_int_equal(give(fixture, &orders, "app/10.0.0.0:80", SERVER_DRAIN), 1);
    assert_string_equal(asked(fixture), "a");
    assert_int_equal(give(fixture, &orders, "app/10.0.0.0:80", SERVER_MAINT), 1);
    assert_string_equal(asked(fixture), "");
    assert_false(group_is_full(fixture->group));
    free(orders.names);
}

static void an_order_is_for_all_workers_and_for_those_that_come(void **state)
{
    struct group_fixture *fixture = *state;
    struct orders orders;
    start(fixture, &orders);
    struct upstream_group *first = fixture->group;
    assert_int_equal(give(fixture, &orders, "app/blue", SERVER_MAINT), 1);
    fixture->group = group_fixture_other(fixture, 7);
    assert_string_equal(asked(fixture), "a"); /* it knows no address of the name yet */
    group_destroy(fixture->group);
    fixture->group = first;
    /* As long as a worker has the server, nobody else gets its entry. */
    for (int i = 0; i < 10; i++)
        group_fixture_wait(fixture, SERVER_UNUSED_MS / 2);
    for (uint64_t key = 2; key < 2 * SERVER_TABLE_ENTRIES; key += 2)
        assert_int_not_equal(servertable_find(fixture->table, key, loop_now_ms(fixture->loop)),
                             server_entry_of(&first->servers[1]) - fixture->table->entries);
    assert_string_equal(asked(fixture), "acd");
    free(orders.names);
}

static void what_is_no_server_is_not_found(void **state)
{
    struct group_fixture *fixture = *state;
    struct orders orders;
    static const char *const names[] = {
        "",     "/",     "app",          "app/",      "app/green",      "other/blue",
        "blue", "/blue", "app/10.0.0.0", "app/blue/", "app/10.1.0.3:80"};
    start(fixture, &orders);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(give(fixture, &orders, names[i], SERVER_MAINT), 0);
    assert_string_equal(asked(fixture), "abcd");
    free(orders.names);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, group_set_up, group_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_servers_are_walked_by_their_names),
        TEST(a_server_has_its_label_and_its_address_as_names),
        TEST(an_order_for_a_name_is_for_all_its_addresses_also_those_to_come),
        TEST(one_address_of_a_name_can_be_out),
        TEST(who_is_drained_is_asked_when_nobody_else_can_be_and_who_is_out_never),
        TEST(an_order_is_for_all_workers_and_for_those_that_come),
        TEST(what_is_no_server_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
