import Compression
import Crypto
import CurlTransfer
import ServiceSupport
import SwiftASN1
import WireModel
import X509

/// What a device proves itself with.
package struct ClientCredential: Sendable {
    package let certificatePEM: String
    package let keyPEM: String

    package init(certificatePEM: String, keyPEM: String) {
        self.certificatePEM = certificatePEM
        self.keyPEM = keyPEM
    }
}

/// The hub as seen from a device: a few calls over libcurl, each one HTTP/1.1 exchange on a kept connection.
package actor HubClient {
    /// A hub's answer is small; what is larger is not from a hub.
    private static let largestAnswer: Int = 16 * 1024 * 1024

    private let executor = BlockingExecutor(label: "vultus.hub-client")
    let hub: String
    private let transfer: CurlTransfer
    private let timeout: Duration
    /// Whether this hub turned out to take no compressed requests (Vultus 0.1).
    private var isPlain: Bool = false
    /// A request smaller than this gains nothing.
    private static let smallestCompressed: Int = 512

    /// Everything this client has sent and received, in bytes on the wire.
    package var traffic: TransferTraffic { transfer.traffic }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter hub: `https://host[:port]`, without a path.
    package init(hub: String, timeout: Duration = .seconds(30)) throws(HubClientError) {
        let trimmed: String = hub.hasSuffix("/") ? String(hub.dropLast()) : hub
        let host: Substring = trimmed.dropFirst("https://".count)
        guard trimmed.hasPrefix("https://"), !host.isEmpty, !host.contains(where: { "/?#@ ".contains($0) }) else { throw .badAddress(hub) }
        self.hub = trimmed
        self.timeout = timeout
        do { transfer = try CurlTransfer() } catch { throw HubClientError(error, hub: trimmed) }
    }

    /// Fetches the hub's authority over a connection that is not trusted yet, and believes it only if it is the one
    /// that is named: by the join token, or at the device.
    /// - Returns: PEM.
    package func authority(fingerprint: String) throws(HubClientError) -> String {
        let answer: HTTPAnswer = try exchange(Routes.authority, body: nil, trust: .nothingYet)
        let pem: String = String(decoding: answer.body, as: UTF8.self)
        guard answer.status == 200, let certificate = try? Certificate(pemEncoded: pem), let der = try? certificate.serializeAsPEM().derBytes else {
            throw .misbehaved(hub: hub, status: answer.status, what: "no authority certificate")
        }
        let found: String = SHA256.hash(data: der).hexadecimal
        guard found == fingerprint else { throw .wrongAuthority(hub: hub, expected: fingerprint, found: found) }
        return pem
    }

    /// Exchanges a token and a signing request for a certificate.
    package func enrol(_ request: EnrolmentRequest, authorityPEM: String) throws(HubClientError) -> EnrolmentResponse {
        try post(Routes.enrol, request, trust: .authority(Array(authorityPEM.utf8)))
    }

    /// Asks, without a token, to be taken in.
    package func wait(_ request: WaitingRequest, authorityPEM: String) throws(HubClientError) -> WaitingAnswer {
        try post(Routes.waiting, request, trust: .authority(Array(authorityPEM.utf8)))
    }

    /// Another certificate for the key that signs the request.
    package func renewCertificate(_ request: CertificateRequest, authorityPEM: String) throws(HubClientError) -> CertificateAnswer {
        try post(Routes.certificate, request, trust: .authority(Array(authorityPEM.utf8)))
    }

    /// The one round trip of a sync, with mutual TLS.
    package func sync(_ request: SyncRequest, authorityPEM: String, credential: ClientCredential) throws(HubClientError) -> SyncResponse {
        let mutual = TransferCredential(certificate: Array(credential.certificatePEM.utf8), key: Array(credential.keyPEM.utf8))
        return try post(Routes.sync, request, trust: .authority(Array(authorityPEM.utf8)), credential: mutual, mayCompress: true)
    }

    /// Whether the hub answers on a trusted connection.
    package func checkHealth(authorityPEM: String) throws(HubClientError) {
        let answer: HTTPAnswer = try exchange(Routes.health, body: nil, trust: .authority(Array(authorityPEM.utf8)))
        guard answer.status == 200 else { throw .misbehaved(hub: hub, status: answer.status, what: "the hub is not healthy") }
    }

    private func post<Answer: Decodable>(
        _ path: String, _ request: some Encodable, trust: TransferTrust, credential: TransferCredential? = nil, mayCompress: Bool = false
    ) throws(HubClientError) -> Answer {
        guard let body = try? JSON.bytes(request) else { throw .library(code: 0, reason: "the request cannot be written") }
        let isCompressed: Bool = mayCompress && !isPlain && body.count >= Self.smallestCompressed
        var answer: HTTPAnswer = try exchange(
            path, body: isCompressed ? Gzip.compress(body) : body, trust: trust, credential: credential, isCompressed: isCompressed,
            acceptsGzip: mayCompress)
        if isCompressed, [400, 415].contains(answer.status), !(answer["accept-encoding"] ?? "").contains("gzip") {
            // A hub that takes gzip says so with every answer (RFC 7694); this one may just not have understood.
            answer = try exchange(path, body: body, trust: trust, credential: credential, acceptsGzip: mayCompress)
            isPlain = (200..<300).contains(answer.status)
        }
        guard (200..<300).contains(answer.status) else { throw refusal(answer) }
        guard let value = try? JSON.value(Answer.self, from: answer.body) else {
            throw .misbehaved(hub: hub, status: answer.status, what: "not the answer of this protocol")
        }
        return value
    }

    func refusal(_ answer: HTTPAnswer) -> HubClientError {
        let problem: Problem? = try? JSON.value(Problem.self, from: answer.body)
        if [429, 503].contains(answer.status), let wait = answer["retry-after"].flatMap({ RetryAfter($0, answeredAt: answer["date"]) }) {
            let unknown = Problem(.overloaded, "The hub is not ready.", detail: "\(hub): HTTP \(answer.status)", remedy: "Sync again later; nothing was lost.")
            return .askedToWait(problem ?? unknown, wait.duration)
        }
        return problem.map { .declined($0) } ?? .misbehaved(hub: hub, status: answer.status, what: "no reason given")
    }

    func exchange(
        _ path: String, body: [UInt8]?, trust: TransferTrust, credential: TransferCredential? = nil, isCompressed: Bool = false, acceptsGzip: Bool = false,
        headers: [String] = []
    ) throws(HubClientError) -> HTTPAnswer {
        let request = HTTPExchange(
            url: hub + path, body: body,
            headers: ["Content-Type: application/json", "Accept: application/json, application/problem+json"]
                + (isCompressed ? ["Content-Encoding: gzip"] : []) + headers,
            userAgent: "vultus-edge", trust: trust, credential: credential, timeout: timeout, largestAnswer: Self.largestAnswer, acceptsGzip: acceptsGzip)
        do { return try transfer.exchange(request) } catch { throw HubClientError(error, hub: hub) }
    }
}
