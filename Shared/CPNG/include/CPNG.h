#ifndef VULTUS_CPNG_H
#define VULTUS_CPNG_H

#include <stddef.h>
#include <stdint.h>

/// What libpng said, when it refused a picture.
typedef struct {
    char text[64];
} vultus_png_message;

/// Decodes a whole PNG to RGB8. Transparency is laid over white; 16 bits and palettes become 8-bit sRGB.
/// - Parameters:
///   - pixels: width × height × 3 bytes, rows without padding.
///   - width, height: what the caller read in the header; a picture of another size is refused.
/// - Returns: 0, or −1 with `message` filled.
int vultus_png_decode_rgb(
    const uint8_t *bytes, size_t count, uint8_t *pixels, uint32_t width, uint32_t height, vultus_png_message *message);

/// Encodes RGB8 as a PNG into `bytes`.
/// - Returns: bytes written, or 0 when they do not fit into `capacity` or encoding failed.
size_t vultus_png_encode_rgb(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint8_t *bytes, size_t capacity);

#endif
