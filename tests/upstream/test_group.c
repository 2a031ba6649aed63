/* SPDX-License-Identifier: MIT */
/* test_group.c - how requests are spread over servers, method by method. */
#include "support/unit.h"

#include "upstream/group_fixture.h"

#include "base/hash.h"

#include <stdlib.h>

static const unsigned weights[] = {1, 2, 5, 8};
#define WEIGHT_SUM 16

static void add_weighted(struct group_fixture *fixture)
{
    for (size_t i = 0; i < COUNT_OF(weights); i++)
        (void)group_fixture_add(fixture, weights[i]);
}

/* Within @percent of what weights say. */
static void assert_balanced(const unsigned *counts, unsigned rounds, unsigned percent)
{
    for (size_t i = 0; i < COUNT_OF(weights); i++) {
        unsigned expected = rounds * weights[i] / WEIGHT_SUM;
        assert_in_range(counts[i], expected * (100 - percent) / 100,
                        expected * (100 + percent) / 100 + 1);
    }
}

static void turns_are_by_weight_and_evenly_mixed(void **state)
{
    struct group_fixture *fixture = *state;
    unsigned counts[4] = {0};
    add_weighted(fixture);
    group_fixture_start(fixture);
    group_fixture_count(fixture->group, WEIGHT_SUM * 100, counts);
    assert_balanced(counts, WEIGHT_SUM * 100, 0);
    /* Any sixteen in a row are nearly as the weights say. */
    for (unsigned start = 0; start < 50; start++) {
        unsigned few[4] = {0};
        group_fixture_count(fixture->group, WEIGHT_SUM / 2, few);
        assert_in_range(few[3], 3, 5);
        assert_in_range(few[2], 1, 4);
    }
}

static void workers_do_not_begin_with_the_same_server(void **state)
{
    struct group_fixture *fixture = *state;
    unsigned counts[4] = {0};
    for (int i = 0; i < 4; i++)
        (void)group_fixture_add(fixture, 1);
    for (unsigned slot = 0; slot < 4; slot++) {
        struct upstream_group *group = group_fixture_other(fixture, slot);
        group_fixture_count(group, 1, counts);
        group_destroy(group);
    }
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        assert_int_equal(counts[i], 1);
}

static void start_weighted(struct group_fixture *fixture, enum balance_kind balance)
{
    add_weighted(fixture);
    fixture->config.balance = balance;
    group_fixture_start(fixture);
    fixture->group->random = 1; /* the same draws each time */
}

/* Requests that take some time: a steady number is under way, and who ends is chosen at random. */
static void spread_concurrent(struct group_fixture *fixture, uint64_t (*key)(unsigned),
                              unsigned *counts, unsigned rounds)
{
    enum { UNDER_WAY = 64 };
    struct upstream_server *under_way[UNDER_WAY] = {NULL};
    srand(1);
    for (unsigned i = 0; i < rounds; i++) {
        unsigned place = i < UNDER_WAY ? i : (unsigned)rand() % UNDER_WAY;
        if (under_way[place])
            server_release(under_way[place], OUTCOME_OK, 1000);
        under_way[place] = group_pick(fixture->group, key ? key(i) : 0, 0);
        assert_non_null(under_way[place]);
        counts[under_way[place]->index]++;
    }
    for (unsigned i = 0; i < UNDER_WAY; i++)
        server_release(under_way[i], OUTCOME_OK, 1000);
}

static void the_least_busy_keeps_to_weights(void **state)
{
    struct group_fixture *fixture = *state;
    unsigned counts[4] = {0};
    start_weighted(fixture, BALANCE_LEAST_BUSY);
    spread_concurrent(fixture, NULL, counts, 20000);
    assert_balanced(counts, 20000, 5);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(servertable_in_flight(fixture->table, fixture->group->servers[i].entry),
                         0);
}

static void idle_servers_have_turns_when_the_least_busy_is_asked(void **state)
{
    struct group_fixture *fixture = *state;
    unsigned counts[4] = {0};
    start_weighted(fixture, BALANCE_LEAST_BUSY);
    group_fixture_count(fixture->group, 1600, counts);
    assert_balanced(counts, 1600, 0);
}

