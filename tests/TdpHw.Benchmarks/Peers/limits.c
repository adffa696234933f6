// The limits: nothing that reads the same bytes can be faster than these.
#include "peer.h"
#include <immintrin.h>

// Reads `count` entries, a multiple of 32, one after the other.
PEER uint64_t linear_read(const uint64_t *entries, uint64_t count) {
#ifdef __AVX2__
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
    for (uint64_t i = 0; i < count; i += 16) {
        a = _mm256_xor_si256(a, _mm256_loadu_si256((const __m256i *)(entries + i)));
        b = _mm256_xor_si256(b, _mm256_loadu_si256((const __m256i *)(entries + i + 4)));
        c = _mm256_xor_si256(c, _mm256_loadu_si256((const __m256i *)(entries + i + 8)));
        d = _mm256_xor_si256(d, _mm256_loadu_si256((const __m256i *)(entries + i + 12)));
    }

    uint64_t lanes[4];
    _mm256_storeu_si256((__m256i *)lanes, _mm256_xor_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(c, d)));
    return lanes[0] ^ lanes[1] ^ lanes[2] ^ lanes[3];
#else
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; i++)
        sum ^= entries[i];
    return sum;
#endif
}

// Loads the entries that `indices` name; no load waits for another.
PEER uint64_t random_loads(const uint64_t *entries, const uint64_t *indices, uint64_t count) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; i++)
        sum ^= entries[indices[i]];
    return sum;
}
