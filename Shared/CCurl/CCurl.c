#include "CCurl.h"

// Not <netinet/tcp.h>: glibc's struct tcp_info ends before the byte counts.
#include <linux/tcp.h>
#include <stddef.h>

int vultus_socket_traffic(curl_socket_t socket, uint64_t *sent, uint64_t *received) {
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return 0;
    if (length < offsetof(struct tcp_info, tcpi_bytes_sent) + sizeof info.tcpi_bytes_sent) return 0;
    *sent = info.tcpi_bytes_sent;
    *received = info.tcpi_bytes_received;
    return 1;
}
