/* SPDX-License-Identifier: MIT */
/* balancer.c - one function a method. */
#include "upstream/balancer.h"

#include "upstream/server_table.h"

/* Smooth weighted round robin, as nginx has it: each gets its weight, the highest is chosen and gives
 * what all of them got. So 5, 1, 1 is "a a b a c a a", and never five in a row. */
static unsigned in_turn(const struct balance_input *input)
{
    int64_t total = 0;
    unsigned best = 0;
    for (unsigned i = 0; i < input->count; i++) {
        const struct candidate *candidate = &input->candidates[i];
        total += candidate->weight;
        *candidate->turn += candidate->weight;
        if (*candidate->turn > *input->candidates[best].turn)
            best = i;
    }
    *input->candidates[best].turn -= total;
    return best;
}

static uint64_t load_of(const struct balance_input *input, const struct candidate *candidate)
{
    return servertable_in_flight(input->table, candidate->entry);
}

/* Those that are equally busy have their turns. */
static unsigned least_busy(const struct balance_input *input)
{
    const struct candidate *candidates = input->candidates;
    struct candidate equals[UPSTREAM_SERVERS_MAX];
    uint64_t loads[UPSTREAM_SERVERS_MAX];
    unsigned index[UPSTREAM_SERVERS_MAX], count = 0, least = 0;
    assert(input->count > 0);
    for (unsigned i = 0; i < input->count; i++) {
        loads[i] = load_of(input, &candidates[i]);
        if (loads[i] * candidates[least].weight < loads[least] * candidates[i].weight)
            least = i;
    }
    for (unsigned i = least; i < input->count; i++) {
        if (i > least && loads[i] * candidates[least].weight != loads[least] * candidates[i].weight)
            continue;
        equals[count] = candidates[i];
        index[count++] = i;
    }
    const struct balance_input in_question = {.candidates = equals, .count = count};
    return index[in_turn(&in_question)];
}

/* xorshift64* */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

/* By weight, but not @excluded. */
static unsigned draw(const struct balance_input *input, unsigned excluded)
{
    uint64_t total = 0;
    unsigned last = 0;
    for (unsigned i = 0; i < input->count; i++)
        total += i == excluded ? 0 : input->candidates[i].weight;
    uint64_t rest = (next_random(input->random) >> 32) % MAX(total, UINT64_C(1));
    for (unsigned i = 0; i < input->count; i++) {
        if (i == excluded)
            continue;
        last = i;
        if (rest < input->candidates[i].weight)
            break;
        rest -= input->candidates[i].weight;
    }
    return last;
}

/* The less busy of two: nearly as good as the least busy of all, and workers that decide at once do not
 * all take the same one. */
static unsigned of_two(const struct balance_input *input)
{
    if (input->count == 1)
        return 0;
    unsigned a = draw(input, input->count), b = draw(input, a);
    const struct candidate *first = &input->candidates[a], *second = &input->candidates[b];
    return load_of(input, first) * second->weight <= load_of(input, second) * first->weight ? a : b;
}

/* Whether the server may take one more, with no more than its share of the mean. */
static bool is_within_bound(const struct balance_input *input, const struct candidate *candidate,
                            uint64_t load, uint64_t total_load, uint64_t total_weight)
{
    uint64_t allowed = (total_load + 1) * candidate->weight * input->hash_bound;
    return load * total_weight * 100 < allowed;
}

/* Consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam, 2016). */
static unsigned by_hash(const struct balance_input *input)
{
    uint8_t index[UPSTREAM_SERVERS_MAX];
    uint64_t loads[UPSTREAM_SERVERS_MAX], total_load = 0, total_weight = 0;
    unsigned left = input->count;
    if (input->key == 0 || input->ring->count == 0)
        return of_two(input);
    memset(index, UINT8_MAX, sizeof(index));
    for (unsigned i = 0; i < input->count; i++) {
        index[input->candidates[i].number] = (uint8_t)i;
        loads[i] = input->hash_bound > 0 ? load_of(input, &input->candidates[i]) : 0;
        total_load += loads[i];
        total_weight += input->candidates[i].weight;
    }
    size_t position = hashring_find(input->ring, input->key);
    for (size_t step = 0; step < input->ring->count && left > 0; step++) {
        uint8_t number = hashring_next(input->ring, &position), i = index[number];
        if (i == UINT8_MAX)
            continue;
        if (input->hash_bound == 0 ||
            is_within_bound(input, &input->candidates[i], loads[i], total_load, total_weight))
            return i;
        index[number] = UINT8_MAX;
        left--;
    }
    return of_two(input);
}

unsigned balancer_choose(enum balance_kind kind, const struct balance_input *input)
{
    static unsigned (*const methods[])(const struct balance_input *) = {
        [BALANCE_ROUND_ROBIN] = in_turn,
        [BALANCE_LEAST_BUSY] = least_busy,
        [BALANCE_RANDOM] = of_two,
        [BALANCE_HASH] = by_hash,
    };
    return methods[kind](input);
}
