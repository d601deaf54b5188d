// Faults planted in the agent, as a library it preloads: each makes it what it would be with one line of its own missing.
//
//   VULTUS_PLANTED=keep-buffers      no buffer is ever given back to the driver once streaming has begun
//   VULTUS_PLANTED=ignore-sequence   the driver's sequence numbers are not looked at: they are made to follow one another
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int v4l2_ioctl(int descriptor, unsigned long request, ...) {
    static int (*real)(int, unsigned long, ...);
    static int is_streaming;
    static unsigned sequence;
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (!real) real = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "v4l2_ioctl");
    const char *fault = getenv("VULTUS_PLANTED");
    int keeps = fault && !strcmp(fault, "keep-buffers"), ignores = fault && !strcmp(fault, "ignore-sequence");
    if (request == VIDIOC_STREAMON) is_streaming = 1;
    if (request == VIDIOC_STREAMOFF) is_streaming = 0;
    if (keeps && is_streaming && request == VIDIOC_QBUF) return 0;
    int result = real(descriptor, request, argument);
    if (ignores && request == VIDIOC_DQBUF && !result) ((struct v4l2_buffer *)argument)->sequence = ++sequence;
    return result;
}
