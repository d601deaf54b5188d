// Kernels for x86-64 with AVX-512.
#if defined(__x86_64__)
#include "kernels.h"
#define KERNELS facenet_kernels_avx512
#define KERNELS_LEVEL FACENET_AVX512
#define TILE_PIXELS 12  // 12 of 32 registers accumulate, enough to hide two pipes' latency
#define CHANNEL_LANES 16
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), apply_to = function)
#include "kernel_set.h"
#pragma clang attribute pop
#endif
