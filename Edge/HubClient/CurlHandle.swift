import CCurl

/// The answer of one HTTP exchange.
struct HTTPAnswer {
    let status: Int
    let body: [UInt8]
}

/// What a TLS connection presents and believes.
struct TLSMaterial: Sendable {
    enum Trust: Sendable {
        /// PEM of the one authority believed.
        case authority([UInt8])
        /// Nothing is believed: for fetching what is then checked by its fingerprint.
        case nothingYet
    }
    let trust: Trust
    /// Client certificate and key, PEM.
    let client: (certificate: [UInt8], key: [UInt8])?
}

/// Owns one libcurl easy handle, which keeps its connection open between exchanges (HTTP/1.1 keep-alive).
struct CurlHandle: ~Copyable {
    /// curl_global_init is not thread-safe and must come first; a global is initialised once.
    private static let globalResult: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    /// A hub's answer is small; what is larger is not from a hub.
    private static let largestAnswer: Int = 16 * 1024 * 1024

    private let pointer: OpaquePointer

    init() throws(HubClientError) {
        guard Self.globalResult == CURLE_OK, let handle = curl_easy_init() else {
            throw .library(code: Self.globalResult.rawValue, reason: "cannot start")
        }
        pointer = OpaquePointer(handle)
    }

    deinit { curl_easy_cleanup(UnsafeMutableRawPointer(pointer)) }

    /// Performs one exchange. Blocks for up to `timeout`.
    /// - Parameter body: sent with POST and `contentType`; `nil` makes a GET.
    func exchange(_ url: String, hub: String, body: [UInt8]?, tls: TLSMaterial, timeout: Duration) throws(HubClientError) -> HTTPAnswer {
        let handle = UnsafeMutableRawPointer(pointer)
        curl_easy_reset(handle)
        let received = Received(limit: Self.largestAnswer)
        var reason = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        var headers: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(headers) }
        for header in ["Content-Type: application/json", "Accept: application/json, application/problem+json", "Expect:"] {
            headers = curl_slist_append(headers, header)
        }
        vultus_curl_set_text(handle, CURLOPT_URL, url)
        vultus_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "https")
        vultus_curl_set_text(handle, CURLOPT_USERAGENT, "vultus-edge")
        // libcurl 7.88 over HTTP/2 to SwiftNIO is cut off after 201 requests (GOAWAY 11); HTTP/1.1 is not.
        vultus_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        vultus_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        vultus_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, 5_000)
        vultus_curl_set_long(handle, CURLOPT_TIMEOUT_MS, Int(timeout / .milliseconds(1)))
        vultus_curl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        vultus_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
        apply(tls, to: handle)
        if let body {
            vultus_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, body.count)
            body.withUnsafeBytes { _ = vultus_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
        }
        vultus_curl_set_writer(
            handle,
            { bytes, size, count, context in
                let received = Unmanaged<Received>.fromOpaque(context!).takeUnretainedValue()
                return received.append(UnsafeRawBufferPointer(start: bytes, count: size * count))
            }, Unmanaged.passUnretained(received).toOpaque())

        let code: CURLcode = reason.withUnsafeMutableBufferPointer { buffer in
            vultus_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, buffer.baseAddress)
            let code: CURLcode = withExtendedLifetime(received) { curl_easy_perform(handle) }
            vultus_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil)
            return code
        }
        guard code == CURLE_OK else { throw Self.fault(code, Self.text(reason), hub: hub) }
        return HTTPAnswer(status: vultus_curl_status(handle), body: received.bytes)
    }

    private func apply(_ tls: TLSMaterial, to handle: UnsafeMutableRawPointer) {
        switch tls.trust {
        case .authority(let pem):
            vultus_curl_set_blob(handle, CURLOPT_CAINFO_BLOB, pem, pem.count)
        case .nothingYet:
            vultus_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 0)
            vultus_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 0)
        }
        guard let client = tls.client else { return }
        vultus_curl_set_text(handle, CURLOPT_SSLCERTTYPE, "PEM")
        vultus_curl_set_blob(handle, CURLOPT_SSLCERT_BLOB, client.certificate, client.certificate.count)
        vultus_curl_set_text(handle, CURLOPT_SSLKEYTYPE, "PEM")
        vultus_curl_set_blob(handle, CURLOPT_SSLKEY_BLOB, client.key, client.key.count)
    }

    private static func text(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func fault(_ code: CURLcode, _ reason: String, hub: String) -> HubClientError {
        switch code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return .unreachable(hub: hub, reason: reason)
        case CURLE_OPERATION_TIMEDOUT:
            return .timedOut(hub: hub)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            return .untrusted(hub: hub, reason: reason)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            return .badAddress(hub)
        case CURLE_SSL_CONNECT_ERROR, CURLE_RECV_ERROR, CURLE_SEND_ERROR:
            // Under TLS 1.3 a refused client certificate shows as an alert on the first read.
            if reason.contains("alert") { return .certificateRefused(hub: hub) }
            return .unreachable(hub: hub, reason: reason)
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE:
            return .unreachable(hub: hub, reason: "the connection was cut")
        case CURLE_WRITE_ERROR:
            return .misbehaved(hub: hub, status: 0, what: "an answer of more than \(largestAnswer) bytes")
        default:
            return .library(code: code.rawValue, reason: reason)
        }
    }
}

/// Collects an answer's body up to a limit.
private final class Received {
    private(set) var bytes: [UInt8] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// - Returns: the bytes taken; fewer than given stops the transfer.
    func append(_ part: UnsafeRawBufferPointer) -> Int {
        guard bytes.count + part.count <= limit else { return 0 }
        bytes.append(contentsOf: part)
        return part.count
    }
}
