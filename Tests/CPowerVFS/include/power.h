// Power failures for SQLite: a VFS that knows which writes were synced, and at seeded moments writes down what a disk could
// hold if the power failed just then. Files outside a watched directory pass through to the system's own VFS.
//
// What may be on the disk: of each file what its last xSync covered, and of what was written since any 512-byte sectors, in
// any order; truncations and removals that were not synced may be undone; a new file's name may be missing until its
// directory was synced, which SQLite does at the first sync of a new journal or log. The -shm index is never on the disk:
// SQLite builds it anew. Files not written through SQLite are the caller's to copy.
#ifndef VULTUS_POWER_H
#define VULTUS_POWER_H

#include <stdint.h>

typedef struct power_supply power_supply;

/// Makes the VFS the default of this process. Returns an SQLite result code; again is harmless.
int power_install(void);

/// Watches files directly in `root` that are opened from now on. Images go to `images`/1, /2, … Never freed.
power_supply *power_watch(const char *root, const char *images, uint64_t seed);

/// The power fails before one of `interval` changes on average, and so at each moment between two; 0 is never.
void power_fail_every(power_supply *supply, int interval);

/// What the caller knows was acknowledged by now; kept with each image.
void power_acknowledge(power_supply *supply, int64_t mark);

int power_image_count(power_supply *supply);
int64_t power_image_mark(power_supply *supply, int image);

/// Planted: xSync of watched files does nothing and succeeds.
void power_plant_lost_syncs(power_supply *supply, int is_planted);

/// Planted: a connection that asks for synchronous=FULL gets synchronous=NORMAL.
void power_plant_normal(power_supply *supply, int is_planted);

#endif
