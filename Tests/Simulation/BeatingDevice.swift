import Compression
import EdgeSync
import HubClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ServiceSupport
import WireModel

/// A device of ``BeatingFleet`` on its own connection, mutual TLS: it says that it is there, waits as long as the hub asks, and says it
/// again. It waits after failures as `vultus-edge` does, and like libcurl it tries once more on a new connection where a kept one is dead.
struct BeatingDevice: Sendable {
    private typealias Channel = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    struct Refused: Error {
        let retryAfter: Duration?
    }

    let index: Int
    let host: String
    let port: Int
    let tls: NIOSSLContext
    /// The request's JSON before and after the time in it.
    let request: (String, String)
    /// Between beats where the hub does not say otherwise.
    let interval: Duration
    let group: any EventLoopGroup
    let tally: HeartbeatTally

    private static let largestAnswer: Int = 1 << 20

    /// Until cancelled.
    func beat(after delay: Duration) async {
        var plan = ContactPlan()
        var random = SystemRandomNumberGenerator()
        var due: ContinuousClock.Instant = .now + delay
        while !Task.isCancelled {
            var isFresh: Bool = true
            do {
                try await Task.sleep(until: due, tolerance: .zero)
                try await connected { channel in
                    var answers = channel.inbound.makeAsyncIterator()
                    while true {
                        let next: Duration? = try await exchange(channel.outbound) { try await answers.next() }
                        isFresh = false
                        tally.answered(index, after: .now - due)
                        due = .now + plan.wait(after: .synced(next: next, bytes: 0), interval: interval, using: &random)
                        try await Task.sleep(until: due, tolerance: .zero)
                    }
                }
            } catch {
                guard !Task.isCancelled, isFresh else { continue }
                tally.failed()
                due = .now + plan.wait(after: .failed(notBefore: (error as? Refused)?.retryAfter), interval: interval, using: &random)
            }
        }
    }

    private func connected(_ body: (NIOAsyncChannelPair) async throws -> Void) async throws {
        let channel: Channel = try await ClientBootstrap(group: group).connectTimeout(.seconds(30)).connect(host: host, port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(try NIOSSLClientHandler(context: tls, serverHostname: nil))
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                return try Channel(wrappingChannelSynchronously: channel)
            }
        }
        try await channel.executeThenClose { inbound, outbound in try await body(NIOAsyncChannelPair(inbound: inbound, outbound: outbound)) }
    }

    private struct NIOAsyncChannelPair {
        let inbound: NIOAsyncChannelInboundStream<HTTPClientResponsePart>
        let outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    }

    /// - Returns: when the hub wants to hear of this device again.
    private func exchange(
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>, next: () async throws -> HTTPClientResponsePart?
    ) async throws -> Duration? {
        let now: String = try JSON.text(SystemClock().now().wall)
        let body: [UInt8] = Gzip.compress([UInt8]((request.0 + now + request.1).utf8))
        let headers: HTTPHeaders = [
            "Host": "\(host):\(port)", "Content-Type": "application/json", "Content-Encoding": "gzip", "Accept-Encoding": "gzip",
            "Content-Length": "\(body.count)",
        ]
        try await outbound.write(.head(HTTPRequestHead(version: .http1_1, method: .POST, uri: Routes.sync, headers: headers)))
        try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: body))))
        try await outbound.write(.end(nil))
        var (head, answer): (HTTPResponseHead?, [UInt8]) = (nil, [])
        while true {
            switch try await next() {
            case .head(let found): head = found
            case .body(let bytes): answer.append(contentsOf: bytes.readableBytesView)
            case .end:
                guard head?.status == .ok else { throw Refused(retryAfter: head?.headers.first(name: "Retry-After").flatMap(Int.init).map { .seconds($0) }) }
                if head?.headers.first(name: "Content-Encoding") == "gzip" { answer = try Gzip.inflate(answer, limit: Self.largestAnswer) }
                return try JSON.value(SyncResponse.self, from: answer).nextContactMilliseconds.map { .milliseconds($0) }
            case nil: throw ChannelError.eof
            }
        }
    }
}
