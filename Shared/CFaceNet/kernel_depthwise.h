// Depthwise 3×3, and the two ways a row is prepared for a 1×1. Four neighbouring pixels are made at once, so that
// each input is loaded once for up to three products, and the chains of nine sums run side by side.
enum { RUN_PIXELS = 4, DEPTHWISE_TAPS = 9 };

// Pixels x…x+count−1 of one panel's row. `left`, `right`: the first, the last window has no such column.
INLINE void depthwise_run(const lanes_t weight[DEPTHWISE_TAPS], lanes_t bias, lanes_t slope, const float *const *rows,
                          float *out, int count, int stride, int left, int right) {
    const int columns = (count - 1) * stride + 3;
    const lanes_t zero = {0};
    lanes_t sum[RUN_PIXELS];
    UNROLL for (int p = 0; p < count; p++) sum[p] = bias;
    UNROLL for (int row = 0; row < 3; row++)
        UNROLL for (int column = left; column < columns - right; column++) {
            const lanes_t v = *(const lanes_t *)(rows[row] + (column - 1) * PANEL);
            UNROLL for (int p = 0; p < count; p++) {
                const int tap = column - p * stride;
                if (tap >= 0 && tap < 3) sum[p] += v * weight[row * 3 + tap];
            }
        }
    // A slope of 0 is a ReLU, of 1 no activation.
    UNROLL for (int p = 0; p < count; p++) {
        lanes_t positive = CHOOSE(lanes, sum[p] > zero, sum[p], zero), negative = CHOOSE(lanes, sum[p] > zero, zero, sum[p]);
        *(lanes_t *)(out + p * PANEL) = positive + slope * negative;
    }
}

INLINE void depthwise_row(const struct depthwise *w, int panel, const float *const rows[3], int in_width, float *out,
                          int out_width, int stride) {
    for (int lane = 0; lane < PANEL; lane += CHANNEL_LANES) {
        lanes_t weight[DEPTHWISE_TAPS];
        UNROLL for (int tap = 0; tap < DEPTHWISE_TAPS; tap++)
            weight[tap] = *(const lanes_t *)(w->weights + (panel * DEPTHWISE_TAPS + tap) * PANEL + lane);
        const lanes_t bias = *(const lanes_t *)(w->bias + panel * PANEL + lane);
        const lanes_t slope = *(const lanes_t *)(w->slope + panel * PANEL + lane);
        // The windows of pixels 1…inner−1 are whole.
        const int inner = (out_width - 1) * stride + 1 < in_width ? out_width : out_width - 1;
        const float *at[3] = { rows[0] + lane, rows[1] + lane, rows[2] + lane };
        float *to = out + lane;
        int x = 0;
        // Constant arguments make each run a straight line of loads and products.
#define RUN(count, left, right) do { \
            depthwise_run(weight, bias, slope, at, to, count, stride, left, right); \
            UNROLL for (int row = 0; row < 3; row++) at[row] += (count) * stride * PANEL; \
            to += (count) * PANEL; \
            x += (count); \
        } while (0)
        if (inner >= RUN_PIXELS) RUN(RUN_PIXELS, 1, 0);
        else if (inner >= 1) RUN(1, 1, 0);
        while (x + RUN_PIXELS <= inner) RUN(RUN_PIXELS, 0, 0);
        if (out_width > inner && x > 0) {
            if (inner - x == 3) RUN(4, 0, 1);
            else if (inner - x == 2) RUN(3, 0, 1);
            else if (inner - x == 1) RUN(2, 0, 1);
            else RUN(1, 0, 1);
        } else if (out_width > inner) {
            RUN(1, 1, 1);
        }
        while (x < out_width) RUN(1, 0, 0);
#undef RUN
    }
}

static void depthwise(const struct depthwise *w, int panel, const float *const rows[3], int in_width, float *out, int out_width) {
    if (w->stride == 2) depthwise_row(w, panel, rows, in_width, out, out_width, 2);
    else depthwise_row(w, panel, rows, in_width, out, out_width, 1);
}

static void pool(const float *upper, const float *lower, size_t in_panel, int channels, float *out, int out_width) {
    for (int c = 0; c < channels; c += PANEL, upper += in_panel, lower += in_panel)
        for (int x = 0; x < out_width; x++, out += PANEL)
            for (int lane = 0; lane < PANEL; lane += CHANNEL_LANES) {
                const float *u = upper + 2 * x * PANEL + lane, *l = lower + 2 * x * PANEL + lane;
                lanes_t a = *(const lanes_t *)u, b = *(const lanes_t *)(u + PANEL);
                lanes_t d = *(const lanes_t *)l, e = *(const lanes_t *)(l + PANEL);
                a = CHOOSE(lanes, a > b, a, b);
                d = CHOOSE(lanes, d > e, d, e);
                *(lanes_t *)(out + lane) = CHOOSE(lanes, a > d, a, d);
            }
}

static void raise_row(const float *fine, size_t fine_panel, const float *coarse, size_t coarse_panel, int channels,
                      float *out, int out_width) {
    for (int c = 0; c < channels; c += PANEL, fine += fine_panel, coarse += coarse_panel)
        for (int x = 0; x < out_width; x++, out += PANEL)
            *(panel_t *)out = *(const panel_t *)(fine + x * PANEL) + *(const panel_t *)(coarse + x / 2 * PANEL);
}
