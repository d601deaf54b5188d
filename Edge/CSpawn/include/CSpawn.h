#ifndef VULTUS_CSPAWN_H
#define VULTUS_CSPAWN_H

#include <spawn.h>

/// Has the new process close every descriptor from `first` on: glibc's own (2.34), behind a macro that Swift's importer does not set.
int vultus_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

#endif
