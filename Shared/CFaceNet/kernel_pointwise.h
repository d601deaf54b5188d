// 1×1 convolution as a matrix product: a tile of TILE_PIXELS pixels × 16 channels accumulates in registers
// while one input channel after another is broadcast against 16 weights.

// Input panels per pass: 16 × 16 × 16 weights are 16 KiB, half of the smallest first-level cache, and stay there
// while every tile of pixels goes by.
enum { DEPTH_PANELS = 16 };

// A slope of 0 is a ReLU.
INLINE panel_t activate(panel_t x, panel_t slope) {
    const panel_t zero = {0};
    return CHOOSE(panel, x > zero, x, zero) + slope * CHOOSE(panel, x > zero, zero, x);
}

// `first`: start from the bias instead of what `out` holds. `slope`: of the activation, or null for none. `next`:
// weights of a later pass, fetched meanwhile, `lines` cache lines of them.
INLINE void tile(int pixels, const float *in, size_t in_panel, const float *weights, size_t panels, float *out,
                 const float *bias, const float *slope, int first, const float *next, int lines) {
    for (int i = 0; i < lines; i++) __builtin_prefetch(next + i * PANEL, 0, 2);
    panel_t sum[TILE_PIXELS];
    UNROLL for (int p = 0; p < pixels; p++) sum[p] = *(const panel_t *)(first ? bias : out + p * PANEL);
    for (size_t i = 0; i < panels; i++, in += in_panel, weights += PANEL * PANEL) {
        UNROLL for (int k = 0; k < PANEL; k++) {
            panel_t w = *(const panel_t *)(weights + k * PANEL);
            UNROLL for (int p = 0; p < pixels; p++) sum[p] += in[p * PANEL + k] * w;
        }
    }
    if (slope) {
        const panel_t s = *(const panel_t *)slope;
        UNROLL for (int p = 0; p < pixels; p++) sum[p] = activate(sum[p], s);
    }
    UNROLL for (int p = 0; p < pixels; p++) *(panel_t *)(out + p * PANEL) = sum[p];
}

static void pointwise(const struct pointwise *w, const float *in, size_t in_panel, size_t pixels, float *out, size_t out_panel) {
    const size_t in_panels = (size_t)w->in_channels / PANEL, out_panels = (size_t)w->out_channels / PANEL;
    // Tiles of nearly equal size: a full tile and a rest of one pixel would leave the pipes half empty.
    const size_t tiles = (pixels + TILE_PIXELS - 1) / TILE_PIXELS;
    if (tiles == 0) return;
    const size_t small = pixels / tiles, large = pixels % tiles;
    for (size_t o = 0; o < out_panels; o++) {
        const float *bias = w->bias + o * PANEL;
        for (size_t start = 0; start < in_panels; start += DEPTH_PANELS) {
            const size_t count = in_panels - start < DEPTH_PANELS ? in_panels - start : DEPTH_PANELS;
            const float *weights = w->weights + (o * in_panels + start) * PANEL * PANEL;
            const int first = start == 0, last = start + count == in_panels;
            const float *slope = last && w->activation != ACT_NONE ? w->slope + o * PANEL : 0;
            // The weights of the next pass may still be in the third-level cache; each tile fetches its share.
            const float *next = weights + count * PANEL * PANEL;
            const int lines = o + 1 == out_panels && last ? 0 : (int)((count * PANEL + tiles - 1) / tiles);
            const float *from = in + start * in_panel;
            float *to = out + o * out_panel;
            for (size_t t = 0; t < tiles; t++) {
                const size_t size = small + (t < large);
#define TILE(n) case n: tile(n, from, in_panel, weights, count, to, bias, slope, first, next, lines); break;
                switch (size) {
                TILE(1) TILE(2) TILE(3)
#if TILE_PIXELS >= 6
                TILE(4) TILE(5) TILE(6)
#endif
#if TILE_PIXELS >= 12
                TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#endif
                }
#undef TILE
                next += lines * PANEL;
                from += size * PANEL;
                to += size * PANEL;
            }
        }
    }
}