static void the_less_busy_of_two_keeps_to_weights(void **state)
{
    struct group_fixture *fixture = *state;
    unsigned counts[4] = {0};
    start_weighted(fixture, BALANCE_RANDOM);
    spread_concurrent(fixture, NULL, counts, 100000);
    assert_balanced(counts, 100000, 5);
}

static void chance_alone_keeps_to_weights(void **state)
{
    struct group_fixture *fixture = *state;
    unsigned counts[4] = {0};
    start_weighted(fixture, BALANCE_RANDOM);
    group_fixture_count(fixture->group, 100000, counts); /* nobody is ever busy */
    assert_balanced(counts, 100000, 5);
}

/* Several workers, of which any gets the next request, with 64 under way in all of them together. */
static void spread_over_workers(struct group_fixture *fixture, unsigned *counts, unsigned rounds)
{
    enum { WORKERS = 4, UNDER_WAY = 64 };
    struct upstream_group *workers[WORKERS];
    struct upstream_server *under_way[UNDER_WAY] = {NULL};
    group_fixture_start(fixture);
    workers[0] = fixture->group;
    for (unsigned slot = 1; slot < WORKERS; slot++)
        workers[slot] = group_fixture_other(fixture, slot);
    for (unsigned slot = 0; slot < WORKERS; slot++)
        workers[slot]->random = slot + 1;
    srand(1);
    for (unsigned i = 0; i < rounds; i++) {
        unsigned place = (unsigned)rand() % UNDER_WAY;
        if (under_way[place])
            server_release(under_way[place], OUTCOME_OK, 1000);
        under_way[place] = group_pick(workers[(unsigned)rand() % WORKERS], 0, 0);
        assert_non_null(under_way[place]);
        counts[under_way[place]->index]++;
    }
    for (unsigned i = 0; i < UNDER_WAY; i++) {
        if (under_way[i])
            server_release(under_way[i], OUTCOME_OK, 1000);
    }
    for (unsigned slot = 1; slot < WORKERS; slot++)
        group_destroy(workers[slot]);
}

static void workers_together_keep_to_weights_by_each_method(void **state)
{
    static const enum balance_kind kinds[] = {BALANCE_ROUND_ROBIN, BALANCE_LEAST_BUSY,
                                              BALANCE_RANDOM};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        unsigned counts[4] = {0};
        assert_int_equal(group_set_up(state), 0);
        struct group_fixture *fixture = *state;
        add_weighted(fixture);
        fixture->config.balance = kinds[i];
        spread_over_workers(fixture, counts, 100000);
        assert_balanced(counts, 100000, 5);
        assert_int_equal(group_tear_down(state), 0);
    }
}

static void equal_servers_get_the_same_by_chance(void **state)
{
    struct group_fixture *fixture = *state;
    unsigned counts[8] = {0};
    for (int i = 0; i < 8; i++)
        (void)group_fixture_add(fixture, 1);
    fixture->config.balance = BALANCE_RANDOM;
    group_fixture_start(fixture);
    spread_concurrent(fixture, NULL, counts, 80000);
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        assert_in_range(counts[i], 9500, 10500);
}

static void a_slow_server_gets_less_when_the_less_busy_is_asked(void **state)
{
    struct group_fixture *fixture = *state;
    struct upstream_server *slow[200];
    unsigned counts[2] = {0}, slow_count = 0;
    (void)group_fixture_add(fixture, 1);
    (void)group_fixture_add(fixture, 1);
    fixture->config.balance = BALANCE_LEAST_BUSY;
    group_fixture_start(fixture);
    for (unsigned i = 0; i < 200; i++) {
        struct upstream_server *server = group_pick(fixture->group, 0, 0);
        counts[server->index]++;
        if (server->index == 0)
            slow[slow_count++] = server; /* it never answers */
        else
            server_release(server, OUTCOME_OK, 1000);
    }
    assert_in_range(counts[0], 1, 2);
    while (slow_count > 0)
        server_release(slow[--slow_count], OUTCOME_OURS, 0);
}

static uint64_t key_of(unsigned i)
{
    return hash_bytes(1, slice_of((const char *)&i, sizeof(i))) | 1;
}

