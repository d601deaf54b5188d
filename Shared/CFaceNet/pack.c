#include <string.h>
#include "pack.h"

static size_t lines(size_t bytes) { return (bytes + 63) / 64 * 64; }
static size_t words(size_t bytes) { return (bytes + 3) / 4 * 4; }

static uint64_t activation_bytes(size_t channels, uint32_t activation) {
    return 4 * channels * (activation == ACT_PRELU ? 2 : 1);
}

static uint64_t quantised_bytes(size_t rows, size_t inputs, size_t block) {
    const size_t scales = rows * (inputs / block);
    return 4 * scales + words(scales) + rows * inputs;
}

uint64_t packed_file_bytes(const struct file_layer *r) {
    const size_t in = r->in_channels, out = r->out_channels;
    const uint64_t matrix = r->kind == LAYER_STEM || r->kind == LAYER_DENSE ? 0 : r->block ? quantised_bytes(out, in, r->block) : 4 * in * out;
    switch (r->kind) {
    case LAYER_STEM: return 4 * STEM_TAPS * out + activation_bytes(out, r->pointwise_activation);
    case LAYER_DENSE: return 8 * in + quantised_bytes(out, r->features, r->block) + 4 * out;
    default: {
        const size_t deep = r->kind == LAYER_DEPTH_POINT ? in : out;
        return matrix + activation_bytes(out, r->pointwise_activation) + 36 * deep + activation_bytes(deep, r->depthwise_activation);
    }
    }
}

// Every layer has slopes in memory, whatever its activation.
size_t packed_memory_bytes(const struct file_layer *r) {
    const size_t in = r->in_channels, out = r->out_channels;
    switch (r->kind) {
    case LAYER_STEM: return 2 * lines(4 * STEM_TAPS * out) + 2 * lines(4 * out);
    case LAYER_DENSE: {
        const size_t scales = out * (r->features / r->block);
        return 2 * lines(4 * in) + lines(4 * scales) + lines(scales) + lines(out * r->features) + lines(4 * out);
    }
    default: {
        const size_t deep = r->kind == LAYER_DEPTH_POINT ? in : out;
        return lines(4 * in * out) + 2 * lines(4 * out) + lines(36 * deep) + 2 * lines(4 * deep);
    }
    }
}

static void *room(struct packer *p, size_t bytes) {
    void *at = p->to;
    p->to += lines(bytes);
    return at;
}

static void *copied(struct packer *p, size_t bytes) {
    void *at = memcpy(room(p, bytes), p->from, bytes);
    p->from += words(bytes);
    return at;
}

static const float *slope(struct packer *p, size_t channels, uint32_t activation) {
    if (activation == ACT_PRELU) return copied(p, 4 * channels);
    float *same = room(p, 4 * channels);
    for (size_t i = 0; i < channels; i++) same[i] = activation == ACT_NONE ? 1 : 0;
    return same;
}

static void put(float *panels, size_t depth, size_t row, size_t column, float value) {
    panels[(row / PANEL * depth + column) * PANEL + row % PANEL] = value;
}

static void pack_pointwise(struct packer *p, const struct file_layer *r, struct pointwise *w) {
    const size_t in = r->in_channels, out = r->out_channels;
    float *panels = room(p, 4 * in * out);
    if (r->block) {
        const size_t blocks = in / r->block;
        const uint8_t *scales = p->from, *zeros = scales + 4 * out * blocks, *values = zeros + words(out * blocks);
        for (size_t row = 0; row < out; row++)
            for (size_t column = 0; column < in; column++) {
                const size_t at = row * blocks + column / r->block;
                float scale;
                memcpy(&scale, scales + 4 * at, 4);
                put(panels, in, row, column, (float)((int8_t)values[row * in + column] - (int8_t)zeros[at]) * scale);
            }
        p->from = values + out * in;
    } else {
        for (size_t row = 0; row < out; row++)
            for (size_t column = 0; column < in; column++) {
                float value;
                memcpy(&value, p->from + 4 * (row * in + column), 4);
                put(panels, in, row, column, value);
            }
        p->from += 4 * in * out;
    }
    *w = (struct pointwise){ .weights = panels, .in_channels = (int)in, .out_channels = (int)out,
                             .activation = (enum activation)r->pointwise_activation };
    w->bias = copied(p, 4 * out);
    w->slope = slope(p, out, r->pointwise_activation);
}

