#include "CPostgres.h"

static void drop(void *context, const PGresult *result) {
    (void)context;
    (void)result;
}

void vultus_postgres_drop_notices(PGconn *connection) {
    PQsetNoticeReceiver(connection, drop, NULL);
}
