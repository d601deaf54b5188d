// Kernels for what every processor of the architecture has.
#include "kernels.h"
#define KERNELS facenet_kernels_baseline
#define KERNELS_LEVEL FACENET_BASELINE
#if defined(__aarch64__)
#define TILE_PIXELS 6   // 24 of 32 registers accumulate
#else
#define TILE_PIXELS 3   // 12 of 16
#endif
#define CHANNEL_LANES 8
#include "kernel_set.h"
