// What the peers know of AMD-Vi host page tables: next tables of the level below, pages of their level's size. A next level that skips
// some and a coded page size, which the tables of the benchmarks do without, count as illegal.
#pragma once
#include "peer.h"

#define ACCESSED 0x20ull
#define DIRTY 0x40ull

static inline int next_level(uint64_t entry) {
    return (entry >> 9) & 7;
}

static inline bool is_present(uint64_t entry) {
    return entry & 1;
}

static inline uint64_t leaf_reserved(int level) {
    (void)level;
    return 0x07f0000000000000ull;
}

static inline uint64_t table_reserved(int level) {
    (void)level;
    return 0x1ff0000000000000ull;
}

static inline bool is_leaf(uint64_t entry, int level) {
    (void)level;
    return next_level(entry) == 0 || next_level(entry) == 7;
}

static inline bool is_illegal(uint64_t entry, bool leaf, int level) {
    uint64_t below = ADDRESS & ((1ull << shift_of(level)) - 1);
    return leaf ? next_level(entry) != 0 || (entry & below) : next_level(entry) != level - 1;
}

// Read and write; no fetches; user accesses are not told apart.
static inline uint8_t rights_of(uint64_t entry) {
    return ((entry >> 61) & 3) | USER;
}

static inline uint8_t effective(uint8_t rights) {
    return rights;
}

static inline uint8_t memory_type_of(uint64_t entry) {
    (void)entry;
    return UINT8_MAX;
}

// The importer: another unit of the same kind.
static inline bool importer_faults(uint64_t entry, bool leaf, int level) {
    return !is_present(entry) || (entry & (leaf ? leaf_reserved(level) : table_reserved(level))) || is_illegal(entry, leaf, level);
}
