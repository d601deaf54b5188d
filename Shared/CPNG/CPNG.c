#include "CPNG.h"

#include <png.h>
#include <stdio.h>
#include <string.h>

// libpng's simplified API: it catches its own errors, so no setjmp crosses into Swift.

int vultus_png_decode_rgb(
    const uint8_t *bytes, size_t count, uint8_t *pixels, uint32_t width, uint32_t height, vultus_png_message *message) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&image, bytes, count)) {
        snprintf(message->text, sizeof message->text, "%s", image.message);
        return -1;
    }
    if (image.width != width || image.height != height) {
        snprintf(message->text, sizeof message->text, "the size changed after the header was read");
        png_image_free(&image);
        return -1;
    }
    image.format = PNG_FORMAT_RGB;
    // Without this flag 16-bit samples are taken for linear light.
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    const png_color white = {255, 255, 255};
    if (!png_image_finish_read(&image, &white, pixels, (png_int_32)(width * 3), NULL)) {
        snprintf(message->text, sizeof message->text, "%s", image.message);
        return -1;
    }
    return 0;
}

size_t vultus_png_encode_rgb(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint8_t *bytes, size_t capacity) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = PNG_FORMAT_RGB;
    png_alloc_size_t written = capacity;
    if (!png_image_write_to_memory(&image, bytes, &written, 0, pixels, (png_int_32)(width * 3), NULL)) return 0;
    return written;
}
