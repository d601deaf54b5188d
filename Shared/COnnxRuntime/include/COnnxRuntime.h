#ifndef VULTUS_CONNXRUNTIME_H
#define VULTUS_CONNXRUNTIME_H

#include <stddef.h>
#include <stdint.h>

// ONNX Runtime, reached by `dlopen`, through the few calls that Vultus makes. Every pointer the library
// hands out stays behind these two opaque types.

/// One loaded copy of the library and its environment. It is never unloaded: the library keeps global state.
typedef struct vultus_ort_runtime vultus_ort_runtime;

/// One model, ready to run. Not thread safe: the outputs of the last run belong to it.
typedef struct vultus_ort_session vultus_ort_session;

/// What went wrong, in the library's own words.
typedef struct {
    char text[512];
} vultus_ort_message;

/// Loads the library at `path`.
/// - Returns: NULL with `message` filled when it cannot be loaded, is not ONNX Runtime, or is too old.
vultus_ort_runtime *vultus_ort_open(const char *path, vultus_ort_message *message);

/// The library's version, such as "1.32.0". Valid as long as the process lives.
const char *vultus_ort_version(const vultus_ort_runtime *runtime);

/// Builds a session: one thread, sequential, all graph optimisations, errors only in the log.
/// - Returns: NULL with `message` filled when the model cannot be read or is not one this library can run.
vultus_ort_session *vultus_ort_session_create(
    vultus_ort_runtime *runtime, const char *model_path, vultus_ort_message *message);

/// Runs the model on one float tensor. The outputs stay valid until the next run or until the session is freed.
/// - Parameters:
///   - input: contiguous floats, as many as the product of `shape`; not copied and not changed.
///   - outputs, output_counts: `output_count` places that receive each output's floats and how many there are.
/// - Returns: 0, or −1 with `message` filled.
int vultus_ort_session_run(
    vultus_ort_session *session, const char *input_name, const float *input, const int64_t *shape, size_t rank,
    const char *const *output_names, size_t output_count, const float **outputs, size_t *output_counts,
    vultus_ort_message *message);

/// Frees the session and its last outputs.
void vultus_ort_session_free(vultus_ort_session *session);

#endif
