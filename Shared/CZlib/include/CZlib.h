#ifndef VULTUS_CZLIB_H
#define VULTUS_CZLIB_H

#include <string.h>
#include <zlib.h>

// deflateInit2 and inflateInit2 are macros, which Swift does not import. 15 + 16 is a window of 32 KiB in a gzip wrapper
// (RFC 1952), in both directions nothing else.

static inline int vultus_gzip_begin(z_stream *stream, int level) {
    memset(stream, 0, sizeof *stream);
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

static inline int vultus_gunzip_begin(z_stream *stream) {
    memset(stream, 0, sizeof *stream);
    return inflateInit2(stream, 15 + 16);
}

#endif
