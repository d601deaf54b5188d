#include "CGallerySearch.h"

#include <string.h>

// One plain loop, compiled for several processors; the loader picks (x86-64: AVX-512, AVX2 with FMA, or SSE2).
// On arm64 NEON is the baseline and needs no clones.
#if defined(__x86_64__) && defined(__linux__)
#define VULTUS_CLONES __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define VULTUS_CLONES
#endif

// How far ahead rows are asked for, in floats: 4 KiB, a page, where the hardware's own prefetcher stops.
// Measured at 100,000 × 128 on an AVX2 server core: from 75 % of the pure-read rate to 95 %.
enum { AHEAD = 1024, LINE = 16 };

VULTUS_CLONES
void vultus_gallery_scores(
    const float *restrict rows, const float *restrict probe, float *restrict scores, size_t count, size_t dimensions) {
    const float *row = __builtin_assume_aligned(rows, 64);
    for (size_t i = 0; i < count; i++, row += dimensions) {
        // Sums in lanes, in an order that depends on `dimensions` alone: a row scores the same wherever it lies.
#pragma clang fp reassociate(on) contract(fast)
        for (size_t j = 0; j < dimensions; j += LINE) __builtin_prefetch(row + j + AHEAD, 0, 0);
        float sum = 0;
#pragma clang loop vectorize(enable) interleave_count(4)
        for (size_t j = 0; j < dimensions; j++) sum += row[j] * probe[j];
        scores[i] = sum;
    }
}

VULTUS_CLONES
float vultus_gallery_read(const float *rows, size_t count, size_t dimensions) {
#pragma clang fp reassociate(on)
    const float *row = __builtin_assume_aligned(rows, 64);
    float sum = 0;
    for (size_t i = 0; i < count; i++, row += dimensions) {
        for (size_t j = 0; j < dimensions; j += LINE) __builtin_prefetch(row + j + AHEAD, 0, 0);
#pragma clang loop vectorize(enable) interleave_count(8)
        for (size_t j = 0; j < dimensions; j++) sum += row[j];
    }
    return sum;
}

void vultus_gallery_wipe(void *memory, size_t bytes) {
    memset(memory, 0, bytes);
    __asm__ volatile("" : : "r"(memory) : "memory");
}
