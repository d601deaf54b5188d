// What a loaded network and a session are made of.
#ifndef FACENET_NET_H
#define FACENET_NET_H

#include "include/CFaceNet.h"
#include "kernels.h"

enum { MAX_LAYERS = 64, MAX_CHANNELS = 4096, MAX_SIDE = 4096, NO_LAYER = -1 };

// A layer is a fused group of the graph's nodes, chosen so that what passes between its parts stays in the
// first two cache levels. Layer i makes map i.
enum layer_kind {
    LAYER_STEM = 1,         // picture → 3×3 convolution
    LAYER_DEPTH_POINT = 2,  // depthwise 3×3 → 1×1: SFace's unit
    LAYER_POINT_DEPTH = 3,  // 1×1 → depthwise 3×3: YuNet's unit
    LAYER_DENSE = 4,        // fully connected
};

// What a LAYER_POINT_DEPTH does to its input first.
enum input_form {
    INPUT_PLAIN = 0,
    INPUT_POOLED = 1,       // largest of each 2×2
    INPUT_RAISED = 2,       // plus `other`, each of its pixels standing for 2×2
};

struct layer {
    enum layer_kind kind;
    enum input_form form;
    int input, other;       // maps read, or NO_LAYER
    int in_channels, out_channels, stride;
    int sigmoids;           // leading channels that go through a sigmoid
    int is_output;
    struct stem stem[2];    // weights for the picture's colour order: 0 as trained, 1 reversed
    struct depthwise depthwise;
    struct pointwise pointwise;
    struct dense dense;
};

struct facenet {
    const struct kernels *kernels;
    float mean, scale;      // the stem sees (pixel − mean) × scale
    int is_bgr;             // colour order as trained
    int fixed_height, fixed_width;
    int layer_count;
    void *arena;            // every weight, packed for the kernels
    struct layer layers[MAX_LAYERS];
};

// The rows of one layer's result that are still needed: in each panel, row r lies at slot r % capacity.
struct map {
    int height, width, channels;
    int strip;              // rows its layer makes at a time; divides capacity
    int capacity;
    int ready;              // rows made so far in this run
    int made_inside;        // rows of a LAYER_POINT_DEPTH's inner 1×1 made so far
    float *rows;
    float *inside;          // LAYER_POINT_DEPTH: INSIDE_ROWS rows between its two parts
};

enum { INSIDE_ROWS = 4, STEM_ROWS = 4 };

struct facenet_session {
    const struct facenet *net;
    void *arena;
    size_t bytes;
    int height, width;
    const facenet_image *image;     // only while running
    int reversed;                   // picture's colour order differs from the trained one
    int pixels_ready;               // picture rows converted so far
    float *pixel_rows;              // STEM_ROWS rows of (width + 2) × 3
    float *zeros;                   // stands for the row above the first and below the last
    float *scratch;         // what a layer passes to itself within one step; never kept across a call to another
    int output_count;
    int outputs[MAX_LAYERS];
    struct map maps[MAX_LAYERS];
};

#endif
