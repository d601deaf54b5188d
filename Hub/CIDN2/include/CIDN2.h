#ifndef VULTUS_CIDN2_H
#define VULTUS_CIDN2_H

#include <idn2.h>
#include <stdlib.h>
#include <uninorm.h>
#include <unictype.h>

// The normalisation forms are macros over addresses, which Swift does not import. The library is libunistring, on which
// libidn2 itself stands.

/// Normalisation form C. The result is the caller's to free; NULL when memory is short.
static inline uint8_t *vultus_unicode_nfc(const uint8_t *bytes, size_t count, size_t *length) {
    return u8_normalize(UNINORM_NFC, bytes, count, NULL, length);
}

/// Normalisation form KC. The result is the caller's to free; NULL when memory is short.
static inline uint8_t *vultus_unicode_nfkc(const uint8_t *bytes, size_t count, size_t *length) {
    return u8_normalize(UNINORM_NFKC, bytes, count, NULL, length);
}

/// The script of one code point by its Unicode name (`Latin`, `Cyrillic`, `Common`), or NULL for none.
static inline const char *vultus_unicode_script(uint32_t scalar) {
    const uc_script_t *script = uc_script(scalar);
    return script ? script->name : NULL;
}

#endif
