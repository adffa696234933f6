// What the peers know of Intel EPT on the machine that the benchmarks model: 46 physical address bits, 2M and 1G pages,
// execute-only, accessed and dirty flags, no mode-based execute. All of it is literal, as a C programmer would write it.
#pragma once
#include "peer.h"

#define ACCESSED 0x100ull
#define DIRTY 0x200ull
#define LARGE 0x80ull

static inline bool is_present(uint64_t entry) {
    return (entry & 7) != 0;
}

static inline uint64_t leaf_reserved(int level) {
    return WIDE | (level == 3 ? 0x3ffff000ull : level == 2 ? 0x1ff000ull : 0);
}

static inline uint64_t table_reserved(int level) {
    return WIDE | (level >= 4 ? 0xf8ull : 0x78ull);
}

static inline bool is_leaf(uint64_t entry, int level) {
    return level == 1 || (level <= 3 && (entry & LARGE));
}

static inline bool is_illegal(uint64_t entry, bool leaf, int level) {
    (void)level;
    return (entry & 3) == 2 || (leaf && ((entry & 0x30) == 0x10 || (entry & 0x18) == 0x18));
}

// Read, write, execute; the same bit for fetches in user mode; user accesses are not told apart.
static inline uint8_t rights_of(uint64_t entry) {
    return (entry & 7) | ((entry & 4) << 1) | USER;
}

static inline uint8_t effective(uint8_t rights) {
    return rights;
}

static inline uint8_t memory_type_of(uint64_t entry) {
    return (entry >> 3) & 7;
}

// The importer: VT-d second stage, 46 address bits, 2M and 1G pages, snoop control, accessed and dirty flags.
static inline bool importer_faults(uint64_t entry, bool leaf, int level) {
    uint64_t reserved = (1ull << 62) | WIDE | (leaf ? leaf_reserved(level) : 0x800ull | (level >= 4 ? 0x80ull : 0));
    uint64_t output = entry & ADDRESS;
    bool blocked = level == 1 && output >= 0xfee00000ull && output <= 0xfeefffffull;
    return (entry & 3) == 0 || (entry & reserved) || (leaf && blocked);
}
