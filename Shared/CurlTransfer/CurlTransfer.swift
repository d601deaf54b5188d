import CCurl

/// Owns one libcurl easy handle, which keeps its connection open between exchanges. Every call blocks its thread.
package struct CurlTransfer: ~Copyable {
    /// curl_global_init is not thread-safe and must come first; a global is initialised once.
    private static let globalResult: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    private let pointer: OpaquePointer
    private let meter = TrafficMeter()

    /// What all exchanges of this handle have carried, connections that failed included.
    package var traffic: TransferTraffic { meter.total }

    package init() throws(CurlTransferError) {
        guard Self.globalResult == CURLE_OK, let handle = curl_easy_init() else {
            throw .library(code: Self.globalResult.rawValue, reason: "cannot start")
        }
        pointer = OpaquePointer(handle)
    }

    deinit { curl_easy_cleanup(UnsafeMutableRawPointer(pointer)) }

    /// The handle with nothing set but what every transfer has.
    func fresh(url: String, protocols: String, timeout: Duration, trust: TransferTrust) -> UnsafeMutableRawPointer {
        let handle = UnsafeMutableRawPointer(pointer)
        curl_easy_reset(handle)
        meter.watch(handle)
        vultus_curl_set_text(handle, CURLOPT_URL, url)
        vultus_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, protocols)
        vultus_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        vultus_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        vultus_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, 5_000)
        vultus_curl_set_long(handle, CURLOPT_TIMEOUT_MS, Int(timeout / .milliseconds(1)))
        vultus_curl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        switch trust {
        case .system:
            break
        case .authority(let pem):
            vultus_curl_set_blob(handle, CURLOPT_CAINFO_BLOB, pem, pem.count)
            Self.forgetSystemAuthorities(handle)
        case .file(let path):
            vultus_curl_set_text(handle, CURLOPT_CAINFO, path)
            Self.forgetSystemAuthorities(handle)
        case .nothingYet:
            vultus_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 0)
            vultus_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 0)
        }
        return handle
    }

    /// Debian's libcurl also has a default CURLOPT_CAPATH (/etc/ssl/certs), which CURLOPT_CAINFO does not replace.
    private static func forgetSystemAuthorities(_ handle: UnsafeMutableRawPointer) {
        vultus_curl_set_text(handle, CURLOPT_CAPATH, nil)
    }

    /// - Returns: libcurl's verdict, and its words for it.
    func perform(_ handle: UnsafeMutableRawPointer) -> (code: CURLcode, reason: String) {
        var buffer = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        let code: CURLcode = buffer.withUnsafeMutableBufferPointer { buffer in
            vultus_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, buffer.baseAddress)
            let code: CURLcode = curl_easy_perform(handle)
            vultus_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil)
            meter.read(vultus_curl_socket(handle))
            return code
        }
        var reason: String = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if reason.isEmpty, code != CURLE_OK { reason = String(cString: curl_easy_strerror(code)) }
        return (code, reason)
    }

    /// The faults that mean the same in every protocol.
    static func fault(_ code: CURLcode, _ reason: String) -> CurlTransferError {
        switch code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return .couldNotConnect(reason: reason)
        case CURLE_OPERATION_TIMEDOUT:
            return .timedOut
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            return .untrusted(reason: reason)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            return .badAddress
        case CURLE_SSL_CONNECT_ERROR, CURLE_RECV_ERROR, CURLE_SEND_ERROR:
            // Under TLS 1.3 a refused client certificate shows as an alert on the first read.
            return reason.contains("alert") ? .clientCertificateRefused : .cut(reason: reason)
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE:
            return .cut(reason: "the connection was cut")
        default:
            return .library(code: code.rawValue, reason: reason)
        }
    }
}
