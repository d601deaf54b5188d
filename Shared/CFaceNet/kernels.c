// Chooses the kernels once per loaded network.
#include "kernels.h"

const struct kernels *facenet_kernels(facenet_level level) {
#if defined(__x86_64__)
    int best = level == FACENET_BEST;
    // The builtins also ask the operating system whether it saves the wide registers.
    __builtin_cpu_init();
    if ((best || level >= FACENET_AVX512) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        return &facenet_kernels_avx512;
    if ((best || level >= FACENET_AVX2) && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &facenet_kernels_avx2;
#else
    (void)level;
#endif
    return &facenet_kernels_baseline;
}

facenet_level facenet_best_level(void) { return facenet_kernels(FACENET_BEST)->level; }
