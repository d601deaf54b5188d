import CurlTransfer
import ServiceSupport
import WireModel

/// Posts to endpoints with libcurl, several at once, each on a thread of its own.
package struct HTTPSWebhooks: WebhookTransport {
    private let lanes: [Lane]

    /// - Parameters:
    ///   - allowPrivateAddresses: whether endpoints may be in private networks. Whoever may name endpoints can then reach them.
    ///   - caFile: PEM of the only authorities believed; `nil` for the system's.
    ///   - timeout: of one message, from the first byte to the last of the answer.
    ///   - lanes: messages under way at most.
    package init(allowPrivateAddresses: Bool = false, caFile: String? = nil, timeout: Duration = .seconds(15), lanes: Int = 4) throws(Problem) {
        var made: [Lane] = []
        for number in 0..<lanes {
            do {
                made.append(
                    try Lane(number, trust: caFile.map { .file($0) } ?? .system, refusesPrivateAddresses: !allowPrivateAddresses, timeout: timeout))
            } catch {
                throw Problem(.internalFault, "The network library failed.", remedy: "Run `vultus-hub doctor` and report its output.")
            }
        }
        self.lanes = made
    }

    package func post(_ message: WebhookPost) async throws(WebhookTransportError) -> WebhookReply {
        // The same address takes the same lane, so that one that does not answer holds up its own messages first.
        let place: Int = message.url.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
        return try await lanes[place % lanes.count].post(message)
    }
}

private actor Lane {
    private static let largestAnswer: Int = 65_536

    private let executor: BlockingExecutor
    private let transfer: CurlTransfer
    private let trust: TransferTrust
    private let refusesPrivateAddresses: Bool
    private let timeout: Duration

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ number: Int, trust: TransferTrust, refusesPrivateAddresses: Bool, timeout: Duration) throws(CurlTransferError) {
        executor = BlockingExecutor(label: "vultus.webhooks.\(number)")
        transfer = try CurlTransfer()
        self.trust = trust
        self.refusesPrivateAddresses = refusesPrivateAddresses
        self.timeout = timeout
    }

    func post(_ message: WebhookPost) throws(WebhookTransportError) -> WebhookReply {
        let answer: HTTPAnswer
        do {
            answer = try transfer.exchange(
                HTTPExchange(
                    url: message.url, method: "POST", body: message.body, headers: message.headers, userAgent: "vultus-hub", trust: trust, timeout: timeout,
                    largestAnswer: Self.largestAnswer, refusesPrivateAddresses: refusesPrivateAddresses))
        } catch {
            switch error {
            case .couldNotConnect: throw .noConnection
            case .timedOut: throw .timedOut
            case .untrusted: throw .untrusted
            case .badAddress: throw .badAddress
            case .tooLarge: throw .answerTooLarge
            case .forbiddenAddress: throw .forbiddenAddress
            case .clientCertificateRefused, .cut, .refused, .sessionRefused, .notOffered, .library: throw .cut
            }
        }
        return WebhookReply(status: answer.status, retryAfter: answer["retry-after"].flatMap(Int64.init).flatMap { $0 >= 0 ? $0 : nil })
    }
}
