/* SPDX-License-Identifier: MIT */
/* test_hash_ring.c - shares, and what moves when a member comes or goes. */
#include "support/unit.h"

#include "base/hash.h"
#include "upstream/hash_ring.h"

#include <stdio.h>

#define KEYS 20000

static uint64_t key_of(unsigned i)
{
    return hash_bytes(1, slice_of((const char *)&i, sizeof(i)));
}

static void make_members(struct ring_member *members, size_t count)
{
    for (unsigned i = 0; i < count; i++) {
        char name[32];
        int len = snprintf(name, sizeof(name), "10.0.0.%u:8080", i + 1);
        members[i] = (struct ring_member){hash_bytes(2, slice_of(name, (size_t)len)), 1,
                                          (uint8_t)i};
    }
}

static unsigned member_of(const struct hash_ring *ring, uint64_t key)
{
    size_t position = hashring_find(ring, key);
    return hashring_next(ring, &position);
}

static void each_member_has_a_share_by_its_weight(void **state)
{
    struct ring_member members[4];
    struct hash_ring ring = {.points = NULL};
    unsigned counts[4] = {0};
    make_members(members, COUNT_OF(members));
    members[3].weight = 3;
    assert_int_equal(hashring_build(&ring, members, COUNT_OF(members)), 0);
    assert_int_equal(ring.count, 6 * RING_POINTS);
    for (unsigned i = 0; i < KEYS; i++)
        counts[member_of(&ring, key_of(i))]++;
    for (unsigned i = 0; i < COUNT_OF(members); i++) {
        /* 160 points a member differ by some 8 %: what evens it out is the bound on the load. */
        unsigned expected = KEYS * members[i].weight / 6;
        assert_in_range(counts[i], expected * 80 / 100, expected * 120 / 100);
    }
    hashring_done(&ring);
}

static void a_member_that_leaves_moves_its_own_keys_alone(void **state)
{
    for (size_t count = 2; count <= 16; count++) {
        struct ring_member members[16];
        struct hash_ring before = {.points = NULL}, after = {.points = NULL};
        unsigned moved = 0;
        make_members(members, count);
        assert_int_equal(hashring_build(&before, members, count), 0);
        unsigned gone = members[count / 2].number;
        members[count / 2] = members[count - 1]; /* the order is another one, too */
        assert_int_equal(hashring_build(&after, members, count - 1), 0);
        for (unsigned i = 0; i < KEYS; i++) {
            unsigned former = member_of(&before, key_of(i)), now = member_of(&after, key_of(i));
            if (former == now)
                continue;
            assert_int_equal(former, gone);
            moved++;
        }
        assert_in_range(moved, 1, KEYS / count + KEYS * 5 / 100);
        hashring_done(&before);
        hashring_done(&after);
    }
}

static void a_ring_of_heavy_members_stays_small(void **state)
{
    struct ring_member members[64];
    struct hash_ring ring = {.points = NULL};
    make_members(members, COUNT_OF(members));
    for (size_t i = 0; i < COUNT_OF(members); i++)
        members[i].weight = 256;
    assert_int_equal(hashring_build(&ring, members, COUNT_OF(members)), 0);
    assert_in_range(ring.count, 1, RING_SIZE_MAX);
    bool seen[64] = {false};
    for (unsigned i = 0; i < KEYS; i++)
        seen[member_of(&ring, key_of(i))] = true;
    for (size_t i = 0; i < COUNT_OF(members); i++)
        assert_true(seen[i]);
    hashring_done(&ring);
}

static void the_walk_goes_round(void **state)
{
    struct ring_member members[3];
    struct hash_ring ring = {.points = NULL};
    bool seen[3] = {false};
    make_members(members, COUNT_OF(members));
    assert_int_equal(hashring_build(&ring, members, COUNT_OF(members)), 0);
    size_t position = hashring_find(&ring, UINT64_MAX); /* behind the last point */
    for (size_t i = 0; i < ring.count; i++)
        seen[hashring_next(&ring, &position)] = true;
    assert_true(seen[0] && seen[1] && seen[2]);
    assert_int_equal(hashring_build(&ring, members, 0), 0);
    assert_null(ring.points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_member_has_a_share_by_its_weight),
        cmocka_unit_test(a_member_that_leaves_moves_its_own_keys_alone),
        cmocka_unit_test(a_ring_of_heavy_members_stays_small),
        cmocka_unit_test(the_walk_goes_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
