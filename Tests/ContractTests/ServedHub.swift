import EdgeStore
import EdgeSync
import Foundation
import HubAPI
import HubDomain
import Logging
import ServiceLifecycle
import ServiceSupport
import TestKit
import WireModel

/// A hub that really listens, with TLS, in this process; and devices that really sync with it over libcurl.
final class ServedHub: Sendable {
    let folder: String
    let hub: Hub
    let url: String
    private let database: TestDatabase
    private let task: Task<Void, any Error>

    init(clock: any TimeSource = SystemClock()) async throws {
        let folder: String = FileManager.default.temporaryDirectory.appending(path: "vultus-contract-\(UUID().uuidString)").path
        self.folder = folder
        database = try TestDatabase()
        let hub = try await Hub.open(directory: folder + "/hub", database: database.location, mayMake: true, clock: clock, passwords: .quick)
        self.hub = hub
        _ = try await hub.openTestAccount()
        for api in APIName.all {
            _ = try await hub.setPrice(
                api: api, unitPrice: try Money("0.01", currency: "CNY"), effective: nil,
                lease: LeaseTerms(units: 100, termMilliseconds: 86_400_000, whenExhausted: .refuse, hardLimit: 0), by: .test)
            _ = try await hub.setQuota(account: "Acme", api: api, units: 1_000, by: .test)
        }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let listener = try HubServer(hub: hub, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            .deviceListener(HubServer.Address("127.0.0.1:0")!, names: ["127.0.0.1"]) { continuation.yield($0) }
        task = Task { try await listener.run() }
        var port: Int = 0
        for await opened in ports {
            port = opened
            break
        }
        url = "https://127.0.0.1:\(port)"
    }

    deinit {
        task.cancel()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func token() async throws -> String { try await hub.issueToken(account: "Acme", lifetime: .seconds(60), by: .test).token }

    /// A device's store, joined.
    func device(_ name: String = "edge", clock: any TimeSource = SystemClock()) async throws -> EdgeStore {
        let store = try EdgeStore(directory: folder + "/" + name, clock: clock)
        _ = try await DeviceEnrolment(store: store).join(hub: url, token: try await token(), label: name)
        return store
    }

    func units() async throws -> Int64 {
        try await hub.usage(account: "Acme").reduce(0) { $0 + $1.units }
    }
}

let decision = DecisionDraft(
    api: .search, units: 1,
    record: DecisionRecord(outcome: .unknown, person: nil, score: nil, threshold: 0.5, falseMatchRate: 1e-5, model: "m", refusals: [], overdraft: false))
