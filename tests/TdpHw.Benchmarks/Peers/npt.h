// What the peers know of AMD nested paging on the machine that the benchmarks model: 46 physical address bits, 2M and 1G pages,
// no-execute, no memory encryption.
#pragma once
#include "peer.h"

#define ACCESSED 0x20ull
#define DIRTY 0x40ull
#define LARGE 0x80ull

static inline bool is_present(uint64_t entry) {
    return entry & 1;
}

static inline uint64_t page_reserved(int level) {
    return level == 3 ? 0x3fffe000ull : level == 2 ? 0x1fe000ull : 0;
}

static inline uint64_t leaf_reserved(int level) {
    return WIDE | page_reserved(level);
}

static inline uint64_t table_reserved(int level) {
    return WIDE | (level >= 4 ? 0x180ull : 0);
}

static inline bool is_leaf(uint64_t entry, int level) {
    return level == 1 || (level <= 3 && (entry & LARGE));
}

static inline bool is_illegal(uint64_t entry, bool leaf, int level) {
    (void)entry, (void)leaf, (void)level;
    return false;
}

// Whatever is present can be read; no-execute takes both kinds of fetches.
static inline uint8_t rights_of(uint64_t entry) {
    return 1 | (entry & 2) | (entry >> 63 ? 0 : 0xc) | ((entry & 4) << 2);
}

// All accesses of a guest are user accesses.
static inline uint8_t effective(uint8_t rights) {
    return rights & USER ? rights : 0;
}

static inline uint8_t memory_type_of(uint64_t entry) {
    (void)entry;
    return UINT8_MAX;
}

// The importer: x86-64 paging with 52 address bits, 2M and 1G pages and no-execute.
static inline bool importer_faults(uint64_t entry, bool leaf, int level) {
    return !is_present(entry) || (entry & (leaf ? page_reserved(level) : level >= 4 ? 0x80ull : 0));
}
