// A walker of one format as a C programmer would write it for this one machine, with all checks of the manual; and the best batch
// that we know how to write in C. FORMAT is the header of the format.
#include FORMAT
#include <immintrin.h>

static inline __attribute__((always_inline)) bool step(
    const struct memory *m, uint64_t address, uint8_t access, int level, uint64_t *table, uint8_t *rights, struct result *r) {
    uint64_t slot = *table + ((address >> (9 * level)) & 0xff8);
    uint64_t entry;
    r->slot = slot;
    r->level = level;
    r->rights = *rights;
    r->output = 0;
    r->shift = 0;
    if (!read_entry(m, slot, &entry)) {
        r->entry = 0;
        r->outcome = NOT_IN_MEMORY;
        return false;
    }

    r->entry = entry;
    if (!is_present(entry)) {
        r->outcome = NOT_PRESENT;
        return false;
    }

    bool leaf = is_leaf(entry, level);
    if (entry & (leaf ? leaf_reserved(level) : table_reserved(level))) {
        r->outcome = RESERVED_BIT_SET;
        return false;
    }

    if (is_illegal(entry, leaf, level)) {
        r->outcome = ILLEGAL_ENCODING;
        return false;
    }

    *rights &= rights_of(entry);
    if (leaf) {
        uint64_t offset = (1ull << shift_of(level)) - 1;
        uint8_t needed = (uint8_t)((1u << access) >> 1);
        r->rights = effective(*rights);
        r->output = (entry & ADDRESS & ~offset) | (address & offset);
        r->shift = shift_of(level);
        r->outcome = (r->rights & needed) == needed ? MAPPED : PERMISSION_DENIED;
        return false;
    }

    *table = entry & ADDRESS;
    return true;
}

PEER __attribute__((noinline)) void walk(const struct memory *m, uint64_t address, uint8_t access, struct result *r) {
    uint64_t table = m->root;
    uint8_t rights = ALL_RIGHTS;
    if (address >> 48) {
        *r = (struct result){.outcome = ADDRESS_TOO_WIDE};
        return;
    }

    if (step(m, address, access, 4, &table, &rights, r) && step(m, address, access, 3, &table, &rights, r)
        && step(m, address, access, 2, &table, &rights, r))
        step(m, address, access, 1, &table, &rights, r);
}

static inline uint64_t mixed(uint64_t sum, const struct result *r) {
    uint64_t flags = r->outcome | (uint64_t)r->level << 8 | (uint64_t)r->rights << 16 | (uint64_t)r->shift << 24;
    return (sum ^ r->output ^ r->entry ^ r->slot << 20 ^ flags << 32) * 0x9e3779b97f4a7c15ull + 1;
}

PEER uint64_t checksum(const struct result *results, uint64_t count, uint64_t sum) {
    for (uint64_t i = 0; i < count; i++)
        sum = mixed(sum, results + i);
    return sum;
}

// Single calls, each of which waits for the answer of the one before.
PEER uint64_t walk_chain(const struct memory *m, const uint64_t *addresses, uint64_t count) {
    struct result r = {0};
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; i++) {
        walk(m, addresses[i] + (r.output >> 63), 0, &r);
        sum += r.output;
    }

    return sum;
}

// One single call after the other.
PEER void walk_plain(const struct memory *m, const uint64_t *addresses, uint64_t count, struct result *results) {
    for (uint64_t i = 0; i < count; i++)
        walk(m, addresses[i], 0, results + i);
}

#define GROUP 32

// Interleaved: three rounds over a group of addresses, each of which asks the memory for what the next one reads.
PEER void walk_interleaved(const struct memory *m, const uint64_t *addresses, uint64_t count, struct result *results) {
    uint64_t tables[GROUP];
    uint8_t rights[GROUP];
    bool open[GROUP];
    for (uint64_t start = 0; start < count; start += GROUP) {
        uint64_t n = count - start < GROUP ? count - start : GROUP;
        for (uint64_t i = 0; i < n; i++) {
            uint64_t address = addresses[start + i];
            struct result *r = results + start + i;
            tables[i] = m->root;
            rights[i] = ALL_RIGHTS;
            if (address >> 48) {
                *r = (struct result){.outcome = ADDRESS_TOO_WIDE};
                open[i] = false;
                continue;
            }

            open[i] = step(m, address, 0, 4, tables + i, rights + i, r) && step(m, address, 0, 3, tables + i, rights + i, r);
            if (open[i]) {
                const uint64_t *table = table_at(m, tables[i]);
                if (table)
                    _mm_prefetch((const char *)(table + ((address >> 21) & 511)), _MM_HINT_T0);
            }
        }

        for (uint64_t i = 0; i < n; i++) {
            uint64_t address = addresses[start + i];
            if (open[i] && (open[i] = step(m, address, 0, 2, tables + i, rights + i, results + start + i))) {
                const uint64_t *table = table_at(m, tables[i]);
                if (table)
                    _mm_prefetch((const char *)(table + ((address >> 12) & 511)), _MM_HINT_T0);
            }
        }

        for (uint64_t i = 0; i < n; i++)
            if (open[i])
                step(m, addresses[start + i], 0, 1, tables + i, rights + i, results + start + i);
    }
}
