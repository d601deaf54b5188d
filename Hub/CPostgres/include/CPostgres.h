#ifndef VULTUS_CPOSTGRES_H
#define VULTUS_CPOSTGRES_H

// Debian keeps libpq's headers in a folder of their own, which is not on the compiler's path.
#include <postgresql/libpq-fe.h>

/// Drops what the server says besides its answers: libpq would print it on standard error, and a notice may quote values.
void vultus_postgres_drop_notices(PGconn *connection);

#endif
