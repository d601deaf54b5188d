// Lays out a session's memory. A map that one layer reads keeps only the rows that layer still needs; a map with
// several readers, or that is a result, is kept whole.
#include <stdlib.h>
#include <string.h>
#include "net.h"

enum { MAX_SESSION_BYTES = 1 << 30 };

// Depthwise rows that are multiplied at once: enough pixels to use each weight often while it is near, but no more
// floats than leave room for weights and results in a second-level cache of 512 KiB.
enum { STRIP_PIXELS = 112, STRIP_FLOATS = 52 * 1024 };

static int strip_rows(int height, int width, int channels) {
    int most = STRIP_FLOATS / (width * channels), enough = (STRIP_PIXELS + width - 1) / width;
    if (most < 1) most = 1;
    if (most > enough) most = enough;
    const int strips = (height + most - 1) / most;
    return (height + strips - 1) / strips;
}

static facenet_status shape(const struct layer *l, struct facenet_session *s, struct map *m) {
    m->channels = l->out_channels;
    m->strip = 1;
    if (l->kind == LAYER_STEM) {
        m->height = (s->height - 1) / l->stride + 1;
        m->width = (s->width - 1) / l->stride + 1;
        return FACENET_OK;
    }
    const struct map *in = &s->maps[l->input];
    m->height = in->height;
    m->width = in->width;
    switch (l->kind) {
    case LAYER_DEPTH_POINT:
        m->height = (in->height - 1) / l->stride + 1;
        m->width = (in->width - 1) / l->stride + 1;
        m->strip = strip_rows(m->height, m->width, l->in_channels);
        break;
    case LAYER_POINT_DEPTH:
        if (l->form == INPUT_POOLED) {
            if (in->height % 2 || in->width % 2) return FACENET_WRONG_SIZE;
            m->height /= 2;
            m->width /= 2;
        } else if (l->form == INPUT_RAISED) {
            const struct map *other = &s->maps[l->other];
            if (other->height * 2 != in->height || other->width * 2 != in->width) return FACENET_WRONG_SIZE;
        }
        break;
    default: // LAYER_DENSE
        if ((long long)in->height * in->width * l->in_channels != l->dense.inputs) return FACENET_WRONG_SIZE;
        m->height = m->width = 1;
    }
    return FACENET_OK;
}

// Rows of map `index` its one reader looks at together, or all of them.
static int window_rows(const struct facenet_session *s, int index) {
    const struct facenet *net = s->net;
    const int all = s->maps[index].height;
    int readers = 0, window = all;
    for (int i = index + 1; i < net->layer_count; i++) {
        const struct layer *l = &net->layers[i];
        readers += l->other == index;
        if (l->other == index) window = all;
        if (l->input != index) continue;
        readers++;
        if (l->kind == LAYER_DEPTH_POINT) window = (s->maps[i].strip - 1) * l->stride + 3;
        else if (l->kind == LAYER_POINT_DEPTH) window = l->form == INPUT_POOLED ? 2 : 1;
    }
    return readers == 1 && !net->layers[index].is_output && window < all ? window : all;
}

// Hands out pieces of one block; with no block yet it only counts. Each piece starts 1536 bytes before a multiple of
// 4096 from the piece before: a processor compares only an address's low 12 bits when it asks whether a load must
// wait for a store, and two buffers walked at the same pace would answer yes all the way (1×1 at 14 instead of 34
// billion products a second, Zen 3).
static float *take(struct facenet_session *s, size_t *used, size_t floats) {
    const size_t page = 4096, shift = page - 1536, piece = (floats * sizeof(float) + page - 1) / page * page;
    const size_t at = *used;
    *used += piece + shift;
    return s->arena ? (float *)((char *)s->arena + at) : NULL;
}

static size_t lay_out(struct facenet_session *s) {
    size_t used = 0, widest = (size_t)s->width + 2, most = 0;
    for (int i = 0; i < s->net->layer_count; i++) {
        const struct layer *l = &s->net->layers[i];
        struct map *m = &s->maps[i];
        const size_t width = (size_t)m->width, in = (size_t)l->in_channels, out = (size_t)l->out_channels;
        m->rows = take(s, &used, (size_t)m->capacity * width * out);
        size_t scratch = 0;
        if (width > widest) widest = width;
        if (l->kind == LAYER_DEPTH_POINT) {
            scratch = (size_t)m->strip * width * in;
        } else if (l->kind == LAYER_POINT_DEPTH) {
            m->inside = take(s, &used, INSIDE_ROWS * width * out);
            if (l->form != INPUT_PLAIN) scratch = width * in;
        } else if (l->kind == LAYER_DENSE) {
            scratch = (size_t)l->dense.inputs;
        }
        if (scratch > most) most = scratch;
    }
    s->pixel_rows = take(s, &used, STEM_ROWS * 3 * ((size_t)s->width + 2));
    s->zeros = take(s, &used, widest * PANEL);
    s->scratch = take(s, &used, most);
    return used;
}

facenet_status facenet_session_create(const facenet *net, int height, int width, facenet_session **out) {
    if (!out) return FACENET_BAD_ARGUMENT;
    *out = NULL;
    if (!net) return FACENET_BAD_ARGUMENT;
    if (height < 1 || width < 1 || height > MAX_SIDE || width > MAX_SIDE
        || (net->fixed_height && (height != net->fixed_height || width != net->fixed_width))) return FACENET_WRONG_SIZE;
    facenet_session *s = calloc(1, sizeof *s);
    if (!s) return FACENET_NO_MEMORY;
    s->net = net;
    s->height = height;
    s->width = width;
    facenet_status status = FACENET_OK;
    for (int i = 0; i < net->layer_count && status == FACENET_OK; i++) {
        status = shape(&net->layers[i], s, &s->maps[i]);
        if (net->layers[i].is_output) s->outputs[s->output_count++] = i;
    }
    if (status == FACENET_OK) {
        for (int i = 0; i < net->layer_count; i++) {
            struct map *m = &s->maps[i];
            // A strip is written in one piece, so it must never wrap: whole strips, up to one more than is looked at.
            const int window = window_rows(s, i), most = window + m->strip - 1;
            const int rows = most < m->height ? most : m->height;
            m->capacity = (rows + m->strip - 1) / m->strip * m->strip;
        }
        s->bytes = lay_out(s);
        // Far above what any camera needs; below what would make the system kill the process instead.
        if (s->bytes <= MAX_SESSION_BYTES) s->arena = aligned_alloc(64, s->bytes);
        if (!s->arena) status = FACENET_NO_MEMORY;
    }
    if (status != FACENET_OK) {
        free(s);
        return status;
    }
    // The padding around the picture and beside it stays zero for good.
    memset(s->arena, 0, s->bytes);
    lay_out(s);
    *out = s;
    return FACENET_OK;
}

void facenet_session_free(facenet_session *s) {
    if (!s) return;
    free(s->arena);
    free(s);
}

size_t facenet_session_bytes(const facenet_session *s) { return s->bytes + sizeof *s; }

int facenet_output_count(const facenet_session *s) { return s->output_count; }

facenet_output facenet_output_at(const facenet_session *s, int index) {
    if (index < 0 || index >= s->output_count) return (facenet_output){ NULL, 0, 0, 0 };
    const struct map *m = &s->maps[s->outputs[index]];
    return (facenet_output){ m->rows, m->height, m->width, m->channels };
}
