// The fully connected layer reads each weight once, so memory sets its speed: the weights stay the bytes the
// model was published with, a quarter of their size as floats, and are widened in registers.

typedef int8_t bytes8_t __attribute__((vector_size(8), aligned(1), may_alias));
typedef float floats8_t __attribute__((vector_size(32), aligned(4), may_alias));

enum { DENSE_ROWS = 4 };

static void dense(const struct dense *w, const float *in, float *out) {
    const int blocks = w->inputs / w->block;
    for (int row = 0; row < w->outputs; row += DENSE_ROWS) {
        floats8_t total[DENSE_ROWS] = {{0}};
        for (int b = 0; b < blocks; b++) {
            const float *x = in + (size_t)b * (size_t)w->block;
            floats8_t partial[DENSE_ROWS] = {{0}}, plain = {0};
            for (int i = 0; i < w->block; i += 8) {
                floats8_t v = *(const floats8_t *)(x + i);
                plain += v;
                UNROLL for (int r = 0; r < DENSE_ROWS; r++) {
                    const int8_t *q = w->quantised + (size_t)(row + r) * (size_t)w->inputs + (size_t)b * (size_t)w->block + i;
                    partial[r] += __builtin_convertvector(*(const bytes8_t *)q, floats8_t) * v;
                }
            }
            UNROLL for (int r = 0; r < DENSE_ROWS; r++) {
                const size_t at = (size_t)(row + r) * (size_t)blocks + (size_t)b;
                total[r] += (partial[r] - (float)w->zero[at] * plain) * w->scale[at];
            }
        }
        UNROLL for (int r = 0; r < DENSE_ROWS; r++) {
            float sum = 0;
            for (int lane = 0; lane < 8; lane++) sum += total[r][lane];
            out[row + r] = sum + w->bias[row + r];
        }
    }
}
