// Compiled once per instruction set by kernels_*.c, which say how many registers there are; the vector
// types below are the same everywhere and the compiler splits them to what the processor has. No include
// guard: every includer is a translation unit of its own.

// Every function with vectors in its signature is inlined, so no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"

// Multiply and add may round once instead of twice: that is what FMA is for.
#pragma clang fp contract(fast)

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float panel_t __attribute__((vector_size(4 * PANEL), aligned(4), may_alias));
typedef float lanes_t __attribute__((vector_size(4 * CHANNEL_LANES), aligned(4), may_alias));
typedef int32_t panel_bits_t __attribute__((vector_size(4 * PANEL)));
typedef int32_t lanes_bits_t __attribute__((vector_size(4 * CHANNEL_LANES)));

// C has no `?:` on vectors. The compiler sees through this to a maximum or minimum instruction.
#define CHOOSE(type, mask, yes, no) \
    ((type##_t)(((type##_bits_t)(mask) & (type##_bits_t)(yes)) | (~(type##_bits_t)(mask) & (type##_bits_t)(no))))

#include "kernel_pointwise.h"
#include "kernel_depthwise.h"
#include "kernel_stem.h"
#include "kernel_dense.h"

const struct kernels KERNELS = {
    .level = KERNELS_LEVEL,
    .pointwise = pointwise,
    .depthwise = depthwise,
    .stem = stem,
    .bytes = bytes_to_floats,
    .pool = pool,
    .raise = raise_row,
    .dense = dense,
};
