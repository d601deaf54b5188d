// Faults planted in the agent, as a library it preloads: each makes it what it would be with one line of its own missing.
//
//   VULTUS_PLANTED=keep-buffers      no buffer is ever given back to the driver once streaming has begun
//   VULTUS_PLANTED=keep-node         a stream that ends does not let go of its buffers, so a frame that is out keeps the camera
//   VULTUS_PLANTED=ignore-sequence   the driver's sequence numbers are not looked at: they are made to follow one another
//
// And what no simulated camera can make, each while its file is there: a bus that is full, so that no stream can begin
// (VULTUS_NO_ROOM), and a look at a frame that takes longer than the camera's patience (VULTUS_LONG_LOOK).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_there(const char *name) {
    const char *path = getenv(name);
    return path && !access(path, F_OK);
}

// Turns a picture into pixels, out of the driver's buffer: libjpeg-turbo's.
int tjDecompress2(void *decoder, const unsigned char *file, unsigned long size, unsigned char *pixels, int width, int pitch, int height, int format, int flags) {
    static int (*real)(void *, const unsigned char *, unsigned long, unsigned char *, int, int, int, int, int);
    if (!real) real = (int (*)(void *, const unsigned char *, unsigned long, unsigned char *, int, int, int, int, int))dlsym(RTLD_NEXT, "tjDecompress2");
    while (is_there("VULTUS_LONG_LOOK")) usleep(20000);
    return real(decoder, file, size, pixels, width, pitch, height, format, flags);
}

// The agent's own way past libv4l2, which makes its calls by itself.
int ioctl(int descriptor, unsigned long request, ...) {
    static int (*real)(int, unsigned long, ...);
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (!real) real = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
    const char *fault = getenv("VULTUS_PLANTED");
    if (fault && !strcmp(fault, "keep-node") && request == VIDIOC_REQBUFS) return 0;
    return real(descriptor, request, argument);
}

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
    if (request == VIDIOC_STREAMON && is_there("VULTUS_NO_ROOM")) {
        errno = ENOSPC;
        return -1;
    }
    if (request == VIDIOC_STREAMON) is_streaming = 1;
    if (request == VIDIOC_STREAMOFF) is_streaming = 0;
    if (keeps && is_streaming && request == VIDIOC_QBUF) return 0;
    int result = real(descriptor, request, argument);
    if (ignores && request == VIDIOC_DQBUF && !result) ((struct v4l2_buffer *)argument)->sequence = ++sequence;
    return result;
}
