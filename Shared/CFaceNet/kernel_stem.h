// The first convolution, 3×3 over three colours. With the colours interleaved, the nine values under one row
// of the window lie side by side, so no rearranged copy of the picture is needed.

INLINE void stem_tile(int pixels, const float *const rows[3], ptrdiff_t at, ptrdiff_t step, const struct stem *w,
                      int panel, float *out) {
    const float *weights = w->weights + panel * STEM_TAPS * PANEL;
    panel_t sum[TILE_PIXELS];
    UNROLL for (int p = 0; p < pixels; p++) sum[p] = *(const panel_t *)(w->bias + panel * PANEL);
    UNROLL for (int row = 0; row < 3; row++) {
        const float *in = rows[row] + at;
        // Unrolled, the compiler would keep pixels for later taps and run out of registers.
        _Pragma("clang loop unroll(disable)") for (int tap = 0; tap < 9; tap++) {
            panel_t weight = *(const panel_t *)(weights + (row * 9 + tap) * PANEL);
            UNROLL for (int p = 0; p < pixels; p++) sum[p] += in[p * step + tap] * weight;
        }
    }
    const panel_t slope = *(const panel_t *)(w->slope + panel * PANEL);
    UNROLL for (int p = 0; p < pixels; p++) *(panel_t *)(out + p * PANEL) = activate(sum[p], slope);
}

INLINE void stem_row(const struct stem *w, const float *const rows[3], float *out, int out_width, size_t out_panel, int stride) {
    const ptrdiff_t step = 3 * stride;
    for (int panel = 0; panel < w->out_channels / PANEL; panel++) {
        float *to = out + (size_t)panel * out_panel;
        int x = 0;
        for (; x + TILE_PIXELS <= out_width; x += TILE_PIXELS) stem_tile(TILE_PIXELS, rows, x * step, step, w, panel, to + x * PANEL);
        for (; x < out_width; x++) stem_tile(1, rows, x * step, step, w, panel, to + x * PANEL);
    }
}

static void stem(const struct stem *w, const float *const rows[3], float *out, int out_width, size_t out_panel) {
    if (w->stride == 2) stem_row(w, rows, out, out_width, out_panel, 2);
    else stem_row(w, rows, out, out_width, out_panel, 1);
}

static void bytes_to_floats(const uint8_t *in, int count, float mean, float scale, float *out) {
    for (int i = 0; i < count; i++) out[i] = ((float)in[i] - mean) * scale;
}
