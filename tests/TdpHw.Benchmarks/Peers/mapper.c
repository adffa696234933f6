// Maps and unmaps pages in VT-d second-stage tables as several threads at once may do it, with what that takes: those who map share a
// lock and change entries by compare-exchange; who unmaps holds it alone, clears by a store what the range covers and only that, has
// it flushed, and frees the tables that became empty.
#include "ept.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define READ 1ull
#define WRITE 2ull
#define SNOOP 0x800ull

struct table {
    _Atomic uint64_t entries[512];
};

struct mapping {
    pthread_rwlock_t lock;
    struct table *root;
    struct table *unlinked;
    _Atomic uint64_t flushes;
    void (*_Atomic flush)(struct mapping *, uint64_t first, uint64_t last, bool frees_tables);
};

static void count_flush(struct mapping *m, uint64_t first, uint64_t last, bool frees_tables) {
    (void)first, (void)last, (void)frees_tables;
    m->flushes++;
}

static struct table *new_table(void) {
    struct table *t = aligned_alloc(4096, sizeof *t);
    if (t)
        memset(t, 0, sizeof *t);
    return t;
}

PEER void *new_root(void) {
    struct mapping *m = malloc(sizeof *m);
    if (m) {
        pthread_rwlock_init(&m->lock, NULL);
        m->root = new_table();
        m->unlinked = NULL;
        m->flushes = 0;
        m->flush = count_flush;
    }

    return m;
}

static inline struct table *table_of(uint64_t entry) {
    return (struct table *)(entry & ADDRESS);
}

static bool map_shared(struct table *root, uint64_t gfn, uint64_t frame, uint64_t count) {
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

// Maps `count` 4K pages one behind the other; false where something else is mapped or there is no memory.
PEER bool map_pages(struct mapping *m, uint64_t gfn, uint64_t frame, uint64_t count) {
    pthread_rwlock_rdlock(&m->lock);
    bool is_mapped = map_shared(m->root, gfn, frame, count);
    pthread_rwlock_unlock(&m->lock);
    return is_mapped;
}

static bool is_empty(const struct table *t, int from, int to) {
    for (int i = from; i < to; i++)
        if (atomic_load_explicit(&t->entries[i], memory_order_relaxed))
            return false;
    return true;
}

// Clears the frames from `first` to `last` of a table that holds some of them; true when it holds nothing then.
static bool clear(struct mapping *m, struct table *t, int level, uint64_t start, uint64_t first, uint64_t last, uint64_t *cleared) {
    int shift = 9 * (level - 1);
    uint64_t end = start + (512ull << shift) - 1;
    int from = first > start ? (first >> shift) & 511 : 0;
    int to = last < end ? (last >> shift) & 511 : 511;
    bool keeps = false;
    for (int i = from; i <= to; i++) {
        uint64_t entry = atomic_load_explicit(&t->entries[i], memory_order_relaxed);
        if (!(entry & (READ | WRITE)))
            continue;
        if (level == 1) {
            (*cleared)++;
        } else if (clear(m, table_of(entry), level - 1, start + ((uint64_t)i << shift), first, last, cleared)) {
            // As an entry, the link is not present.
            atomic_store_explicit(&table_of(entry)->entries[0], (uint64_t)m->unlinked, memory_order_relaxed);
            m->unlinked = table_of(entry);
        } else {
            keeps = true;
            continue;
        }

        atomic_store_explicit(&t->entries[i], 0, memory_order_release);
    }

    return !keeps && is_empty(t, to + 1, 512) && is_empty(t, 0, from);
}

// Unmaps every page of a range and says how many there were.
PEER uint64_t unmap_pages(struct mapping *m, uint64_t first, uint64_t last) {
    uint64_t cleared = 0;
    pthread_rwlock_wrlock(&m->lock);
    clear(m, m->root, 4, 0, first, last, &cleared);
    if (cleared || m->unlinked)
        m->flush(m, first, last, m->unlinked != NULL);
    while (m->unlinked) {
        struct table *t = m->unlinked;
        m->unlinked = (struct table *)atomic_load_explicit(&t->entries[0], memory_order_relaxed);
        free(t);
    }

    pthread_rwlock_unlock(&m->lock);
    return cleared;
}

// The frame that a page is mapped to; all ones for none.
PEER uint64_t frame_of(struct mapping *m, uint64_t gfn) {
    struct table *t = m->root;
    for (int level = 4;; level--) {
        uint64_t entry = t->entries[(gfn >> (9 * (level - 1))) & 511];
        if (!(entry & (READ | WRITE)))
            return ~0ull;
        if (level == 1)
            return entry & ADDRESS;
        t = table_of(entry);
    }
}
