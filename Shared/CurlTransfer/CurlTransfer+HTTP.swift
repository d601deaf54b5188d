import CCurl

/// One HTTP request, over https only.
package struct HTTPExchange: Sendable {
    package var url: String
    /// `nil` is GET, or POST where there is a body.
    package var method: String?
    package var body: [UInt8]?
    /// `Name: value`.
    package var headers: [String]
    package var userAgent: String
    package var trust: TransferTrust
    package var credential: TransferCredential?
    /// For all of it.
    package var timeout: Duration
    /// Bytes of the answer's body.
    package var largestAnswer: Int
    /// For addresses that strangers name: connects to nothing but public addresses, directly, on a connection of its own.
    package var refusesPrivateAddresses: Bool
    /// Asks for a compressed answer. ``largestAnswer`` is of what it inflates to.
    package var acceptsGzip: Bool

    package init(
        url: String, method: String? = nil, body: [UInt8]? = nil, headers: [String] = [], userAgent: String, trust: TransferTrust,
        credential: TransferCredential? = nil,
        timeout: Duration, largestAnswer: Int, refusesPrivateAddresses: Bool = false, acceptsGzip: Bool = false
    ) {
        self.url = url
        self.method = method
        self.body = body
        self.headers = headers
        self.userAgent = userAgent
        self.trust = trust
        self.credential = credential
        self.timeout = timeout
        self.largestAnswer = largestAnswer
        self.refusesPrivateAddresses = refusesPrivateAddresses
        self.acceptsGzip = acceptsGzip
    }
}

/// The answer of one HTTP exchange.
package struct HTTPAnswer: Sendable {
    package let status: Int
    /// In order; names in lower case.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    /// The first value of a header.
    /// - Parameter name: in lower case.
    package subscript(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

extension CurlTransfer {
    /// Performs one exchange on a kept connection; follows no redirect. Blocks for up to its timeout.
    package func exchange(_ request: HTTPExchange) throws(CurlTransferError) -> HTTPAnswer {
        let handle: UnsafeMutableRawPointer = fresh(url: request.url, protocols: "https", timeout: request.timeout, trust: request.trust)
        var headers: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(headers) }
        for header in request.headers + ["Expect:"] { headers = curl_slist_append(headers, header) }
        vultus_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
        vultus_curl_set_text(handle, CURLOPT_USERAGENT, request.userAgent)
        // libcurl 7.88 over HTTP/2 to SwiftNIO is cut off after 201 requests (GOAWAY 11); HTTP/1.1 is not.
        vultus_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        if let credential = request.credential {
            vultus_curl_set_text(handle, CURLOPT_SSLCERTTYPE, "PEM")
            vultus_curl_set_blob(handle, CURLOPT_SSLCERT_BLOB, credential.certificate, credential.certificate.count)
            vultus_curl_set_text(handle, CURLOPT_SSLKEYTYPE, "PEM")
            vultus_curl_set_blob(handle, CURLOPT_SSLKEY_BLOB, credential.key, credential.key.count)
        }
        if let body = request.body {
            vultus_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, body.count)
            body.withUnsafeBytes { _ = vultus_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
        }
        if request.acceptsGzip { vultus_curl_set_text(handle, CURLOPT_ACCEPT_ENCODING, "gzip") }
        if let method = request.method { vultus_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, method) }
        let received = Received(limit: request.largestAnswer)
        vultus_curl_set_writer(
            handle,
            { bytes, size, count, context in
                let received = Unmanaged<Received>.fromOpaque(context!).takeUnretainedValue()
                return received.append(UnsafeRawBufferPointer(start: bytes, count: size * count))
            }, Unmanaged.passUnretained(received).toOpaque())
        vultus_curl_set_header_writer(
            handle,
            { bytes, size, count, context in
                let received = Unmanaged<Received>.fromOpaque(context!).takeUnretainedValue()
                return received.appendHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
            }, Unmanaged.passUnretained(received).toOpaque())
        let gate = AddressGate()
        if request.refusesPrivateAddresses { gate.guardConnections(of: handle) }

        let (code, reason) = withExtendedLifetime((received, gate)) { perform(handle) }
        if code == CURLE_OK { return HTTPAnswer(status: vultus_curl_status(handle), headers: received.headers, body: received.bytes) }
        if let address = gate.refusedAll { throw .forbiddenAddress(address) }
        if code == CURLE_WRITE_ERROR { throw .tooLarge(limit: request.largestAnswer) }
        throw Self.fault(code, reason)
    }
}

/// Collects an answer's headers, and its body up to a limit.
private final class Received {
    private(set) var bytes: [UInt8] = []
    private(set) var headers: [(name: String, value: String)] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// - Returns: the bytes taken; fewer than given stops the transfer.
    func append(_ part: UnsafeRawBufferPointer) -> Int {
        guard bytes.count + part.count <= limit else { return 0 }
        bytes.append(contentsOf: part)
        return part.count
    }

    /// One line of the head. A status line begins a head anew: an interim answer's headers do not count.
    func appendHeader(_ line: UnsafeRawBufferPointer) -> Int {
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            headers = []
        } else if let colon = text.firstIndex(of: ":") {
            let value: Substring = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            headers.append((text[..<colon].lowercased(), String(value.prefix { !$0.isNewline })))
        }
        return line.count
    }
}
