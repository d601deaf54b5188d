#ifndef VULTUS_CV4L2_H
#define VULTUS_CV4L2_H

#include <errno.h>
#include <fcntl.h>
#include <libv4l2.h>
#include <linux/videodev2.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

// The request codes are macros of macros and v4l2_ioctl is variadic: Swift imports neither.

static const unsigned long VULTUS_QUERYCAP = VIDIOC_QUERYCAP;
static const unsigned long VULTUS_ENUM_FMT = VIDIOC_ENUM_FMT;
static const unsigned long VULTUS_ENUM_FRAMESIZES = VIDIOC_ENUM_FRAMESIZES;
static const unsigned long VULTUS_ENUM_FRAMEINTERVALS = VIDIOC_ENUM_FRAMEINTERVALS;
static const unsigned long VULTUS_S_FMT = VIDIOC_S_FMT;
static const unsigned long VULTUS_S_PARM = VIDIOC_S_PARM;
static const unsigned long VULTUS_REQBUFS = VIDIOC_REQBUFS;
static const unsigned long VULTUS_QUERYBUF = VIDIOC_QUERYBUF;
static const unsigned long VULTUS_QBUF = VIDIOC_QBUF;
static const unsigned long VULTUS_DQBUF = VIDIOC_DQBUF;
static const unsigned long VULTUS_STREAMON = VIDIOC_STREAMON;
static const unsigned long VULTUS_STREAMOFF = VIDIOC_STREAMOFF;
static const unsigned long VULTUS_QUERYCTRL = VIDIOC_QUERYCTRL;
static const unsigned long VULTUS_QUERYMENU = VIDIOC_QUERYMENU;
static const unsigned long VULTUS_G_CTRL = VIDIOC_G_CTRL;
static const unsigned long VULTUS_S_CTRL = VIDIOC_S_CTRL;

static const unsigned int VULTUS_CAP_DEVICE_CAPS = V4L2_CAP_DEVICE_CAPS;
static const unsigned int VULTUS_CTRL_NEXT = V4L2_CTRL_FLAG_NEXT_CTRL;

/// Opens a node without waiting on it later, through libv4l2 with its conversions off: formats are the device's own.
/// @return a descriptor, or -1 and errno.
static inline int vultus_v4l2_open(const char *path) {
    int descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) return -1;
    if (v4l2_fd_open(descriptor, V4L2_DISABLE_CONVERSION) >= 0) return descriptor;
    int cause = errno;
    close(descriptor);
    errno = cause;
    return -1;
}

/// One request, again while signals interrupt it.
/// @return 0, or -1 and errno.
static inline int vultus_v4l2_call(int descriptor, unsigned long request, void *argument) {
    int result;
    do {
        result = v4l2_ioctl(descriptor, request, argument);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -1 : 0;
}

/// Lets go of a node's buffers and of the right to stream: a mapping that is still there keeps its memory, but no longer the node
/// (Linux 5.0 and later: V4L2_BUF_CAP_SUPPORTS_ORPHANED_BUFS). Past libv4l2, which declines as long as a buffer is mapped.
/// @return 0, or -1 and errno.
static inline int vultus_v4l2_let_go(int descriptor) {
    struct v4l2_requestbuffers none = {.count = 0, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    return ioctl(descriptor, VIDIOC_REQBUFS, &none);
}

/// @return the mapping of a driver's buffer, to be read, or NULL and errno.
static inline void *vultus_v4l2_map(int descriptor, size_t length, long offset) {
    void *start = v4l2_mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, offset);
    return start == MAP_FAILED ? NULL : start;
}

/// libv4l2 writes what goes wrong to standard error unless it has a file; what matters is in errno.
static inline void vultus_v4l2_quiet(void) {
    if (!v4l2_log_file) v4l2_log_file = fopen("/dev/null", "w");
}

#endif
