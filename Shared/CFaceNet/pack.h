// Brings the file's tensors into the order the kernels read them in.
#ifndef FACENET_PACK_H
#define FACENET_PACK_H

#include "net.h"
#include "format.h"

struct packer {
    const uint8_t *from;    // next unread byte of the file
    uint8_t *to;            // next free byte of the arena, on a 64-byte line
};

/// Bytes a checked record's tensors take in the file, and in the arena.
uint64_t packed_file_bytes(const struct file_layer *record);
size_t packed_memory_bytes(const struct file_layer *record);
/// Reads exactly `packed_file_bytes` and fills `packed_memory_bytes`.
void pack_layer(struct packer *packer, const struct file_layer *record, struct layer *layer);

#endif
