#ifndef VULTUS_CCURL_H
#define VULTUS_CCURL_H

#include <curl/curl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift does not import: one typed function for each
// kind of argument used.

static inline CURLcode vultus_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode vultus_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode vultus_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

/// Copies the bytes into the handle.
static inline CURLcode vultus_curl_set_blob(CURL *handle, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return curl_easy_setopt(handle, option, &blob);
}

typedef size_t (*vultus_curl_writer)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode vultus_curl_set_writer(CURL *handle, vultus_curl_writer writer, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, writer);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}

/// Like the writer, for each header line; for SMTP, each line of each reply.
static inline CURLcode vultus_curl_set_header_writer(CURL *handle, vultus_curl_writer writer, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, writer);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
}

static inline CURLcode vultus_curl_set_reader(CURL *handle, vultus_curl_writer reader, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, reader);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_READDATA, context);
}

typedef curl_socket_t (*vultus_curl_socket_opener)(void *context, curlsocktype purpose, struct curl_sockaddr *address);

static inline CURLcode vultus_curl_set_socket_opener(CURL *handle, vultus_curl_socket_opener opener, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, opener);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, context);
}

/// Copies the IP address about to be connected to `bytes`.
/// Returns 4 or 16, the bytes written; 0 for an address of another kind.
static inline size_t vultus_curl_address(const struct curl_sockaddr *address, unsigned char bytes[16]) {
    if (address->family == AF_INET) {
        memcpy(bytes, &((const struct sockaddr_in *)&address->addr)->sin_addr, 4);
        return 4;
    }
    if (address->family == AF_INET6) {
        memcpy(bytes, &((const struct sockaddr_in6 *)&address->addr)->sin6_addr, 16);
        return 16;
    }
    return 0;
}

typedef int (*vultus_curl_socket_closer)(void *context, curl_socket_t socket);

static inline CURLcode vultus_curl_set_socket_closer(CURL *handle, vultus_curl_socket_closer closer, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, closer);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_CLOSESOCKETDATA, context);
}

/// The socket of the connection kept; CURL_SOCKET_BAD when there is none.
static inline curl_socket_t vultus_curl_socket(CURL *handle) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &socket);
    return socket;
}

/// What a TCP connection has carried so far, as the kernel counts it: TLS, handshake and repetitions included, IP and TCP
/// headers not.
/// Returns 0 where the kernel does not count (before Linux 4.19), or the socket is none of TCP.
int vultus_socket_traffic(curl_socket_t socket, uint64_t *sent, uint64_t *received);

static inline long vultus_curl_status(CURL *handle) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

#endif
