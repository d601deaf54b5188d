// Kernels for x86-64 with AVX2 and FMA.
#if defined(__x86_64__)
#include "kernels.h"
#define KERNELS facenet_kernels_avx2
#define KERNELS_LEVEL FACENET_AVX2
#define TILE_PIXELS 6   // 12 of 16 registers accumulate
#define CHANNEL_LANES 16 // two registers: a depthwise run then has eight sums in flight, which hide the latency
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "kernel_set.h"
#pragma clang attribute pop
#endif
