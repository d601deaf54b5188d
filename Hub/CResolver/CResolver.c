#include "CResolver.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

static int use_server(res_state state, const char *server, uint16_t port) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    state->nscount = 1;
    if (inet_pton(AF_INET, server, &v4.sin_addr) == 1) {
        state->nsaddr_list[0] = v4;
        return 0;
    }
    if (inet_pton(AF_INET6, server, &v6.sin6_addr) != 1) return -1;
    // glibc takes an IPv6 server from here when the family in nsaddr_list is 0 (resolv/res_send.c, __res_context_send);
    // res_nclose frees it.
    state->nsaddr_list[0].sin_family = 0;
    if (!state->_u._ext.nsaddrs[0]) state->_u._ext.nsaddrs[0] = malloc(sizeof v6);
    if (!state->_u._ext.nsaddrs[0]) return -1;
    *state->_u._ext.nsaddrs[0] = v6;
    state->_u._ext.nssocks[0] = -1;
    state->_u._ext.nscount = 1;
    return 0;
}

/// Joins the strings of one record's data. Returns the bytes written, -1 when the data is no TXT record.
static int join(const uint8_t *data, size_t size, uint8_t *out) {
    size_t at = 0;
    int written = 0;
    while (at < size) {
        size_t length = data[at++];
        if (length > size - at) return -1;
        memcpy(out + written, data + at, length);
        written += (int)length;
        at += length;
    }
    return written;
}

static int collect(const uint8_t *answer, int size, uint8_t *records) {
    ns_msg message;
    if (ns_initparse(answer, size, &message) < 0) return VULTUS_RESOLVER_REFUSED;
    // A record's data is never longer in `records` than in the message: its header there has more than two bytes.
    int written = 0;
    for (int i = 0; i < ns_msg_count(message, ns_s_an); i++) {
        ns_rr record;
        if (ns_parserr(&message, ns_s_an, i, &record) < 0) return VULTUS_RESOLVER_REFUSED;
        if (ns_rr_type(record) != ns_t_txt || ns_rr_class(record) != ns_c_in) continue;
        int length = join(ns_rr_rdata(record), ns_rr_rdlen(record), records + written + 2);
        if (length < 0) return VULTUS_RESOLVER_REFUSED;
        records[written] = (uint8_t)(length >> 8);
        records[written + 1] = (uint8_t)length;
        written += 2 + length;
    }
    return written;
}

static int failure(int cause) {
    switch (cause) {
    case HOST_NOT_FOUND:
    case NO_DATA:
        return 0;
    case TRY_AGAIN:
        return VULTUS_RESOLVER_TRY_AGAIN;
    default:
        return VULTUS_RESOLVER_REFUSED;
    }
}

int vultus_resolver_texts(const char *name, const char *server, uint16_t port, int seconds, int attempts,
                          uint8_t records[VULTUS_RESOLVER_CAPACITY]) {
    unsigned char encoded[NS_MAXCDNAME];
    if (ns_name_pton(name, encoded, sizeof encoded) < 0) return VULTUS_RESOLVER_BAD_NAME;
    struct __res_state state;
    memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0) return VULTUS_RESOLVER_FAILED;
    int result = VULTUS_RESOLVER_FAILED;
    uint8_t *answer = malloc(NS_MAXMSG);
    state.retrans = seconds;
    state.retry = attempts;
    if (server && use_server(&state, server, port) != 0) {
        result = VULTUS_RESOLVER_BAD_SERVER;
    } else if (answer) {
        int size = res_nquery(&state, name, ns_c_in, ns_t_txt, answer, NS_MAXMSG);
        if (size > NS_MAXMSG) size = NS_MAXMSG;
        result = size < 0 ? failure(state.res_h_errno) : collect(answer, size, records);
    }
    free(answer);
    res_nclose(&state);
    return result;
}
