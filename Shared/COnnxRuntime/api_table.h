#ifndef VULTUS_ORT_API_TABLE_H
#define VULTUS_ORT_API_TABLE_H

#include <stddef.h>
#include <stdint.h>

// The part of ONNX Runtime's C API table that is used here. The table only ever grows at its end
// (the library asserts its own offsets version by version), so a slot number, once shipped, is for ever.
// Gaps are counted, and each slot used is asserted below.

typedef struct ort_status ort_status;
typedef struct ort_env ort_env;
typedef struct ort_session ort_session;
typedef struct ort_options ort_options;
typedef struct ort_value ort_value;
typedef struct ort_memory ort_memory;
typedef struct ort_shape ort_shape;
typedef struct ort_arena ort_arena;

typedef void *ort_gap;

typedef struct {
    ort_gap gap_0[2];
    const char *(*error_message)(const ort_status *);
    ort_status *(*create_env)(int log_level, const char *name, ort_env **);
    ort_gap gap_4[3];
    ort_status *(*create_session)(const ort_env *, const char *path, const ort_options *, ort_session **);
    ort_gap gap_8[1];
    ort_status *(*run)(
        ort_session *, const void *run_options, const char *const *input_names, const ort_value *const *inputs,
        size_t input_count, const char *const *output_names, size_t output_count, ort_value **outputs);
    ort_status *(*create_options)(ort_options **);
    ort_gap gap_11[2];
    ort_status *(*set_execution_mode)(ort_options *, int mode);
    ort_gap gap_14[3];
    ort_status *(*disable_memory_pattern)(ort_options *);
    ort_gap gap_18[4];
    ort_status *(*set_log_severity)(ort_options *, int level);
    ort_status *(*set_optimisation)(ort_options *, int level);
    ort_status *(*set_intra_op_threads)(ort_options *, int count);
    ort_status *(*set_inter_op_threads)(ort_options *, int count);
    ort_gap gap_26[23];
    ort_status *(*create_tensor)(
        const ort_memory *, void *data, size_t bytes, const int64_t *shape, size_t rank, int element, ort_value **);
    ort_gap gap_50[1];
    ort_status *(*tensor_data)(ort_value *, void **);
    ort_gap gap_52[8];
    ort_status *(*element_type)(const ort_shape *, int *);
    ort_gap gap_61[3];
    ort_status *(*element_count)(const ort_shape *, size_t *);
    ort_status *(*tensor_shape)(const ort_value *, ort_shape **);
    ort_gap gap_66[3];
    ort_status *(*create_cpu_memory)(int allocator, int kind, ort_memory **);
    ort_gap gap_70[23];
    void (*release_status)(ort_status *);
    void (*release_memory)(ort_memory *);
    void (*release_session)(ort_session *);
    void (*release_value)(ort_value *);
    ort_gap gap_97[2];
    void (*release_shape)(ort_shape *);
    void (*release_options)(ort_options *);
    ort_gap gap_101[29];
    ort_status *(*add_config)(ort_options *, const char *key, const char *value);
    ort_gap gap_131[13];
    ort_status *(*register_allocator)(ort_env *, const ort_memory *, const ort_arena *);
    ort_gap gap_145[12];
    void (*release_arena)(ort_arena *);
    ort_gap gap_158[6];
    ort_status *(*create_arena)(const char *const *keys, const size_t *values, size_t count, ort_arena **);
} ort_api;

/// The root of the library, itself frozen at two slots.
typedef struct {
    const ort_api *(*api)(uint32_t version);
    const char *(*version)(void);
} ort_api_base;

#define ORT_SLOT(name, index) \
    _Static_assert(offsetof(ort_api, name) == (index) * sizeof(void *), #name " must be slot " #index)

ORT_SLOT(error_message, 2);
ORT_SLOT(create_env, 3);
ORT_SLOT(create_session, 7);
ORT_SLOT(run, 9);
ORT_SLOT(create_options, 10);
ORT_SLOT(set_execution_mode, 13);
ORT_SLOT(disable_memory_pattern, 17);
ORT_SLOT(set_log_severity, 22);
ORT_SLOT(set_optimisation, 23);
ORT_SLOT(set_intra_op_threads, 24);
ORT_SLOT(set_inter_op_threads, 25);
ORT_SLOT(create_tensor, 49);
ORT_SLOT(tensor_data, 51);
ORT_SLOT(element_type, 60);
ORT_SLOT(element_count, 64);
ORT_SLOT(tensor_shape, 65);
ORT_SLOT(create_cpu_memory, 69);
ORT_SLOT(release_status, 93);
ORT_SLOT(release_memory, 94);
ORT_SLOT(release_session, 95);
ORT_SLOT(release_value, 96);
ORT_SLOT(release_shape, 99);
ORT_SLOT(release_options, 100);
ORT_SLOT(add_config, 130);
ORT_SLOT(register_allocator, 144);
ORT_SLOT(release_arena, 157);
ORT_SLOT(create_arena, 164);

/// The API version asked for: every slot above is shipped since version 8; 14 is what
/// ONNX Runtime 1.14 (2023) and everything since answers to.
enum { ORT_API_VERSION_USED = 14 };

enum { ORT_LOG_ERROR = 3, ORT_SEQUENTIAL = 0, ORT_OPTIMISE_ALL = 99, ORT_FLOAT = 1 };
enum { ORT_DEVICE_ALLOCATOR = 0, ORT_ARENA_ALLOCATOR = 1 };

#endif
