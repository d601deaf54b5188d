// Makes of a picture what a camera would send of it: OUT.jpg and OUT.yuyv of WIDTH × HEIGHT. The picture fills the frame and
// what is too much of it is cut off, from its sides and from below, where a portrait has no face.
//
//   pictures [--below] IN.jpg WIDTH HEIGHT OUT
//
// With --below it is the lowest part of the picture instead, four times enlarged: of a portrait, a scene with nobody in it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

static void fail(const char *what) { fprintf(stderr, "pictures: %s\n", what); exit(1); }

static unsigned char *read_file(const char *path, unsigned long *count) {
    FILE *file = fopen(path, "rb");
    if (!file) fail(path);
    fseek(file, 0, SEEK_END);
    *count = (unsigned long)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*count);
    if (fread(bytes, 1, *count, file) != *count) fail(path);
    fclose(file);
    return bytes;
}

static void write_file(const char *name, const char *ending, const unsigned char *bytes, size_t count) {
    char path[4096];
    snprintf(path, sizeof path, "%s.%s", name, ending);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, count, file) != count || fclose(file)) fail(path);
}

static unsigned char byte(double value) { return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5); }

int main(int count, char **words) {
    int below = count == 6 && !strcmp(words[1], "--below");
    words += below;
    if (count - below != 5) fail("[--below] IN.jpg WIDTH HEIGHT OUT");
    int columns = atoi(words[2]), rows = atoi(words[3]), width, height, sampling;
    unsigned long size;
    unsigned char *file = read_file(words[1], &size);
    tjhandle decoder = tjInitDecompress(), encoder = tjInitCompress();
    if (tjDecompressHeader2(decoder, file, size, &width, &height, &sampling)) fail(tjGetErrorStr2(decoder));
    unsigned char *rgb = malloc((size_t)width * height * 3), *frame = malloc((size_t)columns * rows * 3), *yuyv = malloc((size_t)columns * rows * 2);
    if (tjDecompress2(decoder, file, size, rgb, width, 0, height, TJPF_RGB, 0)) fail(tjGetErrorStr2(decoder));

    double scale = (double)width / columns < (double)height / rows ? (double)width / columns : (double)height / rows;
    if (below) scale /= 4;
    double margin = (width - scale * columns) / 2, above = below ? height - scale * rows : 0;
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++)
            for (int channel = 0; channel < 3; channel++) {  // the mean of what one pixel covers
                int top = (int)(above + row * scale), bottom = (int)(above + (row + 1) * scale), first = (int)(margin + column * scale), end = (int)(margin + (column + 1) * scale);
                double sum = 0;
                int pixels = 0;
                for (int y = top; y < bottom || y == top; y++)
                    for (int x = first; x < end || x == first; x++, pixels++) sum += rgb[((size_t)y * width + x) * 3 + channel];
                frame[((size_t)row * columns + column) * 3 + channel] = byte(sum / pixels);
            }

    unsigned char *jpeg = NULL;
    unsigned long length = 0;
    if (tjCompress2(encoder, frame, columns, 0, rows, TJPF_RGB, &jpeg, &length, TJSAMP_422, 90, 0)) fail(tjGetErrorStr2(encoder));
    write_file(words[4], "jpg", jpeg, length);

    for (int pair = 0; pair < columns * rows / 2; pair++) {  // BT.601, limited range
        const unsigned char *pixel = frame + (size_t)pair * 6;
        double u = 0, v = 0;
        for (int i = 0; i < 2; i++) {
            double r = pixel[3 * i], g = pixel[3 * i + 1], b = pixel[3 * i + 2], y = 0.299 * r + 0.587 * g + 0.114 * b;
            yuyv[4 * pair + 2 * i] = byte(16 + y * 219 / 255);
            u += (b - y) / 1.772 / 2;
            v += (r - y) / 1.402 / 2;
        }
        yuyv[4 * pair + 1] = byte(128 + u * 224 / 255);
        yuyv[4 * pair + 3] = byte(128 + v * 224 / 255);
    }
    write_file(words[4], "yuyv", yuyv, (size_t)columns * rows * 2);
    return 0;
}
