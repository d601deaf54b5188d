import Compression
import Crypto
import CurlTransfer
import EdgeStore
import EdgeSync
import HubClient
import HubDomain
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Compressed syncs, over TLS")
struct CompressionContractTests {
    private static let free = DecisionDraft(api: .search, units: 0, record: decision.record)

    /// One request as any client may send it.
    private static func send(
        _ body: [UInt8], to served: JoinableHub, as store: EdgeStore, headers: [String], acceptsGzip: Bool = false
    ) async throws -> HTTPAnswer {
        try await Sender().send(body, to: served.url, as: try store.identity(), headers: headers, acceptsGzip: acceptsGzip)
    }

    /// Waits for answers on a thread of its own: the hub in this process needs those of the pool.
    private actor Sender {
        private let executor = BlockingExecutor(label: "vultus.test.sender")
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func send(_ body: [UInt8], to url: String, as identity: DeviceIdentity, headers: [String], acceptsGzip: Bool) throws -> HTTPAnswer {
            try CurlTransfer().exchange(
                HTTPExchange(
                    url: url + Routes.sync, body: body, headers: ["Content-Type: application/json"] + headers, userAgent: "test",
                    trust: .authority(Array(identity.authorityPEM.utf8)),
                    credential: TransferCredential(certificate: Array(identity.certificatePEM.utf8), key: Array(identity.key.pemRepresentation.utf8)),
                    timeout: .seconds(30), largestAnswer: 1 << 24, acceptsGzip: acceptsGzip))
        }
    }

    private static func request(_ store: EdgeStore) throws -> [UInt8] {
        let identity: DeviceIdentity = try store.identity()
        let entries: [JournalEntry] = try store.entries(after: 0, epoch: identity.journalEpoch, limit: 100, bytes: 1 << 20)
        let head: JournalHead = entries.last.map { JournalHead(epoch: $0.epoch, seq: $0.seq, hash: $0.hash) }!
        let signature = try identity.key.signature(for: head.signedBytes(device: identity.device))
        return try JSON.bytes(
            SyncRequest(
                agentVersion: "0", head: head, headSignature: Base64(signature.rawRepresentation), entries: entries, leases: [],
                deviceTime: SystemClock().now().wall, hubEpoch: 1))
    }

    @Test("a backlog takes less than a third of its size on the wire, and the report tells how much it took")
    func wireBytes() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        let sync = try HubSync(store: store)
        _ = try await sync.run()
        for _ in 0..<9 { _ = try store.record(Array(repeating: Self.free, count: 100)) }
        let plain: Int = try JSON.bytes(try store.entries(after: 0, epoch: 1, limit: 1_000, bytes: 1 << 24)).count
        let report: SyncReport = try await sync.run()
        #expect(report.accepted >= 900)
        print("NOTICE: \(plain) bytes of journal, \(report.bytesUp) up and \(report.bytesDown) down for \(report.sent) entries")
        #expect(report.bytesUp * 3 < plain)
        #expect(report.bytesUp > 10_000 && report.bytesDown > 500)
    }

    @Test("an agent that compresses nothing is understood, and answered without compression")
    func plain() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        _ = try await HubSync(store: store).run()
        _ = try store.record(Array(repeating: Self.free, count: 20))
        let answer: HTTPAnswer = try await Self.send(try Self.request(store), to: served, as: store, headers: [])
        #expect(answer.status == 200)
        #expect(answer["content-encoding"] == nil)
        #expect(answer["accept-encoding"] == "gzip")
        #expect(try JSON.value(SyncResponse.self, from: answer.body).acknowledgedThrough >= 20)
        // And the other way: asked for, the answer comes compressed, and libcurl has inflated it.
        let again: HTTPAnswer = try await Self.send(
            Gzip.compress(try Self.request(store)), to: served, as: store, headers: ["Content-Encoding: gzip"], acceptsGzip: true)
        #expect(again["content-encoding"] == "gzip")
        #expect(try JSON.value(SyncResponse.self, from: again.body).answers.allSatisfy { $0.outcome == .duplicate })
    }

    @Test("a bomb, a damaged body and an unknown coding are refused, and nothing is taken in")
    func refused() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        _ = try await HubSync(store: store).run()
        let known: Int64? = try await served.hub.devices().first?.journalEntries
        _ = try store.record(Array(repeating: Self.free, count: 20))
        let request: [UInt8] = try Self.request(store)
        func code(_ body: [UInt8], _ coding: String) async throws -> (Int, ProblemCode) {
            let answer: HTTPAnswer = try await Self.send(body, to: served, as: store, headers: ["Content-Encoding: " + coding])
            #expect(answer["accept-encoding"] == "gzip")
            return (answer.status, try JSON.value(Problem.self, from: answer.body).code)
        }
        let bomb: [UInt8] = Gzip.compress(request + [UInt8](repeating: 0x20, count: SyncLimits.bytes))
        #expect(bomb.count < 20_000)
        #expect(try await code(bomb, "gzip") == (413, .bodyTooLarge))
        #expect(try await code(Array(Gzip.compress(request).dropLast(9)), "gzip") == (400, .invalidRequest))
        #expect(try await code(request, "gzip") == (400, .invalidRequest))
        #expect(try await code(request, "br") == (415, .mediaTypeUnsupported))
        #expect(try await served.hub.devices().first?.journalEntries == known)
    }
}