static void a_key_goes_to_the_same_server_in_all_workers(void **state)
{
    struct group_fixture *fixture = *state;
    for (int i = 0; i < 5; i++)
        (void)group_fixture_add(fixture, 1);
    fixture->config.balance = BALANCE_HASH;
    group_fixture_start(fixture);
    struct upstream_group *other = group_fixture_other(fixture, 3);
    for (unsigned i = 0; i < 1000; i++) {
        struct upstream_server *a = group_pick(fixture->group, key_of(i), 0);
        server_release(a, OUTCOME_OK, 1000);
        struct upstream_server *b = group_pick(other, key_of(i), 0);
        server_release(b, OUTCOME_OK, 1000);
        assert_int_equal(a->index, b->index);
        assert_ptr_equal(group_preview(fixture->group, key_of(i)), a);
    }
    group_destroy(other);
}

static void a_server_that_is_out_moves_its_own_keys_alone(void **state)
{
    enum { SERVERS = 5, KEYS = 10000 };
    struct group_fixture *fixture = *state;
    static uint8_t before[KEYS];
    unsigned moved = 0;
    for (int i = 0; i < SERVERS; i++)
        (void)group_fixture_add(fixture, 1);
    fixture->config.balance = BALANCE_HASH;
    group_fixture_start(fixture);
    for (unsigned i = 0; i < KEYS; i++)
        before[i] = (uint8_t)group_preview(fixture->group, key_of(i))->index;
    for (int i = 0; i < 2; i++)
        server_checked(&fixture->group->servers[2], CHECK_RESULT_BAD, 0, 0);
    for (unsigned i = 0; i < KEYS; i++) {
        unsigned now = group_preview(fixture->group, key_of(i))->index;
        if (before[i] != 2)
            assert_int_equal(now, before[i]);
        moved += now != before[i];
    }
    assert_in_range(moved, 1, KEYS / SERVERS + KEYS * 5 / 100);
}

static uint64_t key_of_few(unsigned i)
{
    return key_of(i % 10 < 9 ? 0 : i); /* nine of ten want the same page */
}

static void a_page_that_all_want_does_not_drown_its_server(void **state)
{
    enum { ROUNDS = 20000 };
    struct group_fixture *fixture = *state;
    unsigned bounded[4] = {0}, unbounded[4] = {0};
    for (int i = 0; i < 4; i++)
        (void)group_fixture_add(fixture, 1);
    fixture->config.balance = BALANCE_HASH;
    group_fixture_start(fixture);
    unsigned home = group_preview(fixture->group, key_of(0))->index;
    spread_concurrent(fixture, key_of_few, bounded, ROUNDS);
    /* No more than 150 percent of the mean at any time, so no more in the end. */
    assert_in_range(bounded[home], ROUNDS / 4, ROUNDS / 4 * 155 / 100);
    fixture->config.hash_bound = 0;
    spread_concurrent(fixture, key_of_few, unbounded, ROUNDS);
    assert_in_range(unbounded[home], ROUNDS * 9 / 10, ROUNDS);
}

static struct request request_of(const char *target, struct header *rows, uint16_t capacity)
{
    struct request req;
    request_clear(&req);
    req.target = slice_from_string(target);
    header_table_init(&req.headers, rows, capacity);
    return req;
}

