#include "COnnxRuntime.h"
#include "api_table.h"

#include <dlfcn.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vultus_ort_runtime {
    const ort_api *api;
    const char *version;
    ort_env *env;
    ort_memory *memory;
};

enum { MAX_OUTPUTS = 16 };

struct vultus_ort_session {
    vultus_ort_runtime *runtime;
    ort_session *session;
    ort_value *outputs[MAX_OUTPUTS];
};

static void say(vultus_ort_message *message, const char *text) {
    snprintf(message->text, sizeof message->text, "%s", text);
}

/// Takes the status over; 0 when it is success.
static int failed(const ort_api *api, ort_status *status, vultus_ort_message *message) {
    if (status == NULL) return 0;
    say(message, api->error_message(status));
    api->release_status(status);
    return 1;
}

/// One arena for all sessions, growing by what is asked: a session's own arena grows by doubling, and detector
/// and embedder take turns. Saves about 15 MB of a process that does both (measured with ONNX Runtime 1.32).
static int share_arena(vultus_ort_runtime *runtime, vultus_ort_message *message) {
    const ort_api *api = runtime->api;
    const char *const keys[1] = {"arena_extend_strategy"};
    const size_t values[1] = {1};
    ort_arena *arena = NULL;
    ort_memory *memory = NULL;
    int bad = failed(api, api->create_arena(keys, values, 1, &arena), message) ||
              failed(api, api->create_cpu_memory(ORT_ARENA_ALLOCATOR, 0, &memory), message) ||
              failed(api, api->register_allocator(runtime->env, memory, arena), message);
    if (arena != NULL) api->release_arena(arena);
    if (memory != NULL) api->release_memory(memory);
    return bad;
}

vultus_ort_runtime *vultus_ort_open(const char *path, vultus_ort_message *message) {
    void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    if (library == NULL) {
        say(message, dlerror());
        return NULL;
    }
    const ort_api_base *(*get_base)(void) = (const ort_api_base *(*)(void))dlsym(library, "OrtGetApiBase");
    if (get_base == NULL) {
        say(message, "the library has no OrtGetApiBase");
        return NULL;
    }
    const ort_api_base *base = get_base();
    const ort_api *api = base->api(ORT_API_VERSION_USED);
    if (api == NULL) {
        say(message, "the library is older than ONNX Runtime 1.14");
        return NULL;
    }
    vultus_ort_runtime *runtime = calloc(1, sizeof *runtime);
    if (runtime == NULL) {
        say(message, "out of memory");
        return NULL;
    }
#if defined(__GLIBC__)
    // glibc raises this limit each time a large block is freed, and then keeps the weights' temporary copies
    // in its heap: 35 MB of peak memory. A limit set by hand stays where it is.
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
    runtime->api = api;
    runtime->version = base->version();
    if (failed(api, api->create_env(ORT_LOG_ERROR, "vultus", &runtime->env), message) ||
        failed(api, api->create_cpu_memory(ORT_DEVICE_ALLOCATOR, 0, &runtime->memory), message) ||
        share_arena(runtime, message)) {
        free(runtime);
        return NULL;
    }
    return runtime;
}

const char *vultus_ort_version(const vultus_ort_runtime *runtime) { return runtime->version; }

/// One thread each way, nothing that waits by spinning, activations in the shared arena, weights outside it.
static int configure(const ort_api *api, ort_options *options, vultus_ort_message *message) {
    return failed(api, api->set_intra_op_threads(options, 1), message) ||
           failed(api, api->set_inter_op_threads(options, 1), message) ||
           failed(api, api->set_execution_mode(options, ORT_SEQUENTIAL), message) ||
           // A pattern is planned in the first run and asks for a second block of the same size in the next one.
           failed(api, api->disable_memory_pattern(options), message) ||
           failed(api, api->set_optimisation(options, ORT_OPTIMISE_ALL), message) ||
           failed(api, api->set_log_severity(options, ORT_LOG_ERROR), message) ||
           failed(api, api->add_config(options, "session.intra_op.allow_spinning", "0"), message) ||
           failed(api, api->add_config(options, "session.inter_op.allow_spinning", "0"), message) ||
           failed(api, api->add_config(options, "session.use_env_allocators", "1"), message) ||
           failed(api, api->add_config(options, "session.use_device_allocator_for_initializers", "1"), message);
}

vultus_ort_session *vultus_ort_session_create(
    vultus_ort_runtime *runtime, const char *model_path, vultus_ort_message *message) {
    const ort_api *api = runtime->api;
    ort_options *options = NULL;
    if (failed(api, api->create_options(&options), message)) return NULL;
    vultus_ort_session *session = calloc(1, sizeof *session);
    if (session == NULL) {
        say(message, "out of memory");
    } else {
        session->runtime = runtime;
        if (configure(api, options, message) ||
            failed(api, api->create_session(runtime->env, model_path, options, &session->session), message)) {
            free(session);
            session = NULL;
        }
    }
    api->release_options(options);
    return session;
}

static void release_outputs(vultus_ort_session *session) {
    for (size_t i = 0; i < MAX_OUTPUTS; i++) {
        if (session->outputs[i] != NULL) session->runtime->api->release_value(session->outputs[i]);
        session->outputs[i] = NULL;
    }
}

/// The floats of one output; −1 when it is not a float tensor.
static int read_output(
    const ort_api *api, ort_value *value, const float **data, size_t *count, vultus_ort_message *message) {
    ort_shape *shape = NULL;
    if (failed(api, api->tensor_shape(value, &shape), message)) return -1;
    int element = 0;
    void *raw = NULL;
    int bad = failed(api, api->element_type(shape, &element), message) ||
              failed(api, api->element_count(shape, count), message) ||
              failed(api, api->tensor_data(value, &raw), message);
    api->release_shape(shape);
    if (bad) return -1;
    if (element != ORT_FLOAT) {
        say(message, "an output is not a float tensor");
        return -1;
    }
    *data = raw;
    return 0;
}

int vultus_ort_session_run(
    vultus_ort_session *session, const char *input_name, const float *input, const int64_t *shape, size_t rank,
    const char *const *output_names, size_t output_count, const float **outputs, size_t *output_counts,
    vultus_ort_message *message) {
    const ort_api *api = session->runtime->api;
    release_outputs(session);
    if (output_count > MAX_OUTPUTS) {
        say(message, "more outputs asked for than a session holds");
        return -1;
    }
    size_t count = 1;
    for (size_t i = 0; i < rank; i++) count *= (size_t)shape[i];
    ort_value *tensor = NULL;
    // The API takes a mutable pointer and only reads from it: the tensor is an input.
    if (failed(api,
               api->create_tensor(session->runtime->memory, (void *)(uintptr_t)input, count * sizeof *input, shape,
                                  rank, ORT_FLOAT, &tensor),
               message))
        return -1;
    const ort_value *const inputs[1] = {tensor};
    const char *const input_names[1] = {input_name};
    int bad = failed(
        api, api->run(session->session, NULL, input_names, inputs, 1, output_names, output_count, session->outputs),
        message);
    api->release_value(tensor);
    for (size_t i = 0; !bad && i < output_count; i++)
        bad = read_output(api, session->outputs[i], &outputs[i], &output_counts[i], message) != 0;
    return bad ? -1 : 0;
}

void vultus_ort_session_free(vultus_ort_session *session) {
    if (session == NULL) return;
    release_outputs(session);
    session->runtime->api->release_session(session->session);
    free(session);
}
