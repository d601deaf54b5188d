// Reads a model file. Nothing in it is believed: each field is checked against what the converter can write,
// and the sizes that follow from the records must add up to the file's before a byte is allocated or read.
#include <stdlib.h>
#include <string.h>
#include "net.h"
#include "format.h"
#include "pack.h"

// The checksum zlib offers, so that the converter needs nothing else.
static uint32_t adler32(const uint8_t *bytes, size_t size) {
    uint32_t a = 1, b = 0;
    while (size > 0) {
        size_t run = size < 5552 ? size : 5552; // the most that cannot overflow 32 bits
        size -= run;
        for (size_t i = 0; i < run; i++) {
            a += bytes[i];
            b += a;
        }
        bytes += run;
        a %= 65521;
        b %= 65521;
    }
    return b << 16 | a;
}

static int channels_ok(uint32_t channels) {
    return channels > 0 && channels <= MAX_CHANNELS && channels % PANEL == 0;
}

static int record_ok(const struct file_layer *r, int index, const struct file_layer *all) {
    if (!channels_ok(r->out_channels) || r->depthwise_activation > ACT_PRELU || r->pointwise_activation > ACT_PRELU
        || r->is_output > 1 || r->sigmoids > PANEL || r->form > INPUT_RAISED
        || (r->sigmoids && (r->kind != LAYER_POINT_DEPTH || !r->is_output)) || r->reserved[0] || r->reserved[1] || r->reserved[2]) return 0;
    if (r->kind == LAYER_STEM)
        return index == 0 && r->input == NO_LAYER && r->other == NO_LAYER && r->in_channels == 3 && r->form == INPUT_PLAIN
            && (r->stride == 1 || r->stride == 2) && r->block == 0 && r->features == 0 && !r->is_output
            && r->depthwise_activation == ACT_NONE;
    // Inputs are earlier layers, so running on demand always ends. A dense layer's result is not a map.
    if (!channels_ok(r->in_channels) || r->input < 0 || r->input >= index
        || all[r->input].kind == LAYER_DENSE || all[r->input].out_channels != r->in_channels) return 0;
    if (r->form == INPUT_RAISED) {
        if (r->other < 0 || r->other >= index || all[r->other].kind == LAYER_DENSE
            || all[r->other].out_channels != r->in_channels) return 0;
    } else if (r->other != NO_LAYER) return 0;
    if (r->form != INPUT_PLAIN && r->kind != LAYER_POINT_DEPTH) return 0;
    const uint32_t inputs = r->kind == LAYER_DENSE ? r->features : r->in_channels;
    if (r->block != 0 && (r->block > MAX_BLOCK || r->block % 8 || inputs % r->block)) return 0;
    // A result is handed out as one panel, whose layout is the plain [row][column][channel].
    if (r->is_output && r->kind != LAYER_DENSE && r->out_channels != PANEL) return 0;
    switch (r->kind) {
    case LAYER_DEPTH_POINT: return (r->stride == 1 || r->stride == 2) && r->features == 0;
    case LAYER_POINT_DEPTH: return r->stride == 1 && r->features == 0;
    case LAYER_DENSE:
        return r->stride == 1 && r->is_output && r->block != 0 && r->features <= MAX_FEATURES && r->features > 0
            && r->features % r->in_channels == 0 && r->depthwise_activation == ACT_NONE && r->pointwise_activation == ACT_NONE;
    default: return 0;
    }
}

static facenet_status check(const uint8_t *bytes, size_t size, struct file_header *header, struct file_layer *records) {
    if (size < sizeof *header) return FACENET_TRUNCATED;
    memcpy(header, bytes, sizeof *header);
    if (memcmp(header->magic, FACENET_MAGIC, 8) != 0 || header->version != FACENET_FORMAT_VERSION) return FACENET_NOT_A_MODEL;
    if (header->size != size) return FACENET_TRUNCATED;
    const size_t covered = offsetof(struct file_header, mean);
    if (adler32(bytes + covered, size - covered) != header->adler32) return FACENET_CORRUPT;
    if (header->layer_count == 0 || header->layer_count > MAX_LAYERS || header->is_bgr > 1 || header->reserved
        || header->reserved2[0] || header->reserved2[1] || header->reserved2[2]
        || header->fixed_height > MAX_SIDE || header->fixed_width > MAX_SIDE
        || (header->fixed_height == 0) != (header->fixed_width == 0)
        || !(header->mean >= -1e4f && header->mean <= 1e4f) || !(header->scale > 0 && header->scale <= 1e4f)) return FACENET_CORRUPT;
    const size_t table = header->layer_count * sizeof *records;
    if (size - sizeof *header < table) return FACENET_TRUNCATED;
    memcpy(records, bytes + sizeof *header, table);
    uint64_t expected = sizeof *header + table;
    uint32_t results = 0;
    for (int i = 0; i < (int)header->layer_count; i++) {
        if (!record_ok(&records[i], i, records)) return FACENET_CORRUPT;
        results += records[i].is_output;
        expected += packed_file_bytes(&records[i]); // at most 64 × 4 GiB
    }
    if (results == 0) return FACENET_CORRUPT;
    return expected == size ? FACENET_OK : FACENET_TRUNCATED;
}

facenet_status facenet_load(const void *bytes, size_t size, facenet_level level, facenet **out) {
    if (!out) return FACENET_BAD_ARGUMENT;
    *out = NULL;
    if (!bytes || level < FACENET_BEST || level > FACENET_AVX512) return FACENET_BAD_ARGUMENT;
    struct file_header header;
    struct file_layer records[MAX_LAYERS];
    facenet_status status = check(bytes, size, &header, records);
    if (status != FACENET_OK) return status;

    size_t memory = 0;
    for (int i = 0; i < (int)header.layer_count; i++) memory += packed_memory_bytes(&records[i]);
    facenet *net = calloc(1, sizeof *net);
    void *arena = aligned_alloc(64, memory);
    if (!net || !arena) {
        free(net);
        free(arena);
        return FACENET_NO_MEMORY;
    }
    net->kernels = facenet_kernels(level);
    net->mean = header.mean;
    net->scale = header.scale;
    net->is_bgr = (int)header.is_bgr;
    net->fixed_height = (int)header.fixed_height;
    net->fixed_width = (int)header.fixed_width;
    net->layer_count = (int)header.layer_count;
    net->arena = arena;
    struct packer packer = { (const uint8_t *)bytes + sizeof header + header.layer_count * sizeof *records, arena };
    for (int i = 0; i < net->layer_count; i++) pack_layer(&packer, &records[i], &net->layers[i]);
    *out = net;
    return FACENET_OK;
}

void facenet_free(facenet *net) {
    if (!net) return;
    free(net->arena);
    free(net);
}

facenet_level facenet_level_of(const facenet *net) { return net->kernels->level; }

void facenet_fixed_size(const facenet *net, int *height, int *width) {
    *height = net->fixed_height;
    *width = net->fixed_width;
}
