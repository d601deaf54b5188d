// The inner loops, and how a network finds the set made for its processor.
//
// Channels come in panels of 16. A map is [panel][row][column][16]: the 16 floats of a pixel's panel fill one cache
// line, neighbours lie at distances known when compiling, and an output panel is what one tile of the matrix
// product makes. "…_panel" arguments are the floats from one panel to the next.
#ifndef FACENET_KERNELS_H
#define FACENET_KERNELS_H

#include <stddef.h>
#include <stdint.h>
#include "include/CFaceNet.h"

enum { PANEL = 16, STEM_TAPS = 27 };

enum activation { ACT_NONE = 0, ACT_RELU = 1, ACT_PRELU = 2 };

// 1×1 convolution. weights[panel][input channel][16].
struct pointwise {
    const float *weights, *bias, *slope;
    int in_channels, out_channels;
    enum activation activation;
};

// weights[panel][tap][16]. Its activation is all in `slope`: 1 none, 0 ReLU.
struct depthwise {
    const float *weights, *bias, *slope;
    int channels, stride;
};

// weights[panel][tap][16], taps in the order row, column, colour.
struct stem {
    const float *weights, *bias, *slope;
    int out_channels, stride;
    enum activation activation;
};

// Weight = (quantised − zero) × scale, one zero and scale per `block` inputs; quantised[output][input].
struct dense {
    const int8_t *quantised, *zero;
    const float *scale, *bias;
    const float *input_scale, *input_shift; // per input channel, before the product
    int inputs, outputs, block;
};

struct kernels {
    facenet_level level;
    /// 1×1 over `pixels` pixels, which in each panel of `in` and `out` follow one another.
    void (*pointwise)(const struct pointwise *w, const float *in, size_t in_panel, size_t pixels, float *out, size_t out_panel);
    /// One panel's row out of the three rows around it.
    void (*depthwise)(const struct depthwise *w, int panel, const float *const rows[3], int in_width, float *out, int out_width);
    /// One row out of three rows of interleaved colours, each with one pixel of padding on either side.
    void (*stem)(const struct stem *w, const float *const rows[3], float *out, int out_width, size_t out_panel);
    /// `(byte − mean) × scale`.
    void (*bytes)(const uint8_t *in, int count, float mean, float scale, float *out);
    /// Largest of each 2×2: one row, its panels adjoining, out of two.
    void (*pool)(const float *upper, const float *lower, size_t in_panel, int channels, float *out, int out_width);
    /// `fine` plus `coarse`, each pixel of which stands for two columns; the panels of `out` adjoin.
    void (*raise)(const float *fine, size_t fine_panel, const float *coarse, size_t coarse_panel, int channels,
                  float *out, int out_width);
    void (*dense)(const struct dense *w, const float *in, float *out);
};

extern const struct kernels facenet_kernels_baseline;
#if defined(__x86_64__)
extern const struct kernels facenet_kernels_avx2, facenet_kernels_avx512;
#endif

/// The fastest set that is neither above `level` nor above what the processor has.
const struct kernels *facenet_kernels(facenet_level level);

#endif
