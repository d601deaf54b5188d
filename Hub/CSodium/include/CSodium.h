#ifndef VULTUS_CSODIUM_H
#define VULTUS_CSODIUM_H

#include <sodium.h>

#endif
