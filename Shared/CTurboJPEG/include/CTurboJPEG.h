#ifndef VULTUS_CTURBOJPEG_H
#define VULTUS_CTURBOJPEG_H

#include <turbojpeg.h>

/// Width or height after decoding at one `denominator`th (1, 2, 4 or 8): `TJSCALED`, which Swift cannot import.
static inline int vultus_tj_scaled(int dimension, int denominator) {
    return (dimension + denominator - 1) / denominator;
}

#endif
