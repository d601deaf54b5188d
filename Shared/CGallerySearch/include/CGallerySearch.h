#ifndef VULTUS_CGALLERYSEARCH_H
#define VULTUS_CGALLERYSEARCH_H

#include <stddef.h>
#include <stdint.h>

/// Scores one probe against `count` rows: `scores[i]` is the dot product of row `i` and the probe.
/// - Parameters:
///   - rows: 64-byte aligned, rows of `dimensions` floats without gaps.
///   - dimensions: a multiple of 16, so that every row starts on a 64-byte line.
void vultus_gallery_scores(
    const float *rows, const float *probe, float *scores, size_t count, size_t dimensions);

/// Reads the same memory and does nothing else with it: the yardstick for the search.
/// - Returns: the sum of all floats, so that the reads cannot be left out.
float vultus_gallery_read(const float *rows, size_t count, size_t dimensions);

/// Overwrites memory with zeros; not left out by the compiler, as `memset` before `free` may be.
void vultus_gallery_wipe(void *memory, size_t bytes);

#endif
