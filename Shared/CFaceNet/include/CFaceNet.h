// CFaceNet: runs the two networks Vultus ships, YuNet (faces in a frame) and SFace (one face to 128
// numbers), on one thread. It is no general runtime: it knows the five kinds of layer these networks are
// made of, and `deploy/models/flatten.py` refuses to write a file with anything else in it.
//
// A `facenet` holds weights and never changes, so any number of threads may share one. A
// `facenet_session` holds the memory for one input size; it belongs to one thread at a time. Results
// depend only on weights, picture and processor: the same three give the same bits.
#ifndef CFACENET_H
#define CFACENET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct facenet facenet;
typedef struct facenet_session facenet_session;

typedef enum facenet_status {
    FACENET_OK = 0,
    FACENET_BAD_ARGUMENT = 1,   // a null pointer, or an image this call cannot take
    FACENET_NO_MEMORY = 2,
    FACENET_NOT_A_MODEL = 3,    // wrong magic or version, or written for another byte order
    FACENET_TRUNCATED = 4,      // the file is shorter or longer than its header says
    FACENET_CORRUPT = 5,        // the checksum differs, or a field has a value no writer gives it
    FACENET_WRONG_SIZE = 6,     // this network cannot run on pictures of this height and width
} facenet_status;

// Which instructions the kernels use. `FACENET_BEST` is what this processor offers.
typedef enum facenet_level {
    FACENET_BEST = 0,
    FACENET_BASELINE = 1,       // SSE2 on x86-64, NEON on arm64
    FACENET_AVX2 = 2,           // with FMA
    FACENET_AVX512 = 3,
} facenet_level;

typedef enum facenet_layout {
    FACENET_RGB8 = 0,           // interleaved bytes, red first
    FACENET_BGR8 = 1,           // interleaved bytes, blue first
    FACENET_PLANAR = 2,         // three planes of Float32 0…255, in the order the network was trained on
} facenet_layout;

// A picture as the caller holds it; only read during `facenet_run`.
typedef struct facenet_image {
    const void *pixels;
    int height, width;          // at most the session's; what is missing right and below counts as black
    size_t row_bytes;           // from one row to the next; for planes, `height` rows make one plane
    facenet_layout layout;
} facenet_image;

// One result. YuNet has three, strides 8, 16 and 32: per cell `cls, obj` (0…1), `dx, dy, log w, log h`,
// five landmarks `x, y`; channels = 16. SFace has one: rows = columns = 1, channels = 128.
typedef struct facenet_output {
    const float *values;        // [rows][columns][channels], the session's until its next run
    int rows, columns, channels;
} facenet_output;

/// The instructions `FACENET_BEST` stands for on this processor.
facenet_level facenet_best_level(void);

/// Reads a model file's bytes. Nothing of `bytes` is kept. On failure `*net` is null.
facenet_status facenet_load(const void *bytes, size_t size, facenet_level level, facenet **net);
/// Frees the weights; no session of this network may be used afterwards.
void facenet_free(facenet *net);
/// The instructions in use: never more than the processor has, whatever `facenet_load` was asked for.
facenet_level facenet_level_of(const facenet *net);
/// Height and width the network is bound to, or 0 × 0 if it takes any it can halve often enough.
void facenet_fixed_size(const facenet *net, int *height, int *width);

/// Plans and allocates the memory for pictures of one size. `net` must outlive the session.
facenet_status facenet_session_create(const facenet *net, int height, int width, facenet_session **session);
void facenet_session_free(facenet_session *session);
/// Bytes one session occupies.
size_t facenet_session_bytes(const facenet_session *session);

/// Runs the network; blocks for one inference and allocates nothing.
facenet_status facenet_run(facenet_session *session, const facenet_image *image);
int facenet_output_count(const facenet_session *session);
/// A result of the last run; zeros and a null pointer if there is no such result.
facenet_output facenet_output_at(const facenet_session *session, int index);

#ifdef __cplusplus
}
#endif
#endif
