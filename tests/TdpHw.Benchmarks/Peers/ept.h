// What the peers know of Intel EPT on the machine that the benchmarks model: 46 physical address bits, 2M and 1G pages,
// execute-only, accessed and dirty flags, no mode-based execute. All of it is literal, as a C programmer would write it.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER __attribute__((visibility("default")))

enum outcome { MAPPED, NOT_PRESENT, RESERVED_BIT_SET, ILLEGAL_ENCODING, PERMISSION_DENIED, ADDRESS_TOO_WIDE, NOT_IN_MEMORY };

#define ADDRESS 0x000ffffffffff000ull
#define WITHIN ((1ull << 46) - 1)
#define WIDE (ADDRESS & ~WITHIN)
#define ACCESSED 0x100ull
#define DIRTY 0x200ull
#define LARGE 0x80ull
#define ALL_RIGHTS 0x1f

// Tables at physical addresses from `base` on.
struct memory {
    const uint8_t *bytes;
    uint64_t base;
    uint64_t size;
    uint64_t root;
};

struct result {
    uint64_t entry;
    uint64_t slot;
    uint64_t output;
    uint8_t outcome;
    uint8_t level;
    uint8_t rights;
    uint8_t shift;
};

static inline bool read_entry(const struct memory *m, uint64_t address, uint64_t *entry) {
    uint64_t offset = address - m->base;
    if (__builtin_expect(offset >= m->size, 0)) {
        *entry = 0;
        return false;
    }

    *entry = *(const volatile uint64_t *)(m->bytes + offset);
    return true;
}

static inline const uint64_t *table_at(const struct memory *m, uint64_t address) {
    uint64_t offset = address - m->base;
    return offset < m->size ? (const uint64_t *)(m->bytes + offset) : NULL;
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

static inline bool is_illegal(uint64_t entry, bool leaf) {
    return (entry & 3) == 2 || (leaf && ((entry & 0x30) == 0x10 || (entry & 0x18) == 0x18));
}

// Read, write, execute; the same bit for fetches in user mode; user accesses are not told apart.
static inline uint8_t rights_of(uint64_t entry) {
    return (entry & 7) | ((entry & 4) << 1) | 0x10;
}
