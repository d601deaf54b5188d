// The flat model file, as `deploy/models/flatten.py` writes it. Little-endian; a header, `layer_count` records,
// then each layer's tensors in the order of its record, nothing between them, nothing after the last.
//
//   stem          weights f32[27][out], activation(out)
//   depth-point   depthwise(in), pointwise(in → out)
//   point-depth   pointwise(in → out), depthwise(out)
//   dense         scale f32[in], shift f32[in], quantised(out × features), bias f32[out]
//
//   depthwise(c)          weights f32[9][c], activation(c)
//   pointwise(in → out)   block 0: f32[out][in]; else quantised(out × in); then activation(out)
//   activation(c)         bias f32[c]; with PReLU also slope f32[c]
//   quantised(r × n)      scale f32[r][n / block], zero int8[r][n / block], padded to 4 bytes, value int8[r][n]
#ifndef FACENET_FORMAT_H
#define FACENET_FORMAT_H

#include <stdint.h>

#define FACENET_MAGIC "VULTFACE"
enum { FACENET_FORMAT_VERSION = 1, MAX_BLOCK = 256, MAX_FEATURES = 1 << 20 };

struct file_header {
    char magic[8];
    uint32_t version;
    uint32_t layer_count;
    uint64_t size;              // of the whole file
    uint32_t adler32;           // of everything from `mean` on
    uint32_t reserved;          // 0
    float mean, scale;
    uint32_t is_bgr;
    uint32_t fixed_height, fixed_width; // 0: any
    uint32_t reserved2[3];      // 0
};

struct file_layer {
    uint32_t kind;              // enum layer_kind
    uint32_t form;              // enum input_form
    int32_t input, other;       // earlier layers, or −1
    uint32_t in_channels, out_channels, stride;
    uint32_t depthwise_activation, pointwise_activation;    // a stem's is its pointwise one
    uint32_t is_output, sigmoids;
    uint32_t block;             // inputs per quantisation scale; 0: Float32
    uint32_t features;          // of a dense layer: height × width × in_channels of its input
    uint32_t reserved[3];       // 0
};

_Static_assert(sizeof(struct file_header) == 64, "the header is 64 bytes");
_Static_assert(sizeof(struct file_layer) == 64, "a record is 64 bytes");

#endif
