// Maps and unmaps pages in VT-d second-stage tables as several threads at once may do it: an entry changes by compare-exchange, what
// a range covers is cleared before tables that became empty are freed.
#include "ept.h"
#include <stdlib.h>
#include <string.h>

#define READ 1ull
#define WRITE 2ull
#define SNOOP 0x800ull

struct table {
    _Atomic uint64_t entries[512];
};

static struct table *new_table(void) {
    struct table *t = aligned_alloc(4096, sizeof *t);
    if (t)
        memset(t, 0, sizeof *t);
    return t;
}

PEER void *new_root(void) {
    return new_table();
}

static inline struct table *table_of(uint64_t entry) {
    return (struct table *)(entry & ADDRESS);
}

// Maps `count` 4K pages one behind the other; false where something else is mapped or there is no memory.
PEER bool map_pages(struct table *root, uint64_t gfn, uint64_t frame, uint64_t count) {
    while (count > 0) {
        struct table *t = root;
        for (int level = 4; level > 1; level--) {
            _Atomic uint64_t *slot = &t->entries[(gfn >> (9 * (level - 1))) & 511];
            uint64_t entry = *slot;
            if (!(entry & (READ | WRITE))) {
                struct table *child = new_table();
                if (!child)
                    return false;
                if (__atomic_compare_exchange_n((uint64_t *)slot, &entry, (uint64_t)child | READ | WRITE | ACCESSED, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
                    entry = (uint64_t)child | READ | WRITE;
                else
                    free(child);
            }

            t = table_of(entry);
        }

        for (uint64_t i = gfn & 511; i < 512 && count > 0; i++, count--, gfn++, frame += 4096) {
            uint64_t expected = 0;
            if (!__atomic_compare_exchange_n((uint64_t *)&t->entries[i], &expected, frame | READ | WRITE | SNOOP, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
                && (expected & ADDRESS) != frame)
                return false;
        }
    }

    return true;
}

static uint64_t clear(struct table *t, int level, uint64_t start, uint64_t first, uint64_t last, bool *is_empty) {
    uint64_t size = 1ull << (9 * (level - 1));
    uint64_t cleared = 0;
    *is_empty = true;
    for (int i = 0; i < 512; i++) {
        uint64_t from = start + i * size, to = from + size - 1;
        uint64_t entry = t->entries[i];
        if (!(entry & (READ | WRITE)))
            continue;
        if (to < first || from > last) {
            *is_empty = false;
        } else if (level == 1) {
            __atomic_exchange_n((uint64_t *)&t->entries[i], 0, __ATOMIC_SEQ_CST);
            cleared++;
        } else {
            bool child_is_empty;
            cleared += clear(table_of(entry), level - 1, from, first, last, &child_is_empty);
            if (child_is_empty) {
                t->entries[i] = 0;
                free(table_of(entry));
            } else {
                *is_empty = false;
            }
        }
    }

    return cleared;
}

// Unmaps every page of a range and says how many there were.
PEER uint64_t unmap_pages(struct table *root, uint64_t first, uint64_t last) {
    bool is_empty;
    return clear(root, 4, 0, first, last, &is_empty);
}

// The frame that a page is mapped to; all ones for none.
PEER uint64_t frame_of(struct table *root, uint64_t gfn) {
    struct table *t = root;
    for (int level = 4;; level--) {
        uint64_t entry = t->entries[(gfn >> (9 * (level - 1))) & 511];
        if (!(entry & (READ | WRITE)))
            return ~0ull;
        if (level == 1)
            return entry & ADDRESS;
        t = table_of(entry);
    }
}