static void pack_depthwise(struct packer *p, const struct file_layer *r, size_t channels, struct depthwise *w) {
    *w = (struct depthwise){ .channels = (int)channels, .stride = (int)r->stride };
    float *panels = room(p, 36 * channels);
    for (size_t tap = 0; tap < 9; tap++)
        for (size_t channel = 0; channel < channels; channel++)
            memcpy(&panels[(channel / PANEL * 9 + tap) * PANEL + channel % PANEL], p->from + 4 * (tap * channels + channel), 4);
    p->from += 36 * channels;
    w->weights = panels;
    w->bias = copied(p, 4 * channels);
    w->slope = slope(p, channels, r->depthwise_activation);
}

static void pack_stem(struct packer *p, const struct file_layer *r, struct stem stems[2]) {
    const size_t out = r->out_channels;
    float *panels[2] = { room(p, 4 * STEM_TAPS * out), room(p, 4 * STEM_TAPS * out) };
    for (size_t tap = 0; tap < STEM_TAPS; tap++)
        for (size_t channel = 0; channel < out; channel++) {
            float value;
            memcpy(&value, p->from + 4 * (tap * out + channel), 4);
            put(panels[0], STEM_TAPS, channel, tap, value);
            put(panels[1], STEM_TAPS, channel, tap / 3 * 3 + 2 - tap % 3, value);
        }
    p->from += 4 * STEM_TAPS * out;
    stems[0] = (struct stem){ .weights = panels[0], .out_channels = (int)out, .stride = (int)r->stride,
                              .activation = (enum activation)r->pointwise_activation };
    stems[0].bias = copied(p, 4 * out);
    stems[0].slope = slope(p, out, r->pointwise_activation);
    stems[1] = stems[0];
    stems[1].weights = panels[1];
}

static void pack_dense(struct packer *p, const struct file_layer *r, struct dense *w) {
    const size_t in = r->in_channels, out = r->out_channels, scales = out * (r->features / r->block);
    *w = (struct dense){ .inputs = (int)r->features, .outputs = (int)out, .block = (int)r->block };
    w->input_scale = copied(p, 4 * in);
    w->input_shift = copied(p, 4 * in);
    w->scale = copied(p, 4 * scales);
    w->zero = copied(p, scales);
    w->quantised = copied(p, out * r->features);
    w->bias = copied(p, 4 * out);
}

void pack_layer(struct packer *p, const struct file_layer *r, struct layer *layer) {
    *layer = (struct layer){
        .kind = (enum layer_kind)r->kind, .form = (enum input_form)r->form, .input = r->input, .other = r->other,
        .in_channels = (int)r->in_channels, .out_channels = (int)r->out_channels, .stride = (int)r->stride,
        .sigmoids = (int)r->sigmoids, .is_output = (int)r->is_output,
    };
    switch (layer->kind) {
    case LAYER_STEM: pack_stem(p, r, layer->stem); break;
    case LAYER_DEPTH_POINT:
        pack_depthwise(p, r, r->in_channels, &layer->depthwise);
        pack_pointwise(p, r, &layer->pointwise);
        break;
    case LAYER_POINT_DEPTH:
        pack_pointwise(p, r, &layer->pointwise);
        pack_depthwise(p, r, r->out_channels, &layer->depthwise);
        break;
    case LAYER_DENSE: pack_dense(p, r, &layer->dense); break;
    }
}
