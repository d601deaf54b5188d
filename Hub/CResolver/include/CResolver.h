#ifndef VULTUS_CRESOLVER_H
#define VULTUS_CRESOLVER_H

#include <stddef.h>
#include <stdint.h>

enum {
    VULTUS_RESOLVER_BAD_NAME = -1,
    VULTUS_RESOLVER_BAD_SERVER = -2,
    /// No server answered, or one could not say (SERVFAIL): ask again later.
    VULTUS_RESOLVER_TRY_AGAIN = -3,
    /// The server refused, or its answer is no DNS message.
    VULTUS_RESOLVER_REFUSED = -4,
    VULTUS_RESOLVER_FAILED = -5,
};

/// Room for every TXT record of the largest DNS message.
#define VULTUS_RESOLVER_CAPACITY 65536

/// Asks for the TXT records of a name; blocks. State is per call, so any thread may call.
///
/// `server` is an IPv4 or IPv6 address, NULL for the servers of /etc/resolv.conf; `port` goes with `server`.
/// Each server gets `attempts` times `seconds`. A truncated answer is asked for again over TCP.
/// Writes each record to `records` as two bytes of length, high one first, and its strings joined.
/// Returns the bytes written, 0 when the name has no such record or does not exist; negative: one of the above.
int vultus_resolver_texts(const char *name, const char *server, uint16_t port, int seconds, int attempts,
                          uint8_t records[VULTUS_RESOLVER_CAPACITY]);

#endif
