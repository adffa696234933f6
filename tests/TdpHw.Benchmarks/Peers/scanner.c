// Scanners of a whole tree as a C programmer would write them: they say what a tree holds, so that the answers can be compared.
// FORMAT is the header of the format.
#include FORMAT

struct counts {
    uint64_t present;
    uint64_t leaves;
    uint64_t violations;
    uint64_t accessed;
    uint64_t dirty;
};

static void classify_table(const struct memory *m, uint64_t address, int level, struct counts *c) {
    const uint64_t *table = table_at(m, address);
    if (!table)
        return;
    for (int i = 0; i < 512; i++) {
        uint64_t entry = table[i];
        if (!is_present(entry))
            continue;
        bool leaf = is_leaf(entry, level);
        bool violation = (entry & (leaf ? leaf_reserved(level) : table_reserved(level))) || is_illegal(entry, leaf, level);
        c->present++;
        c->leaves += leaf;
        c->violations += violation;
        c->accessed += (entry & ACCESSED) != 0;
        c->dirty += leaf && (entry & DIRTY);
        if (!leaf && !violation)
            classify_table(m, entry & ADDRESS, level - 1, c);
    }
}

PEER void classify(const struct memory *m, struct counts *counts) {
    *counts = (struct counts){0};
    classify_table(m, m->root, 4, counts);
}

// Entries that one of both takes and the other does not.
static void audit_table(const struct memory *m, uint64_t address, int level, uint64_t *offenders) {
    const uint64_t *table = table_at(m, address);
    if (!table)
        return;
    for (int i = 0; i < 512; i++) {
        uint64_t entry = table[i];
        if (entry == 0)
            continue;
        bool leaf = is_leaf(entry, level);
        bool faults = !is_present(entry) || (entry & (leaf ? leaf_reserved(level) : table_reserved(level))) || is_illegal(entry, leaf, level);
        *offenders += faults != importer_faults(entry, leaf, level);
        if (!leaf && !faults)
            audit_table(m, entry & ADDRESS, level - 1, offenders);
    }
}

PEER uint64_t audit(const struct memory *m) {
    uint64_t offenders = 0;
    audit_table(m, m->root, 4, &offenders);
    return offenders;
}

struct ranges {
    uint64_t count;
    uint64_t leaves;
    uint64_t checksum;
    uint64_t address, output, size;
    uint8_t rights;
    uint8_t memory_type;
};

static void end_range(struct ranges *r) {
    if (r->size == 0)
        return;
    r->count++;
    r->checksum = (r->checksum ^ r->address ^ r->output << 8 ^ r->size << 20 ^ (uint64_t)r->rights << 56
                      ^ (uint64_t)r->memory_type << 61)
            * 0x9e3779b97f4a7c15ull
        + 1;
}

static void ranges_table(const struct memory *m, uint64_t table_address, int level, uint64_t address, uint8_t rights, struct ranges *r) {
    const uint64_t *table = table_at(m, table_address);
    uint64_t size = 1ull << shift_of(level);
    if (!table)
        return;
    for (int i = 0; i < 512; i++, address += size) {
        uint64_t entry = table[i];
        bool leaf = is_leaf(entry, level);
        if (!is_present(entry) || (entry & (leaf ? leaf_reserved(level) : table_reserved(level))) || is_illegal(entry, leaf, level))
            continue;
        uint8_t granted = rights & rights_of(entry);
        if (!leaf) {
            ranges_table(m, entry & ADDRESS, level - 1, address, granted, r);
            continue;
        }

        uint64_t output = entry & ADDRESS & ~(size - 1);
        uint8_t type = memory_type_of(entry);
        granted = effective(granted);
        r->leaves++;
        if (r->size && address == r->address + r->size && output == r->output + r->size && granted == r->rights
            && type == r->memory_type) {
            r->size += size;
            continue;
        }

        end_range(r);
        r->address = address;
        r->output = output;
        r->size = size;
        r->rights = granted;
        r->memory_type = type;
    }
}

PEER void ranges(const struct memory *m, struct ranges *r) {
    *r = (struct ranges){0};
    ranges_table(m, m->root, 4, 0, ALL_RIGHTS, r);
    end_range(r);
}
