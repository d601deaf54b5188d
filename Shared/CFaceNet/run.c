// Runs a network from its results backwards: whoever wants a row asks the layer before for the rows under it, so
// rows are used while they are still in the cache and the picture flows through in strips.
#include <math.h>
#include "net.h"

static void advance(facenet_session *s, int index);

// Row `row` of the first panel; the next panel's is `panel_of` floats on.
static float *row_of(const struct map *m, int row) {
    return m->rows + (size_t)(row % m->capacity) * (size_t)m->width * PANEL;
}

static size_t panel_of(const struct map *m) { return (size_t)m->capacity * (size_t)m->width * PANEL; }

static const float *need(facenet_session *s, int index, int row) {
    while (s->maps[index].ready <= row) advance(s, index);
    return row_of(&s->maps[index], row);
}

// Row `row` of the picture as floats between two pixels of zeros, which is how the networks pad.
static const float *pixel_row(facenet_session *s, int row) {
    if (row < 0 || row >= s->height) return s->zeros;
    const facenet_image *image = s->image;
    const struct facenet *net = s->net;
    const size_t length = 3 * ((size_t)s->width + 2);
    for (; s->pixels_ready <= row; s->pixels_ready++) {
        float *to = s->pixel_rows + (size_t)(s->pixels_ready % STEM_ROWS) * length + 3;
        const int present = s->pixels_ready < image->height ? image->width : 0;
        const char *from = (const char *)image->pixels + (present ? (size_t)s->pixels_ready * image->row_bytes : 0);
        if (image->layout != FACENET_PLANAR) {
            net->kernels->bytes((const uint8_t *)from, 3 * present, net->mean, net->scale, to);
        } else {
            for (int c = 0; c < 3; c++) {
                const float *plane = (const float *)(from + (size_t)c * (size_t)image->height * image->row_bytes);
                for (int x = 0; x < present; x++) to[3 * x + c] = (plane[x] - net->mean) * net->scale;
            }
        }
        const float black = (0 - net->mean) * net->scale;
        for (int i = 3 * present; i < 3 * s->width; i++) to[i] = black;
    }
    return s->pixel_rows + (size_t)(row % STEM_ROWS) * length;
}

static void advance_stem(facenet_session *s, const struct layer *l, struct map *m) {
    const int y = m->ready++, top = y * l->stride - 1;
    const float *rows[3];
    for (int i = 0; i < 3; i++) rows[i] = pixel_row(s, top + i);
    s->net->kernels->stem(&l->stem[s->reversed], rows, row_of(m, y), m->width, panel_of(m));
}

// Depthwise over one row and every panel: `rows` of the first panel, or null above and below the map.
static void depthwise_row(const facenet_session *s, const struct depthwise *w, const float *const rows[3], int in_width,
                          size_t in_panel, float *out, int out_width, size_t out_panel) {
    for (int p = 0; p < w->channels / PANEL; p++) {
        const float *at[3];
        for (int i = 0; i < 3; i++) at[i] = rows[i] ? rows[i] + (size_t)p * in_panel : s->zeros;
        s->net->kernels->depthwise(w, p, at, in_width, out + (size_t)p * out_panel, out_width);
    }
}

static void advance_depth_point(facenet_session *s, const struct layer *l, struct map *m) {
    const struct map *in = &s->maps[l->input];
    const int start = m->ready, end = start + m->strip < m->height ? start + m->strip : m->height;
    const int last = (end - 1) * l->stride + 1;
    need(s, l->input, last < in->height ? last : in->height - 1);
    const size_t row_floats = (size_t)m->width * PANEL, panel = (size_t)m->strip * row_floats;
    for (int y = start; y < end; y++) {
        const float *rows[3];
        for (int i = 0; i < 3; i++) {
            const int row = y * l->stride - 1 + i;
            rows[i] = row < 0 || row >= in->height ? NULL : row_of(in, row);
        }
        depthwise_row(s, &l->depthwise, rows, in->width, panel_of(in), s->scratch + (size_t)(y - start) * row_floats, m->width, panel);
    }
    s->net->kernels->pointwise(&l->pointwise, s->scratch, panel, (size_t)(end - start) * (size_t)m->width, row_of(m, start), panel_of(m));
    m->ready = end;
}

