/* SPDX-License-Identifier: MIT */
/* name_table.c - entries by key, and a sequence lock (Boehm, 2012) around each. */
#include "upstream/name_table.h"

#include "base/hash.h"

#include <errno.h>

#define KEY_SEED UINT64_C(0x6e616d6573000000)

static uint64_t key_of(const char *name)
{
    return hash_bytes(KEY_SEED, slice_from_string(name)) | 1;
}

static void pack(struct packed_address *packed, const struct address *addr)
{
    uint64_t words[2] = {0, 0}, kind = addr->any.sa_family;
    if (addr->any.sa_family == AF_INET6) {
        memcpy(words, &addr->v6.sin6_addr, sizeof(addr->v6.sin6_addr));
        kind |= (uint64_t)addr->v6.sin6_scope_id << 32;
    } else {
        memcpy(words, &addr->v4.sin_addr, sizeof(addr->v4.sin_addr));
    }
    atomic_store_explicit(&packed->kind, kind, memory_order_relaxed);
    atomic_store_explicit(&packed->bytes[0], words[0], memory_order_relaxed);
    atomic_store_explicit(&packed->bytes[1], words[1], memory_order_relaxed);
}

static struct address unpack(const struct packed_address *packed)
{
    uint64_t kind = atomic_load_explicit(&packed->kind, memory_order_relaxed);
    uint64_t words[2] = {atomic_load_explicit(&packed->bytes[0], memory_order_relaxed),
                         atomic_load_explicit(&packed->bytes[1], memory_order_relaxed)};
    struct address addr = {.any.sa_family = (kind & UINT16_MAX) == AF_INET6 ? AF_INET6 : AF_INET};
    if (addr.any.sa_family == AF_INET6) {
        addr.v6.sin6_scope_id = (uint32_t)(kind >> 32);
        memcpy(&addr.v6.sin6_addr, words, sizeof(addr.v6.sin6_addr));
    } else {
        memcpy(&addr.v4.sin_addr, words, sizeof(addr.v4.sin_addr));
    }
    return addr;
}

static const struct name_entry *find(const struct name_table *table, uint64_t key)
{
    for (size_t i = 0; i < NAME_TABLE_ENTRIES; i++) {
        if (atomic_load_explicit(&table->entries[i].key, memory_order_acquire) == key)
            return &table->entries[i];
    }
    return NULL;
}

void nametable_begin(struct name_table *table, const char *const *names, size_t count)
{
    for (size_t i = 0; i < NAME_TABLE_ENTRIES; i++) {
        uint64_t key = atomic_load(&table->entries[i].key);
        bool is_wanted = false;
        for (size_t k = 0; k < count && !is_wanted; k++)
            is_wanted = key_of(names[k]) == key;
        if (!is_wanted)
            atomic_store(&table->entries[i].key, 0);
    }
}

/* Those that are there already, in any order. */
static bool is_same(const struct name_entry *entry, const struct address *addresses, size_t count)
{
    if (atomic_load(&entry->sequence) % 2 != 0 || atomic_load(&entry->count) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool is_known = false;
        for (size_t k = 0; k < count && !is_known; k++) {
            struct address known = unpack(&entry->addresses[k]), wanted = addresses[i];
            address_set_port(&wanted, 0);
            is_known = address_equal(&known, &wanted);
        }
        if (!is_known)
            return false;
    }
    return true;
}

static struct name_entry *entry_for(struct name_table *table, uint64_t key)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < NAME_TABLE_ENTRIES; i++) {
            if (atomic_load(&table->entries[i].key) == (pass == 0 ? key : 0))
                return &table->entries[i];
        }
    }
    return NULL;
}

bool nametable_publish(struct name_table *table, const char *name, const struct address *addresses,
                       size_t count)
{
    uint64_t key = key_of(name);
    struct name_entry *entry = entry_for(table, key);
    count = MIN(count, (size_t)NAME_ADDRESSES_MAX);
    if (!entry || (atomic_load(&entry->key) == key && is_same(entry, addresses, count)))
        return false;
    /* One that died while it wrote has left an odd number behind. */
    uint32_t sequence = (atomic_load(&entry->sequence) + 1) | 1;
    atomic_store_explicit(&entry->sequence, sequence, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&entry->count, (uint32_t)count, memory_order_relaxed);
    for (size_t i = 0; i < count; i++)
        pack(&entry->addresses[i], &addresses[i]);
    atomic_store_explicit(&entry->sequence, sequence + 1, memory_order_release);
    atomic_store_explicit(&entry->key, key, memory_order_release);
    return true;
}

int nametable_read(const struct name_table *table, const char *name, uint32_t *version,
                   struct address *ret_addresses)
{
    uint64_t key = key_of(name);
    const struct name_entry *entry = find(table, key);
    if (!entry)
        return -EAGAIN;
    uint32_t sequence = atomic_load_explicit(&entry->sequence, memory_order_acquire);
    if (sequence % 2 != 0 || sequence == *version)
        return -EAGAIN;
    size_t count = MIN(atomic_load_explicit(&entry->count, memory_order_relaxed),
                       (uint32_t)NAME_ADDRESSES_MAX);
    for (size_t i = 0; i < count; i++)
        ret_addresses[i] = unpack(&entry->addresses[i]);
    atomic_thread_fence(memory_order_acquire);
    if (atomic_load_explicit(&entry->sequence, memory_order_relaxed) != sequence)
        return -EAGAIN; /* it was written meanwhile: the next time */
    if (atomic_load_explicit(&entry->key, memory_order_relaxed) != key)
        return -EAGAIN; /* another name has got the place */
    *version = sequence;
    return (int)count;
}