static void each_kind_of_key_has_its_part_of_the_request(void **state)
{
    struct group_fixture *fixture = *state;
    struct header rows[4];
    struct address one, other;
    struct request req = request_of("/a?b", rows, 4), next = request_of("/a?c", rows, 0);
    (void)group_fixture_add(fixture, 1);
    fixture->config.balance = BALANCE_HASH;
    group_fixture_start(fixture);
    assert_int_equal(header_table_add(&req.headers, SLICE_LITERAL("X-User"), SLICE_LITERAL("7")),
                     0);
    assert_int_equal(
        header_table_add(&req.headers, SLICE_LITERAL("Cookie"), SLICE_LITERAL("a=1; sid=7")), 0);
    assert_int_equal(address_parse(SLICE_LITERAL("192.0.2.1:1"), 0, &one), 0);
    assert_int_equal(address_parse(SLICE_LITERAL("192.0.2.1:2"), 0, &other), 0);
    struct hash_key_config *key = &fixture->config.hash_key;

    key->kind = HASH_KEY_URI;
    assert_int_not_equal(group_key(fixture->group, &req, &one), 0);
    assert_int_not_equal(group_key(fixture->group, &req, &one),
                         group_key(fixture->group, &next, &one));
    assert_int_equal(group_key(fixture->group, NULL, NULL), 0);

    key->kind = HASH_KEY_CLIENT;
    assert_int_equal(group_key(fixture->group, &req, &one),
                     group_key(fixture->group, NULL, &other));
    assert_int_equal(group_key(fixture->group, &req, NULL), 0);

    key->kind = HASH_KEY_HEADER;
    key->name = (char *)(uintptr_t) "x-user";
    uint64_t by_header = group_key(fixture->group, &req, NULL);
    assert_int_not_equal(by_header, 0);
    assert_int_equal(group_key(fixture->group, &next, NULL), 0);

    key->kind = HASH_KEY_COOKIE;
    key->name = (char *)(uintptr_t) "sid";
    assert_int_equal(group_key(fixture->group, &req, NULL), by_header); /* the same value */
    key->name = (char *)(uintptr_t) "SID";
    assert_int_equal(group_key(fixture->group, &req, NULL), 0);

    fixture->config.balance = BALANCE_RANDOM;
    assert_int_equal(group_key(fixture->group, &req, &one), 0);
}

static void a_name_has_a_server_for_each_address(void **state)
{
    struct group_fixture *fixture = *state;
    struct address addresses[3];
    unsigned counts[UPSTREAM_SERVERS_MAX] = {0};
    struct upstream_server_config *name = group_fixture_add_name(
        fixture, (char *)(uintptr_t) "app.internal");
    group_fixture_start(fixture);
    assert_null(group_pick(fixture->group, 0, 0)); /* it is not known yet */
    for (unsigned i = 0; i < 3; i++) {
        char text[32];
        int len = snprintf(text, sizeof(text), "10.1.0.%u:80", i);
        assert_int_equal(address_parse(slice_of(text, (size_t)len), 0, &addresses[i]), 0);
    }
    group_set_addresses(fixture->group, name, addresses, 2);
    group_fixture_count(fixture->group, 10, counts);
    assert_int_equal(counts[0], 5);
    assert_int_equal(counts[1], 5);
    assert_string_equal(fixture->group->servers[0].name, "10.1.0.0:80");

    /* The first one goes while a request is under way there; the second stays what it is. */
    unsigned generation = fixture->group->servers[1].generation;
    struct upstream_server *busy = group_pick(fixture->group, 0, UINT64_C(1) << 1);
    assert_int_equal(busy->index, 0);
    unsigned entry = busy->entry;
    group_set_addresses(fixture->group, name, &addresses[1], 2);
    assert_int_equal(fixture->group->servers[1].generation, generation);
    assert_int_equal(servertable_in_flight(fixture->table, entry), 1);
    memset(counts, 0, sizeof(counts));
    group_fixture_count(fixture->group, 10, counts);
    assert_int_equal(counts[0], 0);
    assert_int_equal(counts[1] + counts[2], 10);
    server_release(busy, OUTCOME_OK, 1000);
    assert_int_equal(servertable_in_flight(fixture->table, entry), 0);
    assert_string_equal(busy->name, "app.internal");

    group_set_addresses(fixture->group, name, addresses, 1);
    assert_int_equal(group_fixture_ask(fixture, OUTCOME_OK)->index, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, group_set_up, group_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(turns_are_by_weight_and_evenly_mixed),
        TEST(workers_do_not_begin_with_the_same_server),
        TEST(the_least_busy_keeps_to_weights),
        TEST(idle_servers_have_turns_when_the_least_busy_is_asked),
        TEST(the_less_busy_of_two_keeps_to_weights),
        TEST(chance_alone_keeps_to_weights),
        cmocka_unit_test(workers_together_keep_to_weights_by_each_method),
        TEST(equal_servers_get_the_same_by_chance),
        TEST(a_slow_server_gets_less_when_the_less_busy_is_asked),
        TEST(a_key_goes_to_the_same_server_in_all_workers),
        TEST(a_server_that_is_out_moves_its_own_keys_alone),
        TEST(a_page_that_all_want_does_not_drown_its_server),
        TEST(each_kind_of_key_has_its_part_of_the_request),
        TEST(a_name_has_a_server_for_each_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
