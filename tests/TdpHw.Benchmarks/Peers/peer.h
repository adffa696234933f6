// What all peers share: tables at physical addresses, and the answer of a walk.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER __attribute__((visibility("default")))

enum outcome { MAPPED, NOT_PRESENT, RESERVED_BIT_SET, ILLEGAL_ENCODING, PERMISSION_DENIED, ADDRESS_TOO_WIDE, NOT_IN_MEMORY };

// Where all formats hold an address, and what of it the machine that the benchmarks model lacks.
#define ADDRESS 0x000ffffffffff000ull
#define WITHIN ((1ull << 46) - 1)
#define WIDE (ADDRESS & ~WITHIN)
#define ALL_RIGHTS 0x1f
#define USER 0x10

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

// How far the index of a level lies above an address's lowest bit.
static inline int shift_of(int level) {
    return 3 + 9 * level;
}