// The input row of a LAYER_POINT_DEPTH in the form its 1×1 reads, and the distance of its panels.
static const float *formed_row(facenet_session *s, const struct layer *l, int width, int row, size_t *panel) {
    const struct map *in = &s->maps[l->input];
    if (l->form == INPUT_PLAIN) {
        *panel = panel_of(in);
        return need(s, l->input, row);
    }
    if (l->form == INPUT_POOLED) {
        need(s, l->input, 2 * row + 1);
        s->net->kernels->pool(row_of(in, 2 * row), row_of(in, 2 * row + 1), panel_of(in), l->in_channels, s->scratch, width);
    } else {
        const float *fine = need(s, l->input, row), *coarse = need(s, l->other, row / 2);
        s->net->kernels->raise(fine, panel_of(in), coarse, panel_of(&s->maps[l->other]), l->in_channels, s->scratch, width);
    }
    *panel = (size_t)width * PANEL;
    return s->scratch;
}

static void advance_point_depth(facenet_session *s, const struct layer *l, struct map *m) {
    const size_t row_floats = (size_t)m->width * PANEL, panel = INSIDE_ROWS * row_floats;
    const int y = m->ready;
    for (; m->made_inside <= y + 1 && m->made_inside < m->height; m->made_inside++) {
        size_t in_panel;
        const float *in = formed_row(s, l, m->width, m->made_inside, &in_panel);
        float *out = m->inside + (size_t)(m->made_inside % INSIDE_ROWS) * row_floats;
        s->net->kernels->pointwise(&l->pointwise, in, in_panel, (size_t)m->width, out, panel);
    }
    const float *rows[3];
    for (int i = 0; i < 3; i++) {
        const int row = y - 1 + i;
        rows[i] = row < 0 || row >= m->height ? NULL : m->inside + (size_t)(row % INSIDE_ROWS) * row_floats;
    }
    float *out = row_of(m, y);
    depthwise_row(s, &l->depthwise, rows, m->width, panel, out, m->width, panel_of(m));
    for (int x = 0; x < m->width && l->sigmoids; x++)
        for (int c = 0; c < l->sigmoids; c++) {
            float *v = out + x * PANEL + c;
            *v = 1 / (1 + expf(-*v));
        }
    m->ready++;
}

// The published weights count channels outermost, the maps here innermost.
static void advance_dense(facenet_session *s, const struct layer *l, struct map *m) {
    const struct map *in = &s->maps[l->input];
    const size_t pixels = (size_t)in->height * (size_t)in->width;
    need(s, l->input, in->height - 1);
    for (size_t c = 0; c < (size_t)l->in_channels; c++) {
        const float *from = in->rows + c / PANEL * panel_of(in) + c % PANEL;
        for (size_t p = 0; p < pixels; p++)
            s->scratch[c * pixels + p] = from[p * PANEL] * l->dense.input_scale[c] + l->dense.input_shift[c];
    }
    s->net->kernels->dense(&l->dense, s->scratch, m->rows);
    m->ready = 1;
}

static void advance(facenet_session *s, int index) {
    const struct layer *l = &s->net->layers[index];
    struct map *m = &s->maps[index];
    switch (l->kind) {
    case LAYER_STEM: advance_stem(s, l, m); break;
    case LAYER_DEPTH_POINT: advance_depth_point(s, l, m); break;
    case LAYER_POINT_DEPTH: advance_point_depth(s, l, m); break;
    case LAYER_DENSE: advance_dense(s, l, m); break;
    }
}

facenet_status facenet_run(facenet_session *s, const facenet_image *image) {
    if (!s || !image || !image->pixels || image->height < 1 || image->width < 1
        || image->height > s->height || image->width > s->width
        || image->layout < FACENET_RGB8 || image->layout > FACENET_PLANAR) return FACENET_BAD_ARGUMENT;
    const size_t row = (size_t)image->width * (image->layout == FACENET_PLANAR ? sizeof(float) : 3);
    if (image->row_bytes < row || (image->layout == FACENET_PLANAR
        && (image->row_bytes % sizeof(float) || (uintptr_t)image->pixels % sizeof(float)))) return FACENET_BAD_ARGUMENT;
    s->image = image;
    s->reversed = image->layout != FACENET_PLANAR && (image->layout == FACENET_BGR8) != s->net->is_bgr;
    s->pixels_ready = 0;
    for (int i = 0; i < s->net->layer_count; i++) s->maps[i].ready = s->maps[i].made_inside = 0;
    for (int i = 0; i < s->output_count; i++)
        need(s, s->outputs[i], s->maps[s->outputs[i]].height - 1);
    s->image = NULL;
    return FACENET_OK;
}
